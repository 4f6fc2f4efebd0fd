"""Deadlines counted in working days, recounted when the list of a year is imported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.core.db import db
from portal.org.models import CalendarDay
from portal.org.queries import add_working_days


class Deadline(NamedTuple):
    """A day that stands in a column of a row, and the day from which its working days count."""

    row: Any
    column: str
    from_on: date

    @property
    def due_on(self) -> date:
        """The day as it stands."""
        found: date = getattr(self.row, self.column)
        return found


def count_working_days(first: date, last: date) -> int:
    """Return the working days after `first` up to `last`, itself included."""
    query = select(CalendarDay).where(CalendarDay.day > first, CalendarDay.day <= last)
    listed = {row.day: row.is_working for row in db.session.scalars(query)}
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sum(listed.get(day, day.weekday() < 5) for day in days)


def recount(deadlines: Iterable[Deadline], change: Callable[[], object]) -> int:
    """Let the calendar change, and each deadline lie as many working days ahead as it did.

    Returns how many lie on another day now.
    """
    before = [(one, count_working_days(one.from_on, one.due_on)) for one in deadlines]
    change()
    db.session.flush()
    moved = 0
    for one, count in before:
        due_on = add_working_days(one.from_on, count) if count else one.due_on
        if due_on != one.due_on:
            setattr(one.row, one.column, due_on)
            moved += 1
    return moved


def deadlines_of(days: Iterable[date], count: int) -> dict[date, date]:
    """Return the day `count` working days after each of these days, by one query."""
    asked = sorted(set(days))
    if not asked:
        return {}
    query = select(CalendarDay.day, CalendarDay.is_working)
    query = query.where(CalendarDay.day > asked[0], CalendarDay.day <= asked[-1] + _REACH)
    listed = dict(db.session.execute(query).tuples().all())
    return {day: _after(day, count, listed) for day in asked}


# More than thirty working days never take.
_REACH = timedelta(days=90)


def _after(day: date, count: int, listed: Mapping[date, bool]) -> date:
    while count > 0:
        day += timedelta(days=1)
        count -= listed.get(day, day.weekday() < 5)
    return day
