"""Trainings of a person: recorded with evidence or by an activity attended, revoked, read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.org import queries as org
from portal.people import queries
from portal.people.locks import lock_person
from portal.people.models_training import TrainingRecord
from portal.people.rules_training import valid_until
from portal.records import audit, notes

EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True)
class Held:
    """Which training was held when, how staff know of it, or the shift that gave it."""

    term_id: int
    held_on: date
    evidence: str = ""
    shift_id: int | None = None


def record(person_id: int, held: Held, *, actor: Actor, now: datetime) -> TrainingRecord:
    """Write down that the person was trained on a day; the same twice is one record.

    Raises Refused(`own_record`): nobody vouches for themselves.
    """
    lock_person(person_id)
    if actor.person_id == person_id:
        message = _("自己的培训要由另一位负责人登记。")
        raise Refused(Reason("own_record", message, _("看我的培训"), "/me/trainings"))
    before = _live(person_id, held.term_id, held.held_on)
    if before:
        return before
    row = TrainingRecord(
        person_id=person_id,
        term_id=held.term_id,
        held_on=held.held_on,
        valid_until=valid_until(held.held_on, org.months_of(held.term_id)),
        shift_id=held.shift_id,
        recorded_by_id=actor.person_id,
        recorded_at=now,
    )
    db.session.add(row)
    db.session.flush()
    notes.put(Ref("training", row.id), EVIDENCE, held.evidence, actor=actor, now=now)
    audit.record(
        "training.record", Ref("person", person_id), actor=actor, now=now,
        training=row.id, term=held.term_id,
    )  # fmt: skip
    return row


def revoke(record_id: int, *, actor: Actor, now: datetime) -> TrainingRecord:
    """Take back a record that was wrong; it stays, marked. Twice is harmless."""
    row = cast(TrainingRecord, locked(TrainingRecord, record_id))
    if row.revoked_at is None:
        row.revoked_at, row.revoked_by_id = now, actor.person_id
        audit.record(
            "training.revoke", Ref("person", row.person_id), actor=actor, now=now,
            training=row.id, term=row.term_id,
        )  # fmt: skip
    return row


def join(survivor_id: int, duplicate_id: int, now: datetime) -> None:
    """Let trainings follow when two records become one; the same one twice ends."""
    query = select(TrainingRecord).where(TrainingRecord.person_id == duplicate_id)
    for row in db.session.scalars(query.order_by(TrainingRecord.id)).all():
        if row.revoked_at is None and _live(survivor_id, row.term_id, row.held_on):
            row.revoked_at = now
        row.person_id = survivor_id
        db.session.flush()


def forget(person_id: int) -> None:
    """Delete the words about a person's trainings; what was held when stays, as the law asks."""
    for row in of_person(person_id):
        notes.erase(Ref("training", row.id))


# --- selects -------------------------------------------------------------------------------------


def of_person(person_id: int) -> Sequence[TrainingRecord]:
    """Return all trainings of a person, the newest first, revoked ones included."""
    query = (
        select(TrainingRecord)
        .options(joinedload(TrainingRecord.term))
        .where(TrainingRecord.person_id.in_(queries.selves(person_id)))
    )
    order = (TrainingRecord.held_on.desc(), TrainingRecord.id.desc())
    return db.session.scalars(query.order_by(*order)).all()


def record_by_id(public_id: str) -> TrainingRecord | None:
    """Return the record of a public id."""
    query = select(TrainingRecord).where(TrainingRecord.public_id == public_id)
    return db.session.scalars(query).first()


def given_by(shift_id: int) -> frozenset[int]:
    """Return who has a training by this shift."""
    query = select(TrainingRecord.person_id).where(
        TrainingRecord.shift_id == shift_id, TrainingRecord.revoked_at.is_(None)
    )
    return frozenset(db.session.scalars(query))


def _live(person_id: int, term_id: int, held_on: date) -> TrainingRecord | None:
    query = select(TrainingRecord).where(
        TrainingRecord.person_id == person_id,
        TrainingRecord.term_id == term_id,
        TrainingRecord.held_on == held_on,
        TrainingRecord.revoked_at.is_(None),
    )
    return db.session.scalars(query).first()
