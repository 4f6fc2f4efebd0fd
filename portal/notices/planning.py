"""A notice that leaves the outbox: into the tray always, and on each way outside that was chosen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal.core.db import db
from portal.notices import queries, rules
from portal.notices.models import Notice
from portal.notices.models_reach import Delivery
from portal.notices.senders import channels
from portal.notices.topics import REMINDERS, topic_of
from portal.people import queries as people
from portal.records.outbox import OutboxRow


def put(row: OutboxRow, *, now: datetime) -> None:
    """Write the notice, and a message for each channel.

    Nothing for who wants no reminders, and for who is not on record any more.
    """
    payload: dict[str, Any] = dict(row.payload)
    person_id, kind = people.kept_id(payload.pop("person_id")), payload.pop("kind")
    chosen = queries.preference(person_id)
    unwanted = kind in REMINDERS and not chosen.reminders
    if unwanted or people.person(person_id).erased_at:
        return
    subject_kind, subject_id = payload.pop("about", (row.subject_kind, row.subject_id))
    starts = payload.get("starts")
    notice = Notice(
        outbox_id=row.id,
        person_id=person_id,
        kind=kind,
        subject_kind=subject_kind,
        subject_id=subject_id,
        payload=payload,
        is_urgent=rules.is_urgent(kind, datetime.fromisoformat(starts) if starts else None, now),
        created_at=now,
    )
    db.session.add(notice)
    topic = topic_of(kind)
    open_ones = channels() if topic else ()
    if not open_ones:
        return
    at = rules.may_go_at(now, queries.quiet_hours(chosen), urgent=notice.is_urgent)
    for reach in queries.reaches(person_id):
        if reach.agreed_at and reach.channel in open_ones and topic in reach.topics:
            db.session.flush()
            db.session.add(
                Delivery(
                    person_id=person_id,
                    notice_id=notice.id,
                    channel=reach.channel,
                    created_at=now,
                    not_before=at,
                )
            )
