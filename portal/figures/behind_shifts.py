"""Sessions, attendances and visits behind the figures, by the clauses these are computed with."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select

from portal.attendance.models import PENDING_LABELS, Pending, Visit, VisitState
from portal.core import clock, filters
from portal.figures import clauses
from portal.figures.behind_lines import Asked, Line, activity_url
from portal.org.models import Station
from portal.people.models import Person
from portal.shifts.models import Offering, Shift


def sessions(asked: Asked) -> Select[Any]:
    """Sessions, the latest first."""
    return (
        select(
            Shift.id,
            Shift.starts_at,
            Shift.ends_at,
            Offering.public_id,
            Offering.title,
            Station.name,
        )
        .join(Offering, Offering.id == Shift.offering_id)
        .join(Station, Station.id == Shift.station_id)
        .where(
            *clauses.is_session(asked.now),
            clauses.within(Shift.starts_at, asked.days),
            clauses.at(Shift.station_id, asked.where.station_ids),
            *asked.of_kind(Offering.kind_id),
        )
        .order_by(Shift.starts_at.desc(), Shift.id.desc())
    )


def session_line(row: Any) -> Line:
    """Return one row of them in words."""
    when = (
        f"{filters.day(clock.local_day(row.starts_at))} {filters.span(row.starts_at, row.ends_at)}"
    )
    return Line((row.title, when, row.name), activity_url(row.public_id))


def _visits(asked: Asked, *more: Any) -> tuple[Any, ...]:
    return (
        *more,
        clauses.is_attendance(),
        clauses.within(Shift.starts_at, asked.days),
        clauses.at(Shift.station_id, asked.where.station_ids),
        *asked.of_kind(Offering.kind_id),
    )


def attendances(asked: Asked) -> Select[Any]:
    """Who attended, once a shift, the latest first."""
    return (
        select(
            Shift.id,
            Person.id.label("person_id"),
            Person.name.label("person"),
            func.min(Visit.in_at).label("in_at"),
            Offering.public_id,
            Offering.title,
            Station.name,
        )
        .join(Shift, Shift.id == Visit.shift_id)
        .join(Offering, Offering.id == Shift.offering_id)
        .join(Station, Station.id == Shift.station_id)
        .join(Person, Person.id == Visit.person_id)
        .where(*_visits(asked))
        .group_by(Shift.id, Offering.id, Station.id, Person.id)
        .order_by(Shift.starts_at.desc(), Shift.id.desc(), Person.id)
    )


def attendance_line(row: Any) -> Line:
    """Return one row of them in words."""
    person = filters.masked_name(row.person)
    return Line(
        (row.title, person, filters.moment(row.in_at), row.name), activity_url(row.public_id)
    )


def provisional(asked: Asked) -> Select[Any]:
    """Visits whose minutes wait to be confirmed, the most urgent first."""
    return (
        select(
            Visit.id,
            Visit.minutes,
            Visit.pending,
            Visit.settle_by_on,
            Person.name.label("person"),
            Offering.public_id,
            Offering.title,
            Station.name,
        )
        .join(Shift, Shift.id == Visit.shift_id)
        .join(Offering, Offering.id == Shift.offering_id)
        .join(Station, Station.id == Shift.station_id)
        .join(Person, Person.id == Visit.person_id)
        .where(*_visits(asked, Visit.state == VisitState.PROVISIONAL))
        .order_by(Visit.settle_by_on, Visit.id)
    )


def provisional_line(row: Any) -> Line:
    """Return one row of them in words."""
    why = str(PENDING_LABELS[Pending(row.pending)])
    by = filters.day(row.settle_by_on) if row.settle_by_on else ""
    person = filters.masked_name(row.person)
    return Line(
        (row.title, person, filters.minutes(row.minutes), why, by, row.name),
        activity_url(row.public_id),
    )
