"""Delivery of notices from the outbox into the person's own page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from portal.core.access import Actor
from portal.core.db import db
from portal.notices.models import Notice
from portal.records.outbox import OutboxRow


def deliver_notice(row: OutboxRow, now: datetime) -> None:
    """Put the notice on the person's page; once per outbox row."""
    if db.session.scalars(select(Notice.id).where(Notice.outbox_id == row.id)).first():
        return
    payload: dict[str, Any] = dict(row.payload)
    db.session.add(
        Notice(
            outbox_id=row.id,
            person_id=payload.pop("person_id"),
            kind=payload.pop("kind"),
            subject_kind=row.subject_kind,
            subject_id=row.subject_id,
            payload=payload,
            created_at=now,
        )
    )


def erase(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Delete the person's notices."""
    db.session.execute(delete(Notice).where(Notice.person_id == person_id))
