"""Selects over courses: who is in one, who waits, which dates a sign-up covers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from portal.core.db import db
from portal.people import queries_family as families
from portal.shifts.models import Offering, Place, PlaceRole, Shift, ShiftState
from portal.shifts.models_series import Series
from portal.signups.models import LIVE, Signup, SignupState
from portal.signups.models_course import (
    COURSE_HOLDING,
    COURSE_LIVE,
    Course,
    CourseDate,
    CourseSignup,
)
from portal.signups.policy import HeldCourse


def course_of_offering(offering_id: int) -> Course | None:
    """Return the course of an offering, if it is one."""
    query = select(Course).join(Course.series).options(contains_eager(Course.series))
    return db.session.scalars(query.where(Series.offering_id == offering_id)).first()


def signup_by_id(public_id: str) -> CourseSignup | None:
    """Return the course sign-up of a public id, with its series and offering."""
    query = _with_offering().where(CourseSignup.public_id == public_id)
    return db.session.scalars(query).first()


def held_by_id(public_id: str) -> HeldCourse | None:
    """Return the course sign-up of a public id with who of the family may act for its person."""
    row = signup_by_id(public_id)
    if row is None:
        return None
    station_id = row.course.series.offering.station_id
    return HeldCourse(row, station_id, families.holders_of(row.person_id))


def live(series_id: int, person_id: int) -> CourseSignup | None:
    """Return the person's live sign-up for the course."""
    return next(iter(live_of(series_id, [person_id])), None)


def live_of(series_id: int, person_ids: Sequence[int]) -> Sequence[CourseSignup]:
    """Return the live sign-ups of these persons for the course, in the order of joining."""
    query = _with_offering().where(
        CourseSignup.series_id == series_id,
        CourseSignup.person_id.in_(person_ids),
        CourseSignup.state.in_(COURSE_LIVE),
    )
    return db.session.scalars(query.order_by(CourseSignup.id)).all()


def of_persons(person_ids: Sequence[int]) -> Sequence[CourseSignup]:
    """Return all course sign-ups of these persons, the newest first."""
    query = _with_offering().where(CourseSignup.person_id.in_(person_ids))
    return db.session.scalars(query.order_by(CourseSignup.id.desc())).all()


def in_course(series_id: int) -> Sequence[CourseSignup]:
    """Return the live sign-ups for a course with their persons, in the order of joining."""
    query = (
        select(CourseSignup)
        .options(joinedload(CourseSignup.person))
        .where(CourseSignup.series_id == series_id, CourseSignup.state.in_(COURSE_LIVE))
    )
    return db.session.scalars(query.order_by(CourseSignup.id)).all()


def first_waiting(series_id: int) -> CourseSignup | None:
    """Return who has waited longest for a place in the course."""
    query = select(CourseSignup).where(
        CourseSignup.series_id == series_id, CourseSignup.state == SignupState.WAITLISTED
    )
    return db.session.scalars(query.order_by(CourseSignup.id).limit(1)).first()


def waiting(series_id: int) -> int:
    """Return how many wait for a place in the course."""
    query = select(func.count()).where(
        CourseSignup.series_id == series_id, CourseSignup.state == SignupState.WAITLISTED
    )
    return db.session.execute(query).scalar_one()


