"""Pure decisions about posts: the weekly grid, what it asks of a span, what a change of it means."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from portal.core import clock
from portal.core.errors import Reason
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l

DAY = timedelta(days=1)


class Cell(NamedTuple):
    """One cell of the grid: weekday 0 (Monday) to 6, minutes of the local day, how many."""

    weekday: int
    starts_minute: int
    ends_minute: int
    volunteers: int

    @property
    def key(self) -> tuple[int, int]:
        """What makes it the same cell after a change: weekday and start."""
        return self.weekday, self.starts_minute


@dataclass(frozen=True, slots=True)
class Pattern:
    """The weekly grid, and from when until when it holds."""

    cells: tuple[Cell, ...]
    from_on: date
    until_on: date | None = None
    skips_holidays: bool = True


class Duty(NamedTuple):
    """What the grid asks for on one day."""

    day: date
    cell: Cell
    starts_at: datetime
    ends_at: datetime

    @property
    def key(self) -> tuple[date, int]:
        """What makes it the same duty after a change: the day and the cell's start."""
        return self.day, self.cell.starts_minute


def overlapping(cells: Iterable[Cell]) -> set[int]:
    """Return the weekdays on which two cells overlap (half-open: one may begin as another ends)."""
    found: set[int] = set()
    ended: dict[int, int] = {}
    for cell in sorted(cells):
        if cell.starts_minute < ended.get(cell.weekday, 0):
            found.add(cell.weekday)
        ended[cell.weekday] = max(cell.ends_minute, ended.get(cell.weekday, 0))
    return found


def duties(pattern: Pattern, first: date, last: date, holidays: Collection[date]) -> list[Duty]:
    """Return what the grid asks for from `first` to `last`, both included, in time order."""
    day = max(first, pattern.from_on)
    last = min(last, pattern.until_on) if pattern.until_on else last
    found = []
    while day <= last:
        if not (pattern.skips_holidays and day in holidays):
            found += [_duty(day, cell) for cell in pattern.cells if cell.weekday == day.weekday()]
        day += DAY
    return sorted(found, key=lambda duty: duty.starts_at)


def _duty(day: date, cell: Cell) -> Duty:
    return Duty(day, cell, _instant(day, cell.starts_minute), _instant(day, cell.ends_minute))


