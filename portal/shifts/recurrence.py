"""Dates out of a rule, in local wall time: pure, bounded, and judged by the working calendar.

The rule is a subset of RFC 5545: FREQ (DAILY, WEEKLY, MONTHLY), INTERVAL, BYDAY (with an ordinal for
months: 2TU, -1FR), BYMONTHDAY, and COUNT or UNTIL. It gives days; the wall-clock time is put to each
day alone, so that a change of summer time moves no date.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from dateutil.rrule import rrulestr

from portal.core import clock
from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l

MOST_DATES = 200
LONGEST = timedelta(days=731)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PARTS = re.compile(
    r"FREQ=(?P<freq>DAILY|WEEKLY|MONTHLY)"
    r"(;INTERVAL=(?P<interval>\d{1,2}))?"
    r"(;BYDAY=(?P<days>(?:-1|[1-5])?(?:MO|TU|WE|TH|FR|SA|SU)(?:,(?:MO|TU|WE|TH|FR|SA|SU))*))?"
    r"(;BYMONTHDAY=(?P<month_day>\d{1,2}))?"
    r"(;COUNT=(?P<count>\d{1,3})|;UNTIL=(?P<until>\d{8}))?"
)


class Freq(StrEnum):
    """How often."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule in parts. `days` are weekdays from 0 (Monday); `nth` makes it the nth of the month.

    A month without `nth` repeats on `month_day` (a month that has no such day has no date).
    Exactly one of `count` and `until` ends it; `until` is a local day, itself included.
    """

    freq: Freq
    interval: int = 1
    days: tuple[int, ...] = ()
    nth: int | None = None
    month_day: int | None = None
    count: int | None = None
    until: date | None = None

    def __str__(self) -> str:
        """Return the RRULE."""
        parts = [f"FREQ={self.freq}"]
        if self.interval > 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.days:
            days = ",".join(WEEKDAYS[day] for day in self.days)
            parts.append(f"BYDAY={self.nth or ''}{days}")
        if self.month_day:
            parts.append(f"BYMONTHDAY={self.month_day}")
        if self.count:
            parts.append(f"COUNT={self.count}")
        elif self.until:
            parts.append(f"UNTIL={self.until:%Y%m%d}")
        return ";".join(parts)

    @property
    def endless(self) -> Rule:
        """The same rule without its end."""
        return replace(self, count=None, until=None)


def parse(text: str) -> Rule:
    """Return the rule of an RRULE that `str(rule)` wrote. Raises ValueError for any other."""
    found = _PARTS.fullmatch(text)
    if found is None:
        raise ValueError(text)
    days = re.findall(r"(-1|[1-5])?(MO|TU|WE|TH|FR|SA|SU)", found["days"] or "")
    nth = int(days[0][0]) if days and days[0][0] else None
    until = found["until"]
    return Rule(
        Freq(found["freq"]),
        interval=int(found["interval"] or 1),
        days=tuple(WEEKDAYS.index(name) for _nth, name in days),
        nth=nth,
        month_day=int(found["month_day"]) if found["month_day"] else None,
        count=int(found["count"]) if found["count"] else None,
        until=datetime.strptime(until, "%Y%m%d").date() if until else None,  # noqa: DTZ007  a day
    )


def days_of(rule: Rule, starts_on: date) -> Iterator[date]:
    """Yield the days of the rule without its end, from `starts_on`, for two years at most."""
    last = starts_on + LONGEST
    start = datetime.combine(starts_on, time())
    for at in rrulestr(str(rule.endless), dtstart=start):
        if at.date() > last:
            return
        yield at.date()


class Given(NamedTuple):
    """A day that the rule gives: whether it takes place, and what the calendar says of it."""

    day: date
    takes_place: bool
    holiday: str = ""
    is_swapped: bool = False
    is_unlisted: bool = False


@dataclass(frozen=True, slots=True)
class Calendar:
    """What the working calendar says: holidays, weekend days worked in exchange, years published."""

    holidays: Mapping[date, str]
    swapped: Collection[date]
    years: Collection[int]


def given(
    rule: Rule,
    starts_on: date,
    calendar: Calendar,
    *,
    skips: bool,
    kept: Collection[date] = (),
) -> list[Given]:
    """Return every day the rule gives until it ends, skipped ones among them, in order.

    COUNT counts the days that take place; `kept` take place whatever the calendar says. A day in a
    year without a published list takes place and is marked: nothing is guessed. At most 200 take place.
    """
    found: list[Given] = []
    left = min(rule.count or MOST_DATES, MOST_DATES)
    for day in days_of(rule, starts_on):
        if left == 0 or (rule.until and day > rule.until):
            break
        one = _judged(day, calendar, skips=skips and day not in kept)
        left -= one.takes_place
        found.append(one)
    return found


def _judged(day: date, calendar: Calendar, *, skips: bool) -> Given:
    holiday = calendar.holidays.get(day, "")
    return Given(
        day,
        takes_place=not (skips and holiday),
        holiday=holiday,
        is_swapped=day in calendar.swapped,
        is_unlisted=day.year not in calendar.years,
    )


def span(day: date, starts_minute: int, length_minutes: int) -> tuple[datetime, datetime]:
    """Return the span of a date as instants: both ends are wall-clock times, whatever the clocks do.

    Where summer time takes the length away (an hour that does not exist), the length is kept.
    """
    starts_at = _at(day, starts_minute)
    ends_at = _at(day, starts_minute + length_minutes)
    if ends_at <= starts_at:
        ends_at = starts_at + timedelta(minutes=length_minutes)
    return starts_at, ends_at


def _at(day: date, minute: int) -> datetime:
    days, rest = divmod(minute, 1440)
    return clock.at_local(day + timedelta(days=days), time(rest // 60, rest % 60))


def moved(rule: Rule, old: date, new: date) -> Rule:
    """Return the rule after one of its days goes from `old` to `new`: another weekday, or day.

    Raises Invalid(`day`) where the rule cannot follow: a daily one, another week or month, or a
    weekday that it has already.
    """
    if old == new:
        return rule
    if rule.freq == Freq.DAILY:
        raise Invalid("day", _("每天都办的，不能改日期。可以只改这一次。"))
    if rule.freq == Freq.MONTHLY:
        return _moved_in_month(rule, old, new)
    if new - timedelta(days=new.weekday()) != old - timedelta(days=old.weekday()):
        raise Invalid("day", _("以后都改的话，新日期要在同一周里。可以只改这一次。"))
    others = [day for day in rule.days if day != old.weekday()]
    if new.weekday() in others:
        raise Invalid("day", _("这个系列在那一天已经有一场了。可以只改这一次。"))
    return replace(rule, days=tuple(sorted([*others, new.weekday()])))


def _moved_in_month(rule: Rule, old: date, new: date) -> Rule:
    if (old.year, old.month) != (new.year, new.month):
        raise Invalid("day", _("以后都改的话，新日期要在同一个月里。可以只改这一次。"))
    if rule.month_day:
        return replace(rule, month_day=new.day)
    nth = (new.day - 1) // 7 + 1
    return replace(rule, days=(new.weekday(),), nth=-1 if nth > 4 or rule.nth == -1 else nth)


def follows(before: Rule, after: Rule, day: date) -> date | None:
    """Return where a day of the rule `before` goes when the rule becomes `after` by `moved`.

    None where the month has no such day.
    """
    if before.freq == Freq.WEEKLY:
        gone = set(before.days) - set(after.days)
        come = set(after.days) - set(before.days)
        if day.weekday() in gone:
            return day + timedelta(days=come.pop() - day.weekday())
        return day
    if before.freq == Freq.MONTHLY and before != after:
        first = day.replace(day=1)
        return next((one for one in days_of(after, first) if one.month == day.month), None)
    return day


_ORDINALS = {1: _l("第一个"), 2: _l("第二个"), 3: _l("第三个"), 4: _l("第四个"), -1: _l("最后一个")}
_DAY_NAMES = (
    _l("周一"), _l("周二"), _l("周三"), _l("周四"), _l("周五"), _l("周六"), _l("周日"),
)  # fmt: skip


def words(rule: Rule) -> str:
    """Return the rule in words: 每 2 周的周三、周五，共 10 次."""
    days = _("、").join(str(_DAY_NAMES[day]) for day in rule.days)
    if rule.freq == Freq.DAILY:
        text = _("每天") if rule.interval == 1 else _("每 %(n)d 天", n=rule.interval)
    elif rule.freq == Freq.WEEKLY:
        every = _("每周") if rule.interval == 1 else _("每 %(n)d 周", n=rule.interval)
        text = _("%(every)s的%(days)s", every=every, days=days)
    else:
        every = _("每月") if rule.interval == 1 else _("每 %(n)d 个月", n=rule.interval)
        on = f"{_ORDINALS[rule.nth]}{days}" if rule.nth else _month_day(rule.month_day or 1)
        text = _("%(every)s的%(days)s", every=every, days=on)
    return text


def _month_day(day: int) -> str:
    return _(" %(n)d 日", n=day)
