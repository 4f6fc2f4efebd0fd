"""What others call by name: delivery from the outbox, the legal export, erasure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.notices import actions, addresses, planning, queries
from portal.notices.models import Notice
from portal.notices.models_reach import NoticeReach
from portal.records.outbox import OutboxRow


def deliver_notice(row: OutboxRow, now: datetime) -> None:
    """Put the notice into the person's tray and on its ways outside; once per outbox row."""
    if not db.session.scalars(select(Notice.id).where(Notice.outbox_id == row.id)).first():
        planning.put(row, now=now)


def export(person_id: int) -> dict[str, Any]:
    """Return what the person was told, by which ways, and what they chose, for the legal export."""
    chosen = queries.preference(person_id)
    return {
        "notices": [
            {"kind": row.kind, "at": _time(row.created_at), "read_at": _time(row.read_at)}
            for row in queries.of_person(person_id)
        ],
        "deliveries": [
            {"channel": row.channel, "state": row.state, "at": _time(row.ended_at)}
            for row in queries.deliveries_of(person_id)
        ],
        "notice_choices": {
            "reminders": chosen.reminders,
            "lang": chosen.lang,
            "quiet_from": chosen.quiet_from,
            "quiet_until": chosen.quiet_until,
            "channels": [_channel(row) for row in queries.reaches(person_id)],
        },
    }


def _channel(row: NoticeReach) -> dict[str, Any]:
    sealed = row.address_sealed or row.pending_sealed
    return {
        "channel": row.channel,
        "topics": row.topics,
        "agreed_at": _time(row.agreed_at),
        "address": addresses.unseal(sealed) if sealed else None,
    }


def _time(at: datetime | None) -> str | None:
    return clock.local(at).isoformat() if at else None


def erase(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Delete the person's notices, what went out, and what they chose."""
    actions.erase(person_id)
