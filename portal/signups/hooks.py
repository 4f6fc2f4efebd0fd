"""What others call by name: the tick's work, checks, and the legal export."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.core.db import write
from portal.core.ref import Ref
from portal.records import notes
from portal.signups import actions, cover, queries, queries_cover, reminders
from portal.signups.rules import QUEUE_CLOSES_BEFORE


def due(now: datetime) -> None:
    """Lapse offers whose deadline passed, close queues two hours before the start, and remind."""
    for signup_id in queries.lapsed_offers(now):
        write(actions.lapse, signup_id, actor=SYSTEM, now=now)
    for request_id in queries_cover.past_use(now):
        write(cover.lapse, request_id, actor=SYSTEM, now=now)
    for shift_id in queries.queues_to_close(now, now + QUEUE_CLOSES_BEFORE):
        write(actions.close_queue, shift_id, actor=SYSTEM, now=now)
    for moment, signup_ids in reminders.due(now):
        write(reminders.remind, signup_ids, moment, actor=SYSTEM, now=now)


def check() -> list[str]:
    """Return one line for each place whose counter is not its rows, and each broken hand-over."""
    return [
        f"place {place_id}: taken is {taken}, its sign-ups are {rows}"
        for place_id, taken, rows in queries.wrong_counters()
    ] + [
        f"hand-over {link_id}: the place of shift {shift_id} did not go over"
        for link_id, shift_id in queries_cover.broken_links()
    ]


def export(person_id: int) -> dict[str, Any]:
    """Return the person's sign-ups for the legal export."""
    rows = queries.of_person(person_id)
    positions = queries.positions(rows)
    return {
        "signups": [
            {
                "id": row.public_id,
                "shift_id": row.shift.public_id,
                "role": row.role,
                "state": row.state,
                "position": positions.get(row.id),
            }
            for row in rows
        ],
        "cover_requests": [
            {
                "shift_id": row.shift.public_id,
                "state": row.state,
                "asked_at": clock.local(row.asked_at).isoformat(),
            }
            for row in queries_cover.requests_of(person_id)
        ],
    }


def erase(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Delete the words about the person's sign-ups; the rows stay and name an id."""
    for row in queries.of_person(person_id):
        notes.erase(Ref("signup", row.id))
