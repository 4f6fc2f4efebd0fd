"""Figures computed from the records themselves: what roll-ups are made of and checked against.

A handful of statements over whole stretches of days. Instants become local days here and not in
SQL, because the two databases know the district's zone differently.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, case, func, or_, select

from portal.attendance import queries_headcounts as headcounts
from portal.attendance.models import Visit, VisitState
from portal.attendance.models_headcounts import Method
from portal.core import clock
from portal.core.db import db
from portal.figures import persons
from portal.figures.clauses import at, is_attendance, is_session, on, within
from portal.figures.models import ALL
from portal.figures.rules import Span
from portal.figures.sums import Cell, Sums
from portal.hours.models import LedgerEntry
from portal.people.models import Volunteer
from portal.shifts.models import Offering, Shift, ShiftState

# Check-in opens before the start, so tomorrow's first shift may have an attendance today.
_AHEAD = timedelta(days=1)

Found = defaultdict[Cell, Sums]
StationIds = Sequence[int] | None


def compute(days: Sequence[Span], station_ids: StationIds, *, now: datetime) -> dict[Cell, Sums]:
    """Return the sums of the stretches of days from the records, by day, station and kind.

    Cells without anything are left out. `station_ids` None: all stations.
    """
    found: Found = defaultdict(Sums)
    if days:
        _add_sessions(found, days, station_ids, now)
        _add_visits(found, days, station_ids, now)
        _add_heads(found, days, station_ids, now)
        _add_minutes(found, days, station_ids)
        _add_volunteers(found, days, station_ids)
    return _without_empty(found)


def volunteers(days: Sequence[Span], station_ids: StationIds) -> dict[Cell, Sums]:
    """Return applications, registrations and departures alone."""
    found: Found = defaultdict(Sums)
    if days:
        _add_volunteers(found, days, station_ids)
    return _without_empty(found)


def counts(days: Sequence[Span]) -> tuple[Any, Any, Any]:
    """Return sessions, attendances and minutes of all stations, for days up to today.

    They are parts of one statement, which is asked with the moment `now`.
    """
    sessions = (
        select(func.count())
        .select_from(Shift)
        .join(Offering, Offering.id == Shift.offering_id)
        .where(*is_session(bindparam("now")), within(Shift.starts_at, days))
    )
    people = (
        select(Visit.shift_id, Visit.person_id)
        .join(Shift, Shift.id == Visit.shift_id)
        .where(is_attendance(), within(Shift.starts_at, days))
        .distinct()
    )
    minutes = select(func.coalesce(func.sum(LedgerEntry.minutes), 0)).where(
        on(LedgerEntry.day, days)
    )
    attendances = select(func.count()).select_from(people.subquery())
    return sessions.scalar_subquery(), attendances.scalar_subquery(), minutes.scalar_subquery()


def _without_empty(found: Found) -> dict[Cell, Sums]:
    nothing = Sums()
    return {cell: sums for cell, sums in found.items() if sums != nothing}


def _add_sessions(
    found: Found, days: Sequence[Span], station_ids: StationIds, now: datetime
) -> None:
    query = (
        select(Shift.starts_at, Shift.station_id, Offering.kind_id, func.count())
        .join(Offering, Offering.id == Shift.offering_id)
        .where(*is_session(now), within(Shift.starts_at, days), at(Shift.station_id, station_ids))
        .group_by(Shift.starts_at, Shift.station_id, Offering.kind_id)
    )
    for starts_at, station_id, kind_id, count in db.session.execute(query):
        found[Cell(clock.local_day(starts_at), station_id, kind_id)].sessions += count


def _add_visits(found: Found, days: Sequence[Span], station_ids: StationIds, now: datetime) -> None:
    provisional = case((Visit.state == VisitState.PROVISIONAL, Visit.minutes), else_=0)
    query = (
        select(
            Shift.starts_at,
            Shift.station_id,
            Offering.kind_id,
            func.count(Visit.person_id.distinct()),
            func.sum(provisional),
        )
        .join(Shift, Shift.id == Visit.shift_id)
        .join(Offering, Offering.id == Shift.offering_id)
        .where(
            is_attendance(),
            Shift.starts_at <= now + _AHEAD,
            within(Shift.starts_at, days),
            at(Shift.station_id, station_ids),
        )
        .group_by(Shift.id, Shift.starts_at, Shift.station_id, Offering.kind_id)
    )
    for starts_at, station_id, kind_id, people, minutes in db.session.execute(query):
        sums = found[Cell(clock.local_day(starts_at), station_id, kind_id)]
        sums.attendances += people
        sums.provisional_minutes += minutes


def _add_heads(found: Found, days: Sequence[Span], station_ids: StationIds, now: datetime) -> None:
    """Heads counted in open crowds. A crowd nobody counted is one more without a number, not nought."""
    begun = select(Shift.id).where(within(Shift.starts_at, days), at(Shift.station_id, station_ids))
    heads = headcounts.current(begun)
    query = (
        select(
            Shift.starts_at, Shift.station_id, Offering.kind_id, heads.c.method,
            func.coalesce(func.sum(heads.c.number), 0), func.count(),
        )
        .join(Offering, Offering.id == Shift.offering_id)
        .outerjoin(heads, heads.c.shift_id == Shift.id)
        .where(
            *is_session(now),
            Shift.id.in_(begun),
            or_(Offering.open_crowd, heads.c.shift_id.is_not(None)),
        )
        .group_by(Shift.starts_at, Shift.station_id, Offering.kind_id, heads.c.method)
    )  # fmt: skip
    for starts_at, station_id, kind_id, method, number, count in db.session.execute(query):
        sums = found[Cell(clock.local_day(starts_at), station_id, kind_id)]
        if method is None:
            sums.uncounted += count
            continue
        sums.headcounts += count
        if method == Method.ESTIMATED:
            sums.estimated += int(number)
        else:
            sums.counted += int(number)


def _add_minutes(found: Found, days: Sequence[Span], station_ids: StationIds) -> None:
    served: dict[Cell, list[int]] = defaultdict(list)
    query = person_minutes(days, station_ids)
    for day, station_id, kind_id, person_id, minutes in db.session.execute(query):
        cell = Cell(day, station_id, kind_id)
        found[cell].minutes += minutes
        if minutes > 0:
            served[cell].append(person_id)
    for cell, person_ids in served.items():
        found[cell].persons = persons.of(person_ids)


def person_minutes(days: Sequence[Span], station_ids: StationIds) -> Select[Any]:
    """Return a select of (day, station, kind, person, minutes); with minutes above 0 one served."""
    columns = (LedgerEntry.day, LedgerEntry.station_id, LedgerEntry.kind_id, LedgerEntry.person_id)
    return (
        select(*columns, func.sum(LedgerEntry.minutes).label("minutes"))
        .where(on(LedgerEntry.day, days), at(LedgerEntry.station_id, station_ids))
        .group_by(*columns)
    )


def _add_volunteers(found: Found, days: Sequence[Span], station_ids: StationIds) -> None:
    moments = (Volunteer.applied_at, Volunteer.registered_at, Volunteer.left_at)
    query = select(Volunteer.station_id, *moments).where(
        or_(*(within(moment, days) for moment in moments)), at(Volunteer.station_id, station_ids)
    )
    for station_id, applied_at, registered_at, left_at in db.session.execute(query):
        left = left_at if registered_at and left_at and left_at >= registered_at else None
        for name, moment in (
            ("applications", applied_at),
            ("registrations", registered_at),
            ("departures", left),
        ):
            day = clock.local_day(moment) if moment else None
            if day and any(first <= day <= last for first, last in days):
                sums = found[Cell(day, station_id, ALL)]
                setattr(sums, name, getattr(sums, name) + 1)


# --- where there is anything ---------------------------------------------------------------------


def first_day() -> date | None:
    """Return the first local day that has a record of any figure."""
    instants = [
        db.session.scalar(select(func.min(column)))
        for column in (
            Shift.starts_at,
            Volunteer.applied_at,
            Volunteer.registered_at,
            Volunteer.left_at,
        )
    ]
    days = [clock.local_day(instant) for instant in instants if instant]
    ledger_day = db.session.scalar(select(func.min(LedgerEntry.day)))
    return min([*days, *([ledger_day] if ledger_day else [])], default=None)


def shift_days(first: date, last: date) -> set[tuple[date, int]]:
    """Return (local day, station) of every planned shift that begins in the span."""
    query = select(Shift.starts_at, Shift.station_id).where(
        Shift.state == ShiftState.PLANNED, within(Shift.starts_at, [Span(first, last)])
    )
    return {
        (clock.local_day(starts_at), station_id)
        for starts_at, station_id in db.session.execute(query.distinct())
    }
