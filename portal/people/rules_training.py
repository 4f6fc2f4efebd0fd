"""Pure decisions about trainings: until when one holds."""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def valid_until(held_on: date, months: int | None) -> date | None:
    """Return the last day on which a training holds; None when it holds for ever.

    So many months later, the same day of the month; where a month has no such day, its last.
    """
    if months is None:
        return None
    year, month = divmod(held_on.year * 12 + held_on.month - 1 + months, 12)
    return date(year, month + 1, min(held_on.day, monthrange(year, month + 1)[1]))


def holds_on(until: date | None, day: date) -> bool:
    """Return whether a training with this last day holds on a day."""
    return until is None or until >= day
