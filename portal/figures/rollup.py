"""Figures computed from the records themselves: what roll-ups are made of and checked against.

A handful of statements over whole stretches of days. Instants become local days here and not in
SQL, because the two databases know the district's zone differently.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from portal.attendance.models import Visit, VisitState
from portal.core import clock
from portal.core.db import db
from portal.figures import rules
from portal.hours.models import LedgerEntry
from portal.people.models import Volunteer
from portal.shifts.models import Offering, OfferingState, Shift, ShiftState

# What has no kind (applications, registrations) stands under this one.
NO_KIND = 0
# Check-in opens before the start, so tomorrow's first shift may have an attendance today.
_AHEAD = timedelta(days=1)


@dataclass(slots=True)
class Sums:
    """What can be added up; the columns of a roll-up row."""

    sessions: int = 0
    attendances: int = 0
    applications: int = 0
    registrations: int = 0
    departures: int = 0
    minutes: int = 0
    provisional_minutes: int = 0

    def add(self, other: Sums) -> None:
        """Add the other's numbers to these."""
        for name in COLUMNS:
            setattr(self, name, getattr(self, name) + getattr(other, name))


COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(Sums))


class Cell(NamedTuple):
    """One local day, station and kind (`NO_KIND` for none)."""

    day: date
    station_id: int
    kind_id: int


def compute(
    days: Sequence[rules.Span],
    station_ids: Sequence[int] | None,
    *,
    now: datetime,
    volunteers: bool = True,
) -> dict[Cell, Sums]:
    """Return the sums of the stretches of days from the records; cells without any are left out.

    `station_ids` None: all stations. `volunteers` False leaves applications, registrations and
    departures at nought, for those who do not show them.
    """
    found: dict[Cell, Sums] = defaultdict(Sums)
    if not days:
        return found
    _add_sessions(found, days, station_ids, now)
    _add_visits(found, days, station_ids, now)
    _add_minutes(found, days, station_ids)
    if volunteers:
        _add_volunteers(found, days, station_ids)
    return {cell: sums for cell, sums in found.items() if sums != Sums()}


def _add_sessions(
    found: dict[Cell, Sums],
    days: Sequence[rules.Span],
    station_ids: Sequence[int] | None,
    now: datetime,
) -> None:
    query = (
        select(Shift.starts_at, Shift.station_id, Offering.kind_id, func.count())
        .join(Offering, Offering.id == Shift.offering_id)
        .where(*is_session(now), within(Shift.starts_at, days), at(Shift.station_id, station_ids))
        .group_by(Shift.starts_at, Shift.station_id, Offering.kind_id)
    )
    for starts_at, station_id, kind_id, count in db.session.execute(query):
        found[Cell(clock.local_day(starts_at), station_id, kind_id)].sessions += count


def _add_visits(
    found: dict[Cell, Sums],
    days: Sequence[rules.Span],
    station_ids: Sequence[int] | None,
    now: datetime,
) -> None:
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


def _add_minutes(
    found: dict[Cell, Sums], days: Sequence[rules.Span], station_ids: Sequence[int] | None
) -> None:
    columns = (LedgerEntry.day, LedgerEntry.station_id, LedgerEntry.kind_id)
    query = (
        select(*columns, func.sum(LedgerEntry.minutes))
        .where(on(LedgerEntry.day, days), at(LedgerEntry.station_id, station_ids))
        .group_by(*columns)
    )
    for day, station_id, kind_id, minutes in db.session.execute(query):
        found[Cell(day, station_id, kind_id)].minutes += minutes


def _add_volunteers(
    found: dict[Cell, Sums], days: Sequence[rules.Span], station_ids: Sequence[int] | None
) -> None:
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
                sums = found[Cell(day, station_id, NO_KIND)]
                setattr(sums, name, getattr(sums, name) + 1)


def people(days: Sequence[rules.Span], station_ids: Sequence[int] | None) -> Select[Any]:
    """Return a select of (day, station, kind, person, minutes) with minutes above nought."""
    columns = (
        LedgerEntry.day,
        LedgerEntry.station_id,
        LedgerEntry.kind_id,
        LedgerEntry.person_id,
    )
    minutes = func.sum(LedgerEntry.minutes)
    return (
        select(*columns, minutes.label("minutes"))
        .where(on(LedgerEntry.day, days), at(LedgerEntry.station_id, station_ids))
        .group_by(*columns)
        .having(minutes > 0)
    )


# --- the definitions as clauses; the lists behind a figure use the same ones ---------------------


def is_session(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """A shift that took or takes place. An activity called off later keeps those it had held."""
    return (
        Shift.state == ShiftState.PLANNED,
        Offering.state.in_((OfferingState.PUBLISHED, OfferingState.CALLED_OFF)),
        Offering.published_at.is_not(None),
        Shift.starts_at <= now,
    )


def is_attendance() -> ColumnElement[bool]:
    """A visit that an accepted check-in made."""
    return Visit.state != VisitState.ANNULLED


def is_registered(at_instant: datetime) -> ColumnElement[bool]:
    """A volunteer who was registered before the instant and had not left by then."""
    stays = or_(
        Volunteer.left_at.is_(None),
        Volunteer.left_at < Volunteer.registered_at,
        Volunteer.left_at >= at_instant,
    )
    return (Volunteer.registered_at < at_instant) & stays


def within(
    column: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    days: Iterable[rules.Span],
) -> ColumnElement[bool]:
    """The instant lies in one of the stretches of local days."""
    spans = [clock.day_span(first, last) for first, last in days]
    return or_(false(), *((column >= start) & (column < end) for start, end in spans))


def on(column: InstrumentedAttribute[date], days: Iterable[rules.Span]) -> ColumnElement[bool]:
    """The day lies in one of the stretches."""
    return or_(false(), *(column.between(first, last) for first, last in days))


def at(
    column: InstrumentedAttribute[int], station_ids: Sequence[int] | None
) -> ColumnElement[bool]:
    """The station is one of these; any when None."""
    return true() if station_ids is None else column.in_(station_ids)


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


def last_shift_day() -> date | None:
    """Return the local day of the last shift."""
    instant = db.session.scalar(select(func.max(Shift.starts_at)))
    return clock.local_day(instant) if instant else None


def shift_days(first: date, last: date) -> set[tuple[date, int]]:
    """Return (local day, station) of every planned shift that begins in the span."""
    query = select(Shift.starts_at, Shift.station_id).where(
        Shift.state == ShiftState.PLANNED, within(Shift.starts_at, [rules.Span(first, last)])
    )
    return {
        (clock.local_day(starts_at), station_id)
        for starts_at, station_id in db.session.execute(query.distinct())
    }
