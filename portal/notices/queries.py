"""Selects over notices."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Integer, bindparam, select

from portal.core.db import db
from portal.notices.models import Notice
from portal.people.queries import selves

_UNREAD = (
    select(Notice)
    .where(
        Notice.person_id.in_(selves(bindparam("person_id", type_=Integer))),
        Notice.read_at.is_(None),
    )
    .order_by(Notice.id.desc())
    .limit(20)
)


def unread(person_id: int) -> Sequence[Notice]:
    """Return what the person has not read, the newest first."""
    return db.session.scalars(_UNREAD, {"person_id": person_id}).all()
