"""Reminding people of what they signed up for: the evening before, and two hours before; each once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.core.ref import Ref
from portal.notices.actions import tell
from portal.records import settings
from portal.shifts.models import Shift, ShiftState
from portal.signups.models import ReminderMoment, Signup, SignupReminder, SignupState

HOURS_BEFORE = timedelta(hours=2)
BATCH = 100


def due(now: datetime) -> Iterator[tuple[ReminderMoment, Sequence[int]]]:
    """Yield the sign-ups to be reminded now, in batches. Who signed up after the moment is not.

    The evening's reminder is for the rest of the evening, the other until the start: a worker that
    was down does not remind of what has begun.
    """
    for moment, found in (
        (ReminderMoment.DAY, _evening_before(now)),
        (ReminderMoment.HOURS, _hours_before(now)),
    ):
        for first in range(0, len(found), BATCH):
            yield moment, found[first : first + BATCH]


def remind(
    signup_ids: Sequence[int],
    moment: ReminderMoment,
    *,
    actor: Actor,  # noqa: ARG001  a verb's form
    now: datetime,
) -> None:
    """Remind those who still have their place on a shift that still takes place; twice is once."""
    query = (
        select(Signup)
        .join(Signup.shift)
        .options(contains_eager(Signup.shift))
        .where(
            Signup.id.in_(signup_ids),
            Signup.state == SignupState.CONFIRMED,
            Shift.state == ShiftState.PLANNED,
            Shift.starts_at > now,
        )
    )
    for row in db.session.scalars(query.order_by(Signup.id)):
        starts_at = row.shift.starts_at
        if db.session.get(SignupReminder, (row.id, moment, starts_at)):
            continue
        db.session.add(SignupReminder(signup_id=row.id, moment=moment, starts_at=starts_at, at=now))
        # Side by side the second one fails here and finds the first one's row when it runs again.
        db.session.flush()
        tell(
            row.person_id,
            f"reminder_{moment}",
            Ref("shift", row.shift_id),
            now=now,
            until=starts_at.isoformat(),
        )


def _evening_before(now: datetime) -> Sequence[int]:
    today = clock.local_day(now)
    moment = clock.at_local(today, time(settings.get("reminder_hour")))
    if now < moment:
        return []
    first, end = clock.day_span(today + timedelta(days=1))
    rows = _coming(first, end, ReminderMoment.DAY)
    return [signup_id for signup_id, since, _starts_at in rows if since < moment]


def _hours_before(now: datetime) -> Sequence[int]:
    rows = _coming(now, now + HOURS_BEFORE, ReminderMoment.HOURS)
    return [
        signup_id
        for signup_id, since, starts_at in rows
        if now < starts_at and since < starts_at - HOURS_BEFORE
    ]


def _coming(
    first: datetime, end: datetime, moment: ReminderMoment
) -> Sequence[tuple[int, datetime, datetime]]:
    """Return confirmed sign-ups of shifts that start then: id, since when they stand so, start."""
    reminded = (
        select(SignupReminder.signup_id)
        .where(
            SignupReminder.signup_id == Signup.id,
            SignupReminder.moment == moment,
            SignupReminder.starts_at == Shift.starts_at,
        )
        .exists()
    )
    ends = Shift.starts_at < end if moment == ReminderMoment.DAY else Shift.starts_at <= end
    query = (
        select(Signup.id, Signup.updated_at, Shift.starts_at)
        .join(Signup.shift)
        .where(
            Signup.state == SignupState.CONFIRMED,
            Shift.state == ShiftState.PLANNED,
            Shift.starts_at >= first,
            ends,
            ~reminded,
        )
        .order_by(Shift.starts_at, Signup.id)
    )
    return db.session.execute(query).tuples().all()
