"""What others call by name: the tick's work, the check, the legal export, erasure, links."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import url_for

from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.core.db import write
from portal.feedback import actions, queries
from portal.feedback.models import Feedback, FeedbackState
from portal.feedback.rules import CONTACT_KEPT, may_withdraw
from portal.org.working_days import Deadline
from portal.records import notes, steps

# What one station told another is theirs, not the person's.
_INTERNAL = {"hand_over"}


def due(now: datetime) -> None:
    """Tell who is to answer, once, of what waits too long; forget whom nobody calls any more."""
    for feedback_id in queries.overdue_untold(clock.local_day(now)):
        write(actions.tell_overdue, feedback_id, actor=SYSTEM, now=now)
    for feedback_id in queries.closed_with_contact(now - CONTACT_KEPT):
        write(actions.forget_contact, feedback_id, actor=SYSTEM, now=now)


def check() -> list[str]:
    """Return one line for each row that is not in the state of its last step."""
    return [
        f"feedback {row_id}: is {state}, its last step led to {step or 'nowhere'}"
        for row_id, state, step in queries.wrong_states()
    ]


def url_feedback(id: int) -> str:  # noqa: A002  the hook's form
    """Return where a notice about feedback leads who filed it."""
    return url_for("feedback.my_index")


def export(person_id: int) -> dict[str, Any]:
    """Return what the person filed, with the answers, for the legal export."""
    return {"feedback": [_exported(row) for row in queries.of_person(person_id)]}


def _exported(row: Feedback) -> dict[str, Any]:
    subject = actions.ref(row)
    return {
        "id": row.public_id,
        "number": row.number,
        "kind": row.kind.code,
        "state": row.state,
        "station": row.about_station.name if row.about_station else None,
        "about_staff": row.about_staff,
        "about": row.about_path or None,
        "due_on": row.due_on.isoformat(),
        "steps": [
            {"at": clock.local(step.at).isoformat(), "verb": step.verb, "to": step.to_state}
            for step in steps.of(subject)
        ],
        "notes": [
            {"at": clock.local(note.at).isoformat(), "kind": note.kind, "text": note.text}
            for note in notes.of(subject)
            if note.kind not in _INTERNAL
        ],
    }


def erase(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Delete words and contact of what the person filed; what is still open is withdrawn."""
    for row in queries.of_person(person_id):
        if may_withdraw(FeedbackState(row.state)):
            actions.withdraw(row.id, actor=actor, now=now)
        row.contact_sealed = None
        row.about_path = ""
        notes.erase(actions.ref(row))


def deadlines(since: date) -> list[Deadline]:
    """Return by when open feedback is to be answered: working days after it came."""
    return [
        Deadline(row, "due_on", clock.local_day(row.reopened_at or row.filed_at))
        for row in queries.open_due_from(since)
    ]
