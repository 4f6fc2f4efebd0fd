"""What others call by name: the tick's work, the check, the legal export, erasure.

There are no deadlines to recount: by when a shift is to be told of follows from the calendar itself.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal.attendance import actions_headcounts
from portal.attendance import queries_headcounts as headcounts
from portal.closeouts import actions, actions_photos, queries, queries_checks, queries_open
from portal.closeouts.models import Closeout
from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.core.db import write
from portal.records import notes

AT_ONCE = 500


def due(now: datetime) -> None:
    """Remind each station once of what is to be told within two working days."""
    for station_id, shift_ids in queries_open.to_remind(now, AT_ONCE).items():
        write(actions.remind, station_id, shift_ids, actor=SYSTEM, now=now)


def check() -> list[str]:
    """Return one line for each close-out that cannot be."""
    return [
        *(
            f"shift {one}: a version of its close-out is missing"
            for one in queries_checks.with_gaps()
        ),
        *(
            f"close-out {one}: its headcount is of another shift"
            for one in queries_checks.with_foreign_heads()
        ),
        *(
            f"close-out {one}: says nothing and counts something"
            for one in queries_checks.with_counted_nothing()
        ),
    ]


def export(person_id: int) -> dict[str, Any]:
    """Return what the person told of shifts, for the legal export."""
    return {
        "closeouts": [_exported(row) for row in queries.told_by(person_id)],
        "headcounts": [
            {
                "shift_id": row.shift.public_id,
                "number": row.number,
                "method": row.method,
                "at": clock.local(row.at).isoformat(),
            }
            for row in headcounts.stated_by(person_id)
        ],
    }


def _exported(row: Closeout) -> dict[str, Any]:
    return {
        "shift_id": row.shift.public_id,
        "outcome": row.outcome,
        "quality": row.quality,
        "remark": notes.latest(actions.ref(row), actions.REMARK),
        "at": clock.local(row.at).isoformat(),
    }


def erase(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Delete the words the person wrote, and the photos they sent; the numbers stay."""
    for row in queries.told_by(person_id):
        notes.erase(actions.ref(row))
    for counted in headcounts.stated_by(person_id):
        notes.erase(actions_headcounts.ref(counted))
    for photo in queries.photos_by(person_id):
        actions_photos.remove(photo.id, actor=actor, now=now)
