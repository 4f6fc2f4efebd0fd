"""Pure decisions about figures: what was asked for, days into rows, minutes into hours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from portal.core.i18n import gettext as _

LONGEST_DAYS = 1100
LONGEST_BY_DAY = 366
# More separate stretches of days than this are read as one, gaps included.
MOST_RUNS = 60
_ISO_DAY = re.compile(r"20\d\d-\d\d-\d\d")
_ONE_DAY = timedelta(days=1)


class By(StrEnum):
    """What a row of the table stands for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    STATION = "station"
    KIND = "kind"

    @property
    def is_time(self) -> bool:
        """Whether rows are stretches of days."""
        return self in {By.DAY, By.WEEK, By.MONTH}


class Span(NamedTuple):
    """Local days, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1


class Fault(NamedTuple):
    """A parameter that could not be used, and how it should be written."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What to show: usable in any case; `faults` name what was not used."""

    span: Span
    by: By
    faults: tuple[Fault, ...] = ()


def month_so_far(today: date) -> Span:
    """Return the running month up to today."""
    return Span(today.replace(day=1), today)


def read(values: Mapping[str, str], today: date) -> Asked:
    """Return what the parameters `from`, `to`, `by` ask for; the running month by default."""
    faults: list[Fault] = []
    span = _read_span(values, today, faults)
    by = _read_by(values.get("by", ""), span, faults)
    return Asked(span, by, tuple(faults))


def _read_span(values: Mapping[str, str], today: date, faults: list[Fault]) -> Span:
    first = _read_day(values.get("from", ""), "from", _("开始日期"), faults)
    last = _read_day(values.get("to", ""), "to", _("结束日期"), faults)
    if first is None and last is None:
        return month_so_far(today)
    if first is None and last is not None:
        first = last.replace(day=1)
    if last is None and first is not None:
        last = max(first, today)
    span = Span(first or today, last or today)
    if span.first > span.last:
        faults.append(Fault("to", _("开始日期不能晚于结束日期。")))
        return month_so_far(today)
    if span.days > LONGEST_DAYS:
        faults.append(Fault("from", _("一次最多看三年。")))
        return Span(span.last - timedelta(days=LONGEST_DAYS - 1), span.last)
    return span


def _read_day(text: str, field: str, name: str, faults: list[Fault]) -> date | None:
    if not text:
        return None
    try:
        if _ISO_DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    faults.append(Fault(field, _("%(name)s要写成 2026-11-01 这样。", name=name)))
    return None


def _read_by(text: str, span: Span, faults: list[Fault]) -> By:
    if text and text not in set(By):
        faults.append(Fault("by", _("分组只能是 day、week、month、station 或 kind。")))
    by = By(text) if text in set(By) else By.STATION
    if by == By.DAY and span.days > LONGEST_BY_DAY:
        faults.append(Fault("by", _("按天最多看一年。")))
        return By.MONTH
    return by


# --- days into rows ------------------------------------------------------------------------------


def buckets(span: Span, by: By) -> list[Span]:
    """Return the days, weeks (from Monday) or months of the span, cut to it, in order."""
    found = []
    first = span.first
    while first <= span.last:
        last = min(_last_of(first, by), span.last)
        found.append(Span(first, last))
        first = last + _ONE_DAY
    return found


def _last_of(day: date, by: By) -> date:
    if by == By.WEEK:
        return day + timedelta(days=6 - day.weekday())
    return month_of(day).last if by == By.MONTH else day


def month_of(day: date) -> Span:
    """Return the whole month of the day."""
    first = day.replace(day=1)
    return Span(first, (first + timedelta(days=32)).replace(day=1) - _ONE_DAY)


def runs(days: Iterable[date]) -> list[Span]:
    """Return the days as stretches without gaps; one stretch over all when there are very many."""
    found: list[Span] = []
    for day in sorted(set(days)):
        if found and found[-1].last + _ONE_DAY == day:
            found[-1] = Span(found[-1].first, day)
        else:
            found.append(Span(day, day))
    return [Span(found[0].first, found[-1].last)] if len(found) > MOST_RUNS else found


def by_month(days: Iterable[Span]) -> dict[Span, list[Span]]:
    """Return the stretches, cut at the ends of months, by the month they lie in."""
    found: dict[Span, list[Span]] = {}
    for run in days:
        for part in buckets(run, By.MONTH):
            found.setdefault(month_of(part.first), []).append(part)
    return found


def minus(span: Span, without: Iterable[Span]) -> list[Span]:
    """Return what is left of the span without these stretches, which are in order."""
    found, first = [], span.first
    for gap in without:
        last = min(gap.first - _ONE_DAY, span.last)
        if first <= last:
            found.append(Span(first, last))
        first = max(first, gap.last + _ONE_DAY)
    if first <= span.last:
        found.append(Span(first, span.last))
    return found


# --- numbers -------------------------------------------------------------------------------------


def tenths_of_hours(minutes: int) -> int:
    """Return minutes as tenths of an hour, rounded half up (away from nought)."""
    tenths = (abs(minutes) * 10 + 30) // 60
    return -tenths if minutes < 0 else tenths


def hours_text(minutes: int) -> str:
    """Return 1,234.5."""
    return f"{tenths_of_hours(minutes) / 10:,.1f}"


def per_head(amount: int, persons: int) -> int | None:
    """Return the whole amount a head, rounded half up; None for nobody."""
    return (2 * amount + persons) // (2 * persons) if persons else None


def hours_per_head(minutes: int, persons: int) -> float | None:
    """Return hours a head with one decimal, rounded once; None for nobody."""
    tenths = per_head(minutes * 10, persons * 60)
    return None if tenths is None else tenths / 10


def rate(part: int, whole: int) -> float | None:
    """Return the share with four decimals; None of nothing."""
    return round(part / whole, 4) if whole else None


def heights(values: Sequence[int], most: int) -> list[int]:
    """Return the bars' heights for the values, the tallest `most`, none below nought."""
    top = max((*values, 1))
    return [max(0, value) * most // top for value in values]