def positions(rows: Sequence[CourseSignup]) -> Mapping[int, int]:
    """Return the place in the queue of each waiting row, by id, in one query."""
    ids = [row.id for row in rows if row.state == SignupState.WAITLISTED]
    if not ids:
        return {}
    own, other = aliased(CourseSignup), aliased(CourseSignup)
    query = (
        select(own.id, func.count(other.id))
        .join(other, (other.series_id == own.series_id) & (other.id <= own.id))
        .where(own.id.in_(ids), other.state == SignupState.WAITLISTED)
        .group_by(own.id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def dates_to_join(offering_id: int, now: datetime) -> Sequence[int]:
    """Return the ids of the shifts to come that have seats, in the order of their ids."""
    query = (
        select(Shift.id)
        .join(Place, Place.shift_id == Shift.id)
        .where(
            Shift.offering_id == offering_id,
            Shift.state == ShiftState.PLANNED,
            Shift.starts_at > now,
            Place.role == PlaceRole.ATTENDEE,
        )
        .distinct()
    )
    return db.session.scalars(query.order_by(Shift.id)).all()


def spans_to_join(offering_id: int, now: datetime) -> Sequence[datetime]:
    """Return when the dates that can still be joined begin."""
    query = select(Shift.starts_at).where(Shift.id.in_(dates_to_join(offering_id, now)))
    return db.session.scalars(query.order_by(Shift.starts_at)).all()


def signups_of(course_signup_ids: Sequence[int]) -> Mapping[int, list[Signup]]:
    """Return the sign-ups for dates by the sign-up for the course, in time order, in one query."""
    query = (
        select(CourseDate.course_signup_id, Signup)
        .join(Signup, Signup.id == CourseDate.signup_id)
        .join(Signup.shift)
        .options(contains_eager(Signup.shift).joinedload(Shift.offering))
        .where(CourseDate.course_signup_id.in_(course_signup_ids))
        .order_by(Shift.starts_at, Signup.id)
    )
    found: dict[int, list[Signup]] = defaultdict(list)
    for course_signup_id, row in db.session.execute(query).tuples():
        found[course_signup_id].append(row)
    return found


def links(signup_ids: Sequence[int]) -> Mapping[int, int]:
    """Return the course sign-up by each of these sign-ups that one of them made."""
    query = select(CourseDate.signup_id, CourseDate.course_signup_id)
    return dict(
        db.session.execute(query.where(CourseDate.signup_id.in_(signup_ids))).tuples().all()
    )


def had(person_id: int, shift_ids: Sequence[int]) -> frozenset[int]:
    """Return on which of these shifts the person has or once had a sign-up."""
    query = select(Signup.shift_id).where(
        Signup.person_id == person_id, Signup.shift_id.in_(shift_ids)
    )
    return frozenset(db.session.scalars(query))


def people_on(shift_ids: Sequence[int]) -> Mapping[int, int]:
    """Return how many are signed up for each of these shifts, those who wait among them."""
    query = (
        select(Signup.shift_id, func.count())
        .where(Signup.shift_id.in_(shift_ids), Signup.state.in_(LIVE))
        .group_by(Signup.shift_id)
    )
    return dict(db.session.execute(query).tuples().all())


def lapsed_offers(now: datetime) -> Sequence[int]:
    """Return the ids of offers of courses whose deadline has passed."""
    query = select(CourseSignup.id).where(
        CourseSignup.state == SignupState.OFFERED, CourseSignup.offered_until <= now
    )
    return db.session.scalars(query.order_by(CourseSignup.id).limit(500)).all()


def wrong_counters() -> Sequence[tuple[int, int, int]]:
    """Return (series, counter, rows) of every course whose counter is not its rows."""
    rows = func.count(CourseSignup.id)
    holds = CourseSignup.state.in_(COURSE_HOLDING)
    query = (
        select(Course.series_id, Course.taken, rows)
        .outerjoin(CourseSignup, (CourseSignup.series_id == Course.series_id) & holds)
        .group_by(Course.series_id, Course.taken)
        .having(Course.taken != rows)
    )
    return list(db.session.execute(query).tuples())


def stray_dates() -> Sequence[int]:
    """Return the ids of sign-ups that a course made for another person, or on another offering."""
    query = (
        select(CourseDate.signup_id)
        .join(Signup, Signup.id == CourseDate.signup_id)
        .join(Shift, Shift.id == Signup.shift_id)
        .join(CourseSignup, CourseSignup.id == CourseDate.course_signup_id)
        .join(Series, Series.id == CourseSignup.series_id)
        .where(
            (Signup.person_id != CourseSignup.person_id) | (Shift.offering_id != Series.offering_id)
        )
    )
    return db.session.scalars(query).all()


def left_behind(now: datetime) -> Sequence[int]:
    """Return the ids of live sign-ups for dates to come whose sign-up for the course has ended."""
    query = (
        select(CourseDate.signup_id)
        .join(Signup, Signup.id == CourseDate.signup_id)
        .join(Shift, Shift.id == Signup.shift_id)
        .join(CourseSignup, CourseSignup.id == CourseDate.course_signup_id)
        .where(
            Signup.state.in_(LIVE),
            Shift.starts_at > now,
            CourseSignup.state != SignupState.CONFIRMED,
        )
    )
    return db.session.scalars(query).all()


def _with_offering() -> Select[tuple[CourseSignup]]:
    return (
        select(CourseSignup)
        .join(CourseSignup.course)
        .join(Course.series)
        .join(Series.offering)
        .options(
            contains_eager(CourseSignup.course)
            .contains_eager(Course.series)
            .contains_eager(Series.offering)
            .joinedload(Offering.station),
            joinedload(CourseSignup.person),
        )
    )
