"""Selects of the rota, of who is on duty and of how well posts are covered.

Each is one statement, whatever the number of posts and weeks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from portal.attendance.models import Visit, VisitState
from portal.core import clock
from portal.core.db import db
from portal.people.models import Person
from portal.posts.models import DutyShift, DutySlot, ServicePost, StandingTurn
from portal.shifts.models import Offering, OfferingState, Place, PlaceRole, Shift, ShiftState
from portal.signups.models import HOLDING, Signup, SignupState


class DutyRow(NamedTuple):
    """A duty with its places."""

    shift_id: int
    public_id: str
    post_id: int
    day: date
    starts_at: datetime
    ends_at: datetime
    state: str
    capacity: int
    taken: int


class SeatRow(NamedTuple):
    """Somebody who holds a place on a duty."""

    shift_id: int
    signup_id: int
    state: str
    name: str
    is_standing: bool
    public_id: str


def shift_ids(post_ids: Sequence[int], first: date, last: date) -> Select[tuple[int]]:
    """Return a select of the shifts of these posts on these days."""
    return (
        select(DutyShift.shift_id)
        .join(DutyShift.slot)
        .where(
            DutySlot.post_id.in_(post_ids),
            DutyShift.day.between(first, last),
            DutyShift.is_dropped.is_(False),
        )
    )


def duties(post_ids: Sequence[int], first: date, last: date) -> list[DutyRow]:
    """Return the duties of these posts on these days, in time order."""
    query = (
        select(
            Shift.id,
            Shift.public_id,
            Shift.offering_id,
            DutyShift.day,
            Shift.starts_at,
            Shift.ends_at,
            Shift.state,
            Place.capacity,
            Place.taken,
        )
        .join(DutyShift, DutyShift.shift_id == Shift.id)
        .join(Place, Place.shift_id == Shift.id)
        .where(Shift.id.in_(shift_ids(post_ids, first, last)))
        .order_by(Shift.starts_at, Shift.id)
    )
    return [DutyRow(*row) for row in db.session.execute(query).tuples()]


def seats(ids: Select[tuple[int]]) -> Mapping[int, list[SeatRow]]:
    """Return who holds places on these shifts, by shift, in the order of joining."""
    standing = select(StandingTurn.id).where(StandingTurn.signup_id == Signup.id).exists()
    query = (
        select(Signup.shift_id, Signup.id, Signup.state, Person.name, standing, Signup.public_id)
        .join(Person, Person.id == Signup.person_id)
        .where(Signup.shift_id.in_(ids), Signup.state.in_(HOLDING))
        .order_by(Signup.id)
    )
    found: dict[int, list[SeatRow]] = {}
    for row in db.session.execute(query).tuples():
        found.setdefault(row[0], []).append(SeatRow(*row))
    return found


def arrivals(ids: Select[tuple[int]]) -> Mapping[int, tuple[int, datetime]]:
    """Return how many came to these shifts and when the first of them did, by shift."""
    query = (
        select(Visit.shift_id, func.count(Visit.person_id.distinct()), func.min(Visit.in_at))
        .where(
            Visit.shift_id.in_(ids),
            Visit.state != VisitState.ANNULLED,
            Visit.role == PlaceRole.VOLUNTEER,
        )
        .group_by(Visit.shift_id)
    )
    return {row[0]: (row[1], row[2]) for row in db.session.execute(query).tuples()}


class Opened(NamedTuple):
    """A station's own post today: when the first person checked in, if somebody did."""

    public_id: str
    title: str
    site_name: str
    has_duty: bool
    opened_at: datetime | None


