"""What others call by name: the tick's work, the check, the legal export, erasure, links."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.core.db import write
from portal.posts import actions_standing, filling, queries, queries_checks, queries_duty
from portal.records import notes


def due(now: datetime) -> None:
    """Keep the weeks ahead filled, and let standing places take their shifts."""
    waiting = {
        *queries.to_fill(filling.horizon(now), clock.local_day(now)),
        *queries_duty.posts_with_untried(now),
    }
    for post_id in sorted(waiting):
        write(filling.fill, post_id, actor=SYSTEM, now=now)


def check() -> list[str]:
    """Return one line for each duty that is not what its post's grid made, or is there twice."""
    return [
        f"duty {shift_id}: its shift is not of the post of its cell"
        for shift_id in queries_checks.misplaced()
    ] + [
        f"post {post_id}: two shifts begin at {starts_at.isoformat()}"
        for post_id, starts_at in queries_checks.doubled()
    ]


def url_post(id: int) -> str:  # noqa: A002  the hook's form
    """Return where a notice about a post leads: its page, which everybody concerned may see."""
    return queries.post(id).path


def export(person_id: int) -> dict[str, Any]:
    """Return the person's standing places and absences for the legal export."""
    return {
        "standing_places": [
            {
                "post_id": row.slot.post.public_id,
                "weekday": row.slot.weekday,
                "since": clock.local(row.given_at).isoformat(),
                "until": clock.local(row.ended_at).isoformat() if row.ended_at else None,
            }
            for row in queries.all_standing_with(person_id)
        ],
        "absences": [
            {"first_on": row.first_on.isoformat(), "last_on": row.last_on.isoformat()}
            for row in queries_duty.all_absences_of(person_id)
        ],
        "duty_logs": [
            {
                "shift_id": row.shift.public_id,
                "helped": row.helped,
                "at": clock.local(row.at).isoformat(),
            }
            for row in queries_checks.logs_by(person_id)
        ],
    }


def erase(person_id: int, *, actor: Actor, now: datetime) -> None:
    """End standing places, delete absences and the words the person wrote about incidents."""
    for row in queries.all_standing_with(person_id):
        actions_standing.end(row.id, frees=False, actor=actor, now=now)
    actions_standing.forget_absences(person_id)
    for ref in queries_checks.log_refs_by(person_id):
        notes.erase(ref)
