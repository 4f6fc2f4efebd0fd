"""What others call by name: the tick's work, checks, and the legal export."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import url_for

from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.core.db import write
from portal.core.ref import Ref
from portal.people import queries as people
from portal.records import notes
from portal.signups import (
    actions,
    course,
    cover,
    queries,
    queries_course,
    queries_cover,
    queries_missed,
    queries_waiting,
    reminders,
    waiting,
)
from portal.signups.rules import QUEUE_CLOSES_BEFORE


def due(now: datetime) -> None:
    """Lapse offers whose deadline passed, make those that are missing, close queues, and remind."""
    for signup_id in queries.lapsed_offers(now):
        write(actions.lapse, signup_id, actor=SYSTEM, now=now)
    for signup_id in queries_course.lapsed_offers(now):
        write(course.lapse, signup_id, actor=SYSTEM, now=now)
    for request_id in queries_cover.past_use(now):
        write(cover.lapse, request_id, actor=SYSTEM, now=now)
    for place_id, _free in queries_waiting.forgotten(now + QUEUE_CLOSES_BEFORE):
        write(waiting.offer_what_is_free, place_id, actor=SYSTEM, now=now)
    for shift_id in queries.queues_to_close(now, now + QUEUE_CLOSES_BEFORE):
        write(actions.close_queue, shift_id, actor=SYSTEM, now=now)
    for moment, signup_ids in reminders.due(now):
        write(reminders.remind, signup_ids, moment, actor=SYSTEM, now=now)


def check() -> list[str]:
    """Return one line for each place whose counter is not its rows, and each broken hand-over."""
    return (
        [
            f"place {place_id}: taken is {taken}, its sign-ups are {rows}"
            for place_id, taken, rows in queries.wrong_counters()
        ]
        + [
            f"place {place_id}: {free} free, somebody waits who fits, and nobody was offered it"
            for place_id, free in queries_waiting.forgotten(clock.now() + QUEUE_CLOSES_BEFORE)
        ]
        + [
            f"hand-over {link_id}: the place of shift {shift_id} did not go over"
            for link_id, shift_id in queries_cover.broken_links()
        ]
        + _check_courses()
    )


def _check_courses() -> list[str]:
    return (
        [
            f"course {series_id}: taken is {taken}, its sign-ups are {rows}"
            for series_id, taken, rows in queries_course.wrong_counters()
        ]
        + [f"signup {one}: not of the course that made it" for one in queries_course.stray_dates()]
        + [
            f"signup {one}: the sign-up for its course has ended"
            for one in queries_course.left_behind(clock.now())
        ]
    )


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
        "missed": [
            {
                "shift_id": one.shift.public_id,
                "kind": one.kind,
                "at": clock.local(one.at).isoformat(),
                "appeal": one.appeal.state if one.appeal else None,
                "words": notes.latest(Ref("appeal", one.appeal.id), "appeal") if one.appeal else "",
            }
            for one in queries_missed.of(people.own_ids(person_id))
        ],
        "course_signups": [
            {
                "id": row.public_id,
                "series_id": row.course.series.public_id,
                "state": row.state,
                "asked_at": clock.local(row.created_at).isoformat(),
            }
            for row in queries_course.of_persons([person_id])
        ],
    }


def erase(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Delete the words about the person's sign-ups; the rows stay and name an id."""
    for row in queries.of_person(person_id):
        notes.erase(Ref("signup", row.id))
    for appeal in queries_missed.appeals_of(people.own_ids(person_id)):
        notes.erase(Ref("appeal", appeal.id))
    for own in queries_course.of_persons([person_id]):
        course.withdraw(own.id, "", actor=actor, now=now)
        notes.erase(Ref("course_signup", own.id))


def url_appeal(appeal_id: int) -> str:
    """Return where an appeal is shown to its person."""
    return url_for("signups.attendance")