def opened_today(station_id: int, now: datetime) -> list[Opened]:
    """Return the station's own posts with when they opened today: a check-in says so, no timetable."""
    start, end = clock.day_span(clock.local_day(now))
    today = (
        select(Shift.offering_id, func.count(Shift.id.distinct()), func.min(Visit.in_at))
        .outerjoin(
            Visit,
            (Visit.shift_id == Shift.id)
            & (Visit.state != VisitState.ANNULLED)
            & (Visit.role == PlaceRole.VOLUNTEER),
        )
        .where(
            Shift.station_id == station_id,
            Shift.state == ShiftState.PLANNED,
            Shift.starts_at >= start,
            Shift.starts_at < end,
        )
        .group_by(Shift.offering_id)
        .subquery()
    )
    duty_count, first_in = today.c[1], today.c[2]
    query = (
        select(
            ServicePost.public_id, ServicePost.title, ServicePost.site_name, duty_count, first_in
        )
        .outerjoin(today, today.c.offering_id == ServicePost.id)
        .where(ServicePost.station_id == station_id, ServicePost.state == OfferingState.PUBLISHED)
        .order_by(ServicePost.title, ServicePost.id)
    )
    rows = db.session.execute(query).tuples()
    return [Opened(a, b, c, bool(count), first) for a, b, c, count, first in rows]


# --- on duty now ---------------------------------------------------------------------------------


def on_now(now: datetime) -> Sequence[tuple[Shift, ServicePost, int]]:
    """Return the duties that are on now with their posts and how many hold places, by station."""
    query = (
        select(Shift, ServicePost, Place.taken)
        .join(ServicePost, ServicePost.id == Shift.offering_id)
        .join(Place, Place.shift_id == Shift.id)
        .options(joinedload(ServicePost.station))
        .where(
            Shift.state == ShiftState.PLANNED,
            Shift.starts_at <= now,
            Shift.ends_at > now,
            Offering.state == OfferingState.PUBLISHED,
        )
        .order_by(ServicePost.station_id, Shift.ends_at, Shift.id)
    )
    return db.session.execute(query).tuples().all()


def present(ids: Sequence[int]) -> Mapping[int, list[tuple[int, str]]]:
    """Return (id, name) of who has checked in and not out again, by shift."""
    query = (
        select(Visit.shift_id, Person.id, Person.name)
        .join(Person, Person.id == Visit.person_id)
        .where(
            Visit.shift_id.in_(ids),
            Visit.state == VisitState.OPEN,
            Visit.role == PlaceRole.VOLUNTEER,
        )
        .order_by(Visit.in_at)
    )
    found: dict[int, list[tuple[int, str]]] = {}
    for shift_id, person_id, name in db.session.execute(query).tuples():
        found.setdefault(shift_id, []).append((person_id, name))
    return found


# --- coverage ------------------------------------------------------------------------------------


class Coverage(NamedTuple):
    """A post on a day: duties, places planned, places taken, people who came."""

    post_id: int
    day: date
    duties: int
    planned: int
    taken: int
    attended: int


def coverage(post_ids: Sequence[int], first: date, last: date) -> list[Coverage]:
    """Return how these posts were covered, day by day; what was called off is not planned.

    The record behind the figure of post cover: places planned are the grid's, taken are sign-ups
    that hold one, attended are sign-ups with a check-in.
    """
    came = (
        select(func.count())
        .where(
            Signup.shift_id == Shift.id,
            Signup.state == SignupState.ATTENDED,
            Signup.role == PlaceRole.VOLUNTEER,
        )
        .scalar_subquery()
    )
    each = (
        select(
            Shift.offering_id.label("post_id"),
            DutyShift.day,
            Place.capacity,
            Place.taken,
            came.label("came"),
        )
        .join(DutyShift, DutyShift.shift_id == Shift.id)
        .join(Place, Place.shift_id == Shift.id)
        .where(Shift.id.in_(shift_ids(post_ids, first, last)), Shift.state == ShiftState.PLANNED)
        .subquery()
    )
    query = (
        select(
            each.c.post_id,
            each.c.day,
            func.count(),
            func.sum(each.c.capacity),
            func.sum(each.c.taken),
            func.sum(each.c.came),
        )
        .group_by(each.c.post_id, each.c.day)
        .order_by(each.c.post_id, each.c.day)
    )
    return [Coverage(*(row[0], row[1], *map(int, row[2:]))) for row in db.session.execute(query)]
