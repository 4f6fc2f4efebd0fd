"""What others call by name: the check, the legal export, erasure, links, working days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import url_for

from portal.core import clock
from portal.core.access import Actor
from portal.honours import actions, actions_evaluations, queries, queries_evaluations
from portal.honours import queries_stars as stars
from portal.honours import queries_upstream as upstream
from portal.org.working_days import Deadline
from portal.records import notes


def check() -> list[str]:
    """Return one line for each batch whose rows do not add up, and for who evaluated themselves."""
    lines = [
        f"upstream batch {row_id}: says {said} rows, holds {held}"
        for row_id, said, held in upstream.wrong_counts()
    ]
    lines += [
        f"ledger entry {row_id}: corrects upstream what no live batch holds"
        for row_id in upstream.corrections_of_nothing()
    ]
    lines += [
        f"evaluation {row_id}: was entered by whom it is about"
        for row_id in queries_evaluations.by_themselves()
    ]
    return lines


def export(person_id: int) -> dict[str, Any]:
    """Return honours, evaluations and star levels for the legal export."""
    return {
        "honours": [
            {
                "title": row.title, "of": row.subject_kind, "level": row.level.code,
                "given_on": row.given_on.isoformat(), "issuer": row.issuer,
                "document_no": row.document_no or None,
                "note": notes.latest(actions.ref(row), actions.NOTE) or None,
                "withdrawn_at": _time(row.withdrawn_at),
            }
            for row in queries.of_person(person_id)
        ],
        "evaluations": [
            {
                "from": row.first_on.isoformat(), "to": row.last_on.isoformat(),
                "station": row.station.name, "quality": row.quality.code,
                "entered_at": _time(row.entered_at), "late": row.is_late,
                "notes": [
                    {"kind": note.kind, "text": note.text, "at": _time(note.at)}
                    for note in notes.of(actions_evaluations.ref(row))
                ],
            }
            for row in queries_evaluations.of_person(person_id)
        ],
        "star_level": stars.standing(person_id).level,
        "stars_recognised": [
            {"level": row.level, "hours": row.hours, "at": _time(row.recognised_at)}
            for row in stars.live_of(person_id)
        ],
    }  # fmt: skip


def _time(at: datetime | None) -> str | None:
    return clock.local(at).isoformat() if at else None


def erase(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Delete the words about a person; that they were honoured and evaluated stays by law."""
    for honour in queries.of_person(person_id, with_family=False):
        notes.erase(actions.ref(honour))
    for evaluation in queries_evaluations.of_person(person_id):
        notes.erase(actions_evaluations.ref(evaluation))


def deadlines(since: date) -> list[Deadline]:
    """Return by when evaluations were to be entered: working days after the end."""
    return [Deadline(row, "due_on", row.last_on) for row in queries_evaluations.due_from(since)]


def url_honour(id: int) -> str:  # noqa: A002  the hook's form
    """Return where a notice about an honour leads."""
    return url_for("honours.my_record")
