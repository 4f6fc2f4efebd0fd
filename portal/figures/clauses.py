"""The definitions of figures as clauses: roll-ups, and the lists behind a number, use the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, false, or_, true
from sqlalchemy.orm import InstrumentedAttribute

from portal.attendance.clauses import is_attendance, is_session
from portal.core import clock
from portal.figures.rules import Span
from portal.people.models import Volunteer

__all__ = ["at", "is_attendance", "is_registered", "is_session", "on", "within"]


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
    days: Iterable[Span],
) -> ColumnElement[bool]:
    """The instant lies in one of the stretches of local days."""
    spans = [clock.day_span(first, last) for first, last in days]
    return or_(false(), *((column >= start) & (column < end) for start, end in spans))


def on(column: InstrumentedAttribute[date], days: Iterable[Span]) -> ColumnElement[bool]:
    """The day lies in one of the stretches."""
    return or_(false(), *(column.between(first, last) for first, last in days))


def at(
    column: InstrumentedAttribute[int], station_ids: Sequence[int] | None
) -> ColumnElement[bool]:
    """The station is one of these; any when None."""
    return true() if station_ids is None else column.in_(station_ids)
