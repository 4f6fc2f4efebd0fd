"""What others call by name: the daily look, the check, the legal export, erasure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from portal.anomalies import actions, queries, queries_window
from portal.anomalies.detecting import detect
from portal.attendance import devices
from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.core.db import write
from portal.records import notes


def due(now: datetime) -> None:
    """Look through the records once a day, when the day is over; found outside of any lock."""
    yesterday = clock.local_day(now) - timedelta(days=1)
    if queries.was_looked_through(yesterday):
        return
    findings = detect(queries_window.window(yesterday), queries_window.figures(yesterday))
    write(actions.keep, yesterday, findings, actor=SYSTEM, now=now)
    write(devices.forget_old, actor=SYSTEM, now=now)


def check() -> list[str]:
    """Return one line for each finding not in the state of its last step, or without its entry."""
    wrong = [
        f"anomaly {row_id}: is {state}, its last step led to {step or 'nowhere'}"
        for row_id, state, step in queries.wrong_states()
    ]
    gone = queries.empty_ones()
    return wrong + [
        f"anomaly {row_id}: names an entry that is not in the ledger" for row_id in gone
    ]


def export(person_id: int) -> dict[str, Any]:
    """Return what stood out about the person, and what was decided, for the legal export."""
    return {
        "anomalies": [
            {
                "id": row.public_id,
                "kind": row.kind,
                "day": row.day.isoformat(),
                "state": row.state,
                "found_at": clock.local(row.found_at).isoformat(),
                "decided_at": clock.local(row.decided_at).isoformat() if row.decided_at else None,
            }
            for row in queries.about(person_id)
        ]
    }


def erase(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Delete what was written about findings that concern the person; ids and numbers stay."""
    for row in queries.about(person_id):
        notes.erase(actions.ref(row))
