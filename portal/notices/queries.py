"""Selects over notices."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from portal.core.db import db
from portal.notices.models import Notice
from portal.people.queries import selves


def unread(person_id: int) -> Sequence[Notice]:
    """Return what the person has not read, the newest first."""
    query = select(Notice).where(Notice.person_id.in_(selves(person_id)), Notice.read_at.is_(None))
    return db.session.scalars(query.order_by(Notice.id.desc()).limit(20)).all()
