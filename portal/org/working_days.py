"""Deadlines counted in working days, recounted when the list of a year is imported."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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


def first_due_from(day: date, count: int) -> date:
    """Return the first day whose `count`-th working day is not before `day`.

    A deadline of so many working days that began on an earlier day is over by `day`. The calendar
    decides, so what is asked of it need not be moved when a year's list is imported.
    """
    first = day - timedelta(days=count * 3 + 30)
    query = select(CalendarDay).where(CalendarDay.day > first, CalendarDay.day < day)
    listed = {row.day: row.is_working for row in db.session.scalars(query)}
    found = day - timedelta(days=1)
    while found > first:
        count -= listed.get(found, found.weekday() < 5)
        if not count:
            return found
        found -= timedelta(days=1)
    return found
