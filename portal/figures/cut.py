"""A span parted into days that are read from the roll-up and days that are computed.

A day counts as live when it is today, or when one of its stations is marked as stale; then the
whole day is computed from the records and its roll-up is left aside, so a page is right at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select

from portal.core import clock
from portal.core.db import db
from portal.figures import rules
from portal.figures.rules import Span
from portal.records.stale import StaleDay

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cut:
    """The stretches to compute: of the span itself, and of the days before it."""

    span: Span
    live: tuple[Span, ...]
    live_before: tuple[Span, ...]
    now: datetime

    @property
    def before(self) -> Span:
        """All days before the span."""
        return Span(date.min, self.span.first - _ONE_DAY)


def cut(span: Span, now: datetime) -> Cut:
    """Return the parts of the span as marks and the clock say."""
    today = clock.local_day(now)
    # Later days have nothing to count; tomorrow may have (check-in opens before the start).
    last = min(span.last, today + _ONE_DAY)
    marked = db.session.scalars(select(StaleDay.day).where(StaleDay.day <= last).distinct())
    days = {*marked, today} if today <= last else set(marked)
    return Cut(
        span,
        tuple(rules.runs(day for day in days if day >= span.first)),
        tuple(rules.runs(day for day in days if day < span.first)),
        now,
    )


class Pieces(NamedTuple):
    """A span as months, by their first days, and stretches of days.

    The months are those from `months.first` to `months.last`, less those in `split`.
    """

    months: Span
    split: tuple[date, ...]
    days: tuple[Span, ...]


def pieces(span: Span, live: Sequence[Span]) -> Pieces:
    """Return the span less its live stretches: whole months, and the days of those that are cut.

    The span may begin with the first of all days.
    """
    ends = rules.month_of(span.first), rules.month_of(span.last)
    split = {month for month in ends if month.first < span.first or month.last > span.last}
    split |= rules.by_month(live).keys()
    days: list[Span] = []
    for month in sorted(split):
        inside = Span(max(month.first, span.first), min(month.last, span.last))
        days += rules.minus(inside, live)
    months = Span(ends[0].first, ends[1].first)
    return Pieces(months, tuple(sorted(month.first for month in split)), tuple(days))
