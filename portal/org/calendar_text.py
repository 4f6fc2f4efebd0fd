"""Reading the list of a year's holidays as somebody pastes it: a day or a span a line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from portal.core.i18n import gettext as _

_DATE = r"(?:(\d{4})\s*[-/.年])?\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
_LINE = re.compile(
    rf"\s*{_DATE}(?:\s*(?:~|～|—|–|至|到|\bto\b)\s*{_DATE})?[\s,，;；、:：]+"
    r"(放假|休息|休|假|holiday|上班|班|调休上班|补班|work|working)[\s,，;；、:：]*(.*?)\s*",
    re.IGNORECASE,
)
_FREE = {"放假", "休息", "休", "假", "holiday"}
LONGEST_SPAN = 15


@dataclass(frozen=True, slots=True)
class Read:
    """What was understood: (day, is working, name) in order, and what is wrong, a sentence each."""

    days: list[tuple[date, bool, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def holidays(self) -> int:
        """How many days are free."""
        return sum(not works for _day, works, _name in self.days)

    @property
    def swapped(self) -> int:
        """How many weekend days are worked."""
        return sum(works for _day, works, _name in self.days)


def read(text: str, year: int) -> Read:
    """Return the days of a year's list. A line is `2027-02-05 放假 春节`, or a span of days.

    A blank line and a line that begins with # say nothing.
    """
    found: dict[date, tuple[bool, str]] = {}
    faults: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            fault = _take(line, year, found)
            if fault:
                faults.append(_("第 %(n)d 行：%(fault)s", n=number, fault=fault))
    if not found and not faults:
        faults.append(_("没有读到一天。请一行写一天，例如 2027-02-05 放假 春节。"))
    return Read([(day, *found[day]) for day in sorted(found)], faults)


def _take(line: str, year: int, found: dict[date, tuple[bool, str]]) -> str:
    """Put the days of a line into `found`; return what is wrong with it."""
    parts = _LINE.fullmatch(line)
    if parts is None:
        return _("看不懂。请写成 2027-02-05 放假 春节，或者 2027-02-06 上班。")
    try:
        first = _day(parts.group(1), parts.group(2), parts.group(3), year)
        last = (
            _day(parts.group(4), parts.group(5), parts.group(6), year) if parts.group(5) else first
        )
    except ValueError:
        return _("没有这一天。")
    if first.year != year or last.year != year:
        return _("不是 %(year)d 年的。", year=year)
    if not 0 <= (last - first).days < LONGEST_SPAN:
        return _("从哪天到哪天写反了，或者太长。")
    works, name = parts.group(7).lower() not in _FREE, parts.group(8)[:40]
    return _put(first, last, (works, name), found)


def _put(
    first: date, last: date, said: tuple[bool, str], found: dict[date, tuple[bool, str]]
) -> str:
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        if day in found:
            return _("%(day)s写了两次。", day=f"{day:%m-%d}")
        if said[0] and day.weekday() < 5:
            return _("%(day)s不是周末，本来就上班，不用写。", day=f"{day:%m-%d}")
        found[day] = said
    return ""


def _day(year: str | None, month: str, day: str, usual: int) -> date:
    return date(int(year or usual), int(month), int(day))


def differences(
    before: Mapping[date, tuple[bool, str]], after: Mapping[date, tuple[bool, str]]
) -> list[date]:
    """Return the days that are judged otherwise by the new list."""
    days = {*before, *after}
    return sorted(
        day
        for day in days
        if before.get(day, (day.weekday() < 5, ""))[0] != after.get(day, (day.weekday() < 5, ""))[0]
    )
