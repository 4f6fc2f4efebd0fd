"""Verbs on notices."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from portal.core.access import Actor
from portal.core.db import db
from portal.core.ref import Ref
from portal.notices.models import Notice
from portal.notices.models_reach import (
    CallOutcome,
    Delivery,
    NoticeCall,
    NoticePreference,
    NoticeReach,
)
from portal.people.queries import selves
from portal.people.queries_family import to_tell_for
from portal.records import audit, outbox


def tell(
    person_id: int,
    kind: str,
    subject: Ref,
    *,
    now: datetime,
    wait: timedelta | None = None,
    recalled_by: Ref | None = None,
    **payload: Any,
) -> None:
    """Tell a person something, after `wait`: a row of the outbox in the running transaction.

    `kind` is one of `texts.NOTICES`; the payload holds ids, numbers and ISO times only. Two of its
    keys are known here: `until`, after which nobody need be told outside the site any more, and
    `starts`, when what is called off or moved would have begun or begins, whichever is first. What
    concerns somebody without an account goes to their family as well, who know `for` whom it is.
    While it waits it can be taken back by `outbox.recall` of what it hangs on: `recalled_by`, else
    the subject.
    """
    told: dict[str, Any] = {"person_id": person_id, "kind": kind, **payload}
    key = recalled_by or subject
    if recalled_by:
        told["about"] = [subject.kind, subject.id]
    outbox.put("notice", key, told, now=now, wait=wait)
    for holder_id in sorted(to_tell_for(person_id)):
        copy = {**told, "person_id": holder_id, "for": person_id}
        outbox.put("notice", key, copy, now=now, wait=wait)


def read(notice_id: int, *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Mark one notice as read. Twice is harmless."""
    unread = update(Notice).where(Notice.id == notice_id, Notice.read_at.is_(None))
    db.session.execute(unread.values(read_at=now))


def read_all(person_id: int, *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Mark the person's notices as read."""
    unread = update(Notice).where(Notice.person_id.in_(selves(person_id)), Notice.read_at.is_(None))
    db.session.execute(unread.values(read_at=now))


def record_call(
    notice_id: int, outcome: CallOutcome, *, actor: Actor, now: datetime, station_id: int
) -> None:
    """Write down how a call about a notice went. Who was told already is not told again."""
    notice = db.session.get_one(Notice, notice_id, with_for_update=True)
    told = db.session.query(NoticeCall).filter_by(notice_id=notice_id, outcome=CallOutcome.TOLD)
    if told.first():
        return
    db.session.add(
        NoticeCall(notice_id=notice_id, outcome=outcome, actor_id=actor.person_id, at=now)
    )
    audit.record(
        "notice.call", Ref("person", notice.person_id), actor=actor, now=now,
        station_id=station_id, outcome=outcome.value,
    )  # fmt: skip


def join(survivor_id: int, duplicate_id: int) -> None:
    """Let the survivor of a merge have the duplicate's notices, and its choices where it has none.

    Only one of the two has an account, so only one has chosen anything that still holds.
    """
    for table in (Notice, Delivery):
        own = update(table).where(table.person_id == duplicate_id)
        db.session.execute(own.values(person_id=survivor_id))
    known = {row.channel for row in _reaches(survivor_id)}
    for row in _reaches(duplicate_id):
        if row.channel in known:
            db.session.delete(row)
        else:
            row.person_id = survivor_id
    other = db.session.get(NoticePreference, duplicate_id)
    if other is None:
        return
    if db.session.get(NoticePreference, survivor_id) is None:
        db.session.execute(
            update(NoticePreference)
            .where(NoticePreference.person_id == duplicate_id)
            .values(person_id=survivor_id)
        )
    else:
        db.session.delete(other)


def erase(person_id: int) -> None:
    """Delete the person's notices, what went out, and what they chose."""
    own = select(Notice.id).where(Notice.person_id == person_id)
    db.session.execute(delete(NoticeCall).where(NoticeCall.notice_id.in_(own)))
    for table in (Delivery, Notice, NoticeReach, NoticePreference):
        db.session.execute(delete(table).where(table.person_id == person_id))


def _reaches(person_id: int) -> list[NoticeReach]:
    return db.session.query(NoticeReach).filter_by(person_id=person_id).all()