def _instant(day: date, minute: int) -> datetime:
    days, rest = divmod(minute, 1440)
    return clock.at_local(day + days * DAY, time(rest // 60, rest % 60))


def may_be_published(*, is_risky: bool, insurance_note: str, has_cells: bool) -> list[Reason]:
    """Return all reasons against publishing (《志愿服务条例》 art. 12, 17: risks and insurance)."""
    reasons = []
    if is_risky and not insurance_note:
        message = _("有风险的岗要先写明保险，才能发布。请点“修改”补上。")
        reasons.append(Reason("insurance_missing", message))
    if not has_cells:
        reasons.append(Reason("no_cell", _("还没有排班。请先排一周哪几天、几点、要几个人。")))
    return reasons


# --- a change of the grid ------------------------------------------------------------------------


class Existing(NamedTuple):
    """A shift to come as it stands: the day and start of its cell, and how many signed up for it."""

    shift_id: int
    key: tuple[date, int]
    starts_at: datetime
    ends_at: datetime
    capacity: int
    people: int


class Altered(NamedTuple):
    """A shift that stays and gets another end or another number of places."""

    shift: Existing
    ends_at: datetime
    capacity: int


@dataclass(frozen=True, slots=True)
class Change:
    """What a new grid does to the shifts to come.

    Nobody has signed up for what is dropped or altered; the rest is asked about: `unwanted` are not
    in the grid any more, `different` would end at another time or have fewer places than people.
    """

    added: Sequence[Duty] = ()
    dropped: Sequence[Existing] = ()
    altered: Sequence[Altered] = ()
    unwanted: Sequence[Existing] = ()
    different: Sequence[Altered] = ()

    @property
    def asks(self) -> bool:
        """Whether somebody has signed up for what the new grid does not hold."""
        return bool(self.unwanted or self.different)


@dataclass(slots=True)
class _Sorting:
    dropped: list[Existing] = field(default_factory=list)
    altered: list[Altered] = field(default_factory=list)
    unwanted: list[Existing] = field(default_factory=list)
    different: list[Altered] = field(default_factory=list)


def change(existing: Sequence[Existing], wanted: Sequence[Duty]) -> Change:
    """Return what becomes of the shifts to come when these duties are wanted instead.

    A shift that was moved by hand is an exception of its day, and stays as it is.
    """
    by_key = {duty.key: duty for duty in wanted}
    sorting = _Sorting()
    for shift in existing:
        duty = by_key.pop(shift.key, None)
        if duty is None:
            (sorting.unwanted if shift.people else sorting.dropped).append(shift)
        elif duty.starts_at != shift.starts_at:
            continue
        elif (duty.ends_at, duty.cell.volunteers) != (shift.ends_at, shift.capacity):
            altered = Altered(shift, duty.ends_at, duty.cell.volunteers)
            (sorting.different if _asks(altered) else sorting.altered).append(altered)
    return Change(
        list(by_key.values()),
        sorting.dropped,
        sorting.altered,
        sorting.unwanted,
        sorting.different,
    )


def _asks(altered: Altered) -> bool:
    """More or fewer free places concern nobody; another end does, once somebody has signed up."""
    shift = altered.shift
    if not shift.people:
        return False
    return altered.ends_at != shift.ends_at or altered.capacity < shift.people


# --- how a shift stands on the rota --------------------------------------------------------------


class Cover(StrEnum):
    """How well a duty is manned."""

    FULL = "full"
    SHORT = "short"
    EMPTY = "empty"
    ATTENDED = "attended"
    ABSENT = "absent"
    CALLED_OFF = "called_off"


COVER_LETTERS = {
    Cover.FULL: _l("满"),
    Cover.SHORT: _l("缺"),
    Cover.EMPTY: _l("空"),
    Cover.ATTENDED: _l("在"),
    Cover.ABSENT: _l("未"),
    Cover.CALLED_OFF: _l("消"),
}
COVER_LABELS = {
    Cover.FULL: _l("人满了"),
    Cover.SHORT: _l("还缺人"),
    Cover.EMPTY: _l("没有人"),
    Cover.ATTENDED: _l("有人到岗"),
    Cover.ABSENT: _l("没有人到岗"),
    Cover.CALLED_OFF: _l("取消了"),
}


def cover(*, is_planned: bool, has_begun: bool, capacity: int, taken: int, came: int) -> Cover:
    """Return how a duty stands: by who holds places before it begins, by who came afterwards."""
    if not is_planned:
        return Cover.CALLED_OFF
    if came:
        return Cover.ATTENDED
    if has_begun:
        return Cover.ABSENT
    if not taken:
        return Cover.EMPTY
    return Cover.FULL if taken >= capacity else Cover.SHORT


def percent(part: int, whole: int) -> int | None:
    """Return a share in whole percent, rounded down so that only all is 100; None of nothing."""
    return part * 100 // whole if whole else None


def weekdays_text(cells: Iterable[Cell], names: Mapping[int, str]) -> list[str]:
    """Return the grid in words, a span a line: 周一、周三 09:00-11:00."""
    spans: dict[tuple[int, int], list[int]] = {}
    for cell in sorted(
        cells, key=lambda cell: (cell.starts_minute, cell.ends_minute, cell.weekday)
    ):
        spans.setdefault((cell.starts_minute, cell.ends_minute), []).append(cell.weekday)
    return [
        f"{_days(days, names)} {_clock(starts)}-{_clock(ends)}"
        for (starts, ends), days in spans.items()
    ]


def _days(days: Sequence[int], names: Mapping[int, str]) -> str:
    if len(days) == 7:
        return _("每天")
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return _("%(first)s到%(last)s", first=names[days[0]], last=names[days[-1]])
    return _("、").join(names[day] for day in days)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def needs_review_first() -> Reason:
    """Return the refusal of a risk that nobody has reviewed, on a post that is published."""
    message = _("发布了的岗不能再改成有风险的。请照这个再建一个，提交审核。")
    return Reason("needs_review", message)
