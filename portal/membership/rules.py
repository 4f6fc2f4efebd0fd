"""Pure decisions about a member's year: periods, shares of the targets, what is done and due.

Product rule 11: a report a month and a wish a year are settings; elsewhere it is a quarter, half a
year, 50 hours.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

FIRST_YEAR = 2020
# Who comes into a branch later than so many days before a period's end is not asked for it.
ASKED_DAYS = 10
# A workbook that waits for its confirmation is forgotten after a day.
IMPORT_KEPT = timedelta(days=1)


class Every(StrEnum):
    """How often a member reports to the community."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"


MONTHS = {Every.MONTH: 1, Every.QUARTER: 3, Every.HALF_YEAR: 6}


@dataclass(frozen=True, slots=True)
class Span:
    """Local days, both included."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Return whether the day is one of them."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Targets:
    """What the district asks of a member. 0: nothing."""

    every: Every
    wishes: int
    hours: int
    wishes_fulfilled: bool = False
    hours_in_community: bool = False
    service_reports: bool = True


@dataclass(frozen=True, slots=True)
class Counted:
    """What the records say of a member in a span; bit n of `reports` is the year's n-th period."""

    since_on: date
    known_on: date
    reports: int = 0
    pledged: int = 0
    fulfilled: int = 0
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """What there is of what is asked; nothing asked is done."""

    have: int
    asked: int

    @property
    def is_done(self) -> bool:
        """Whether nothing is missing."""
        return self.have >= self.asked

    @property
    def missing(self) -> int:
        """How much is missing."""
        return max(0, self.asked - self.have)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a member stands: `reports` of the periods that have begun, `present` of the one of today."""

    reports: Share
    present: Share
    wishes: Share
    minutes: Share

    @property
    def is_done(self) -> bool:
        """Whether nothing of the year is missing so far."""
        return all(one.is_done for one in (self.present, self.wishes, self.minutes))


def year_span(year: int) -> Span:
    """Return the days of a year."""
    return Span(date(year, 1, 1), date(year, 12, 31))


@cache
def periods_of(span: Span, every: Every) -> tuple[Span, ...]:
    """Return the periods that end within the span, in order; at most twelve in a year.

    Kept: a branch asks once for each of its members.
    """
    found = []
    period = period_at(span.first, every)
    while period.last <= span.last:
        found.append(period)
        period = period_at(period.last + timedelta(days=1), every)
    return tuple(found)


def period_at(day: date, every: Every) -> Span:
    """Return the period that holds the day."""
    months = MONTHS[every]
    first = (day.month - 1) // months * months + 1
    last = first + months - 1
    return Span(date(day.year, first, 1), date(day.year, last, monthrange(day.year, last)[1]))


def is_asked(period: Span, known_on: date) -> bool:
    """Return whether a member who is known since then is asked for the period."""
    return known_on <= period.last - timedelta(days=ASKED_DAYS - 1)


def share(target: int, since_on: date, year: int) -> int:
    """Return a yearly target shared out by the months since the person is in the branch."""
    if since_on.year > year:
        return 0
    months = 12 if since_on.year < year else 13 - since_on.month
    return (target * months + 6) // 12


def standing(counted: Counted, targets: Targets, span: Span, today: date) -> Standing:
    """Return how a member stands in a year, or a part of it, as far as it has gone.

    Wishes and hours are asked of a whole year alone.
    """
    year = span.first.year
    begun = reported = now_asked = now_reported = 0
    for number, period in enumerate(periods_of(year_span(year), targets.every)):
        if not span.holds(period.last):
            continue
        done = counted.reports >> number & 1
        # Who reports without being asked has done so all the same.
        asked = done or int(is_asked(period, counted.known_on) and period.first <= today)
        begun += asked
        reported += done
        if period.holds(today):
            now_asked, now_reported = asked, done
    wishes = counted.fulfilled if targets.wishes_fulfilled else counted.pledged
    yearly = int(span == year_span(year))
    return Standing(
        reports=Share(reported, begun),
        present=Share(now_reported, now_asked),
        wishes=Share(wishes, yearly * share(targets.wishes, counted.since_on, year)),
        minutes=Share(counted.minutes, yearly * share(targets.hours * 60, counted.since_on, year)),
    )


def year_of(asked: str, today: date) -> int:
    """Return the year that an address asks for; the present one when it is none."""
    year = int(asked) if asked.isdecimal() and len(asked) == 4 else today.year
    return year if FIRST_YEAR <= year <= today.year else today.year


def cards_span(asked: str, year: int, every: Every) -> tuple[str, Span]:
    """Return name and days of what a feedback card covers: the year, a quarter or a half of it.

    A card covers whole periods, so where members report half-yearly there are halves.
    """
    parts = card_parts(every)
    if asked not in parts:
        return "year", year_span(year)
    months = 12 // len(parts)
    first = parts.index(asked) * months + 1
    last = first + months - 1
    return asked, Span(date(year, first, 1), date(year, last, monthrange(year, last)[1]))


def card_parts(every: Every) -> tuple[str, ...]:
    """Return the parts of a year of which there are cards."""
    return ("h1", "h2") if every == Every.HALF_YEAR else ("q1", "q2", "q3", "q4")
