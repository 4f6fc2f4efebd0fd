"""What others call by name: the tick's work, the check, the legal export, erasure, links, deadlines."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import url_for

from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.core.db import db, write
from portal.corrections import actions, actions_desk, checks, queries
from portal.corrections.models import OPEN, Correction
from portal.corrections.rules import EVIDENCE_KEPT
from portal.org.working_days import Deadline
from portal.records import notes, steps


def due(now: datetime) -> None:
    """Tell who may answer, once, of what waits too long; delete evidence that has had its time."""
    for correction_id in queries.overdue_untold(clock.local_day(now)):
        write(actions_desk.tell_overdue, correction_id, actor=SYSTEM, now=now)
    for correction_id in queries.answered_with_evidence(now - EVIDENCE_KEPT):
        write(actions_desk.forget_evidence, correction_id)


def check() -> list[str]:
    """Return one line for each request that the ledger does not bear out, and the other way round."""
    return checks.check()


def url_correction(id: int) -> str:  # noqa: A002  the hook's form
    """Return where a notice leads the person."""
    row = db.session.get_one(Correction, id)
    return url_for("corrections.my_show", correction=row.public_id)


def export(person_id: int) -> dict[str, Any]:
    """Return what was asked for the person, with its history, for the legal export."""
    return {"corrections": [_exported(row) for row in queries.of_person(person_id)]}


def _exported(row: Correction) -> dict[str, Any]:
    subject = queries.ref(row)
    return {
        "id": row.public_id,
        "kind": row.kind,
        "state": row.state,
        "shift_id": row.shift.public_id if row.shift else None,
        "station": row.station.name,
        "starts_at": clock.local(row.starts_at).isoformat(),
        "ends_at": clock.local(row.ends_at).isoformat(),
        "minutes": row.minutes,
        "on_behalf": row.author_id != row.person_id,
        "due_on": row.due_on.isoformat(),
        "evidence": [one.public_id for one in queries.evidence_of([row.id])],
        "steps": [
            {"at": clock.local(step.at).isoformat(), "verb": step.verb, "to": step.to_state}
            for step in steps.of(subject)
        ],
        "notes": [
            {"at": clock.local(note.at).isoformat(), "kind": note.kind, "text": note.text}
            for note in notes.of(subject)
        ],
    }


def erase(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Delete words and evidence of what was asked for the person; what is open is withdrawn."""
    for row in queries.of_person(person_id):
        if row.state in OPEN:
            actions.withdraw(row.id, actor=actor, now=now)
        actions_desk.forget_evidence(row.id)
        notes.erase(queries.ref(row))


def deadlines(since: date) -> list[Deadline]:
    """Return by when open requests are to be answered: working days after they were sent."""
    return [
        Deadline(row, "due_on", clock.local_day(queries.last_sent(row)))
        for row in queries.open_due_from(since)
    ]
