"""Pure decisions about typed sheets: how a time is read, what is wrong with a row, who may release."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from portal.arrivals.models_paper import BatchState
from portal.attendance.rules_stays import MOST_PAIRS, Stay
from portal.core import clock

STEPS: dict[tuple[BatchState, str], BatchState] = {
    (BatchState.DRAFT, "submit"): BatchState.SUBMITTED,
    (BatchState.RETURNED, "submit"): BatchState.SUBMITTED,
    (BatchState.SUBMITTED, "take_back"): BatchState.DRAFT,
    (BatchState.SUBMITTED, "return"): BatchState.RETURNED,
    (BatchState.SUBMITTED, "release"): BatchState.RELEASED,
    (BatchState.DRAFT, "set_aside"): BatchState.UNUSED,
    (BatchState.RETURNED, "set_aside"): BatchState.UNUSED,
    (BatchState.UNUSED, "resume"): BatchState.DRAFT,
}
TYPED_IN = frozenset({BatchState.DRAFT, BatchState.RETURNED})
# The end of a number by which, with the name, somebody may be found.
SHORTEST_PHONE = 4
_TIME = re.compile(r"(\d{1,2})[:.]?(\d{2})")
_MARKS = str.maketrans({"。": ".", "：": ":", "点": ":", "时": ":", "分": "", " ": ""})


class Wrong(StrEnum):
    """What is wrong with a typed row; the words stand in `words.py`."""

    NO_TIME = "no_time"
    BAD_CAME = "bad_came"
    BAD_WENT = "bad_went"
    NO_CAME = "no_came"
    NOT_AFTER = "not_after"
    FUTURE = "future"
    TOO_EARLY = "too_early"
    AFTER_END = "after_end"
    TOO_LATE = "too_late"
    TOO_LONG = "too_long"
    NO_NAME = "no_name"
    BAD_PHONE = "bad_phone"
    WITHDRAWN = "withdrawn"
    TOO_MANY = "too_many"
    # At the release.
    NOT_LET_IN = "not_let_in"


def read_time(typed: str) -> time | None:
    """Return the time that was typed as 0830, 830, 8:30, 8.30 or 8点30; None when it is none."""
    plain = unicodedata.normalize("NFKC", typed).translate(_MARKS)
    found = _TIME.fullmatch(plain)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    return time(int(found[1]), int(found[2]))


@dataclass(frozen=True, slots=True)
class Window:
    """What the times of a shift's sheet are judged by; minutes are the district's figures."""

    starts_at: datetime
    ends_at: datetime
    early_minutes: int
    late_minutes: int
    longest_minutes: int
    now: datetime

    @property
    def opens_at(self) -> datetime:
        """From when somebody can have come."""
        return self.starts_at - timedelta(minutes=self.early_minutes)

    @property
    def closes_at(self) -> datetime:
        """Until when somebody can have gone."""
        return self.ends_at + timedelta(minutes=self.late_minutes)

    def instant(self, at: time) -> datetime:
        """Return the instant that a time of day on the sheet means: the day nearest to the shift."""
        first = clock.local_day(self.opens_at)
        days = range((clock.local_day(self.closes_at) - first).days + 1)
        meant = [clock.at_local(first + timedelta(days=day), at) for day in days]
        return min(meant, key=self._outside)

    def _outside(self, at: datetime) -> timedelta:
        return max(self.opens_at - at, at - self.closes_at, timedelta(0))


@dataclass(frozen=True, slots=True)
class Typed:
    """One row as it was typed. `number` is its place on the sheet."""

    number: int
    came: str = ""
    went: str = ""
    name: str = ""
    phone: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not (self.came or self.went or self.name or self.phone)


@dataclass(frozen=True, slots=True)
class Read:
    """What a row says: its instants as far as they can be read, and all that is wrong with it."""

    in_at: datetime | None
    out_at: datetime | None
    wrong: tuple[Wrong, ...]


def read_row(
    typed: Typed, window: Window, stays: Sequence[Stay], *, is_blank: bool, may_enter: bool
) -> Read:
    """Read a row. `stays` is what was scanned of the person; a blank row is somebody unknown.

    Who came without a code may still have been scanned going, and the other way about.
    """
    if typed.is_empty:
        return Read(None, None, ())
    came, went = read_time(typed.came), read_time(typed.went)
    in_at = window.instant(came) if came else None
    out_at = window.instant(went) if went else None
    wrong = [
        *([Wrong.BAD_CAME] if typed.came and came is None else []),
        *([Wrong.BAD_WENT] if typed.went and went is None else []),
        *([Wrong.NO_TIME] if not typed.came and not typed.went else []),
        *(_of_name(typed) if is_blank else []),
        *([] if is_blank or may_enter else [Wrong.WITHDRAWN]),
    ]
    wrong += _of_times(in_at, out_at, window)
    if in_at is None and out_at is not None and not typed.came:
        wrong += _of_going(out_at, stays)
    wrong += _of_pairs(in_at, out_at, stays)
    return Read(in_at, out_at, tuple(wrong))


def _of_name(typed: Typed) -> list[Wrong]:
    digits = typed.phone.replace(" ", "").replace("-", "")
    bad = bool(digits) and not (digits.isascii() and digits.isdecimal() and len(digits) >= 4)
    return [
        *([] if typed.name else [Wrong.NO_NAME]),
        *([Wrong.BAD_PHONE] if bad else []),
    ]


def _of_times(in_at: datetime | None, out_at: datetime | None, window: Window) -> list[Wrong]:
    given = [at for at in (in_at, out_at) if at is not None]
    found = [Wrong.FUTURE] if any(at > window.now for at in given) else []
    if in_at is not None and in_at < window.opens_at:
        found.append(Wrong.TOO_EARLY)
    if in_at is not None and in_at > window.ends_at:
        found.append(Wrong.AFTER_END)
    if out_at is not None and out_at > window.closes_at:
        found.append(Wrong.TOO_LATE)
    if in_at is not None and out_at is not None:
        if out_at <= in_at:
            found.append(Wrong.NOT_AFTER)
        elif out_at - in_at > timedelta(minutes=window.longest_minutes):
            found.append(Wrong.TOO_LONG)
    return found


def _of_pairs(
    in_at: datetime | None, out_at: datetime | None, stays: Sequence[Stay]
) -> list[Wrong]:
    """Nobody comes and goes more often than scans let them; what meets a stay is a part of it."""
    if in_at is None or len(stays) < MOST_PAIRS:
        return []
    until = out_at or in_at
    meets = any(
        stay.in_at <= until and (stay.out_at is None or stay.out_at >= in_at) for stay in stays
    )
    return [] if meets else [Wrong.TOO_MANY]


def _of_going(out_at: datetime, stays: Sequence[Stay]) -> list[Wrong]:
    """Whoever only went must have been scanned coming, and not going."""
    goes_on = stays[-1] if stays and stays[-1].is_unsure else None
    if goes_on is None:
        return [Wrong.NO_CAME]
    return [] if out_at > goes_on.in_at else [Wrong.NOT_AFTER]


class Barred(StrEnum):
    """Why somebody may not release a batch."""

    TYPED_IT = "typed_it"
    ON_SHEET = "on_sheet"
    OVERDUE = "overdue"


def bars(
    person_id: int, typists: frozenset[int], on_sheet: frozenset[int], *, is_overdue: bool
) -> list[Barred]:
    """Return why this person may not release it (product rule 3: a second person, not concerned)."""
    return [
        *([Barred.TYPED_IT] if person_id in typists else []),
        *([Barred.ON_SHEET] if person_id in on_sheet else []),
        *([Barred.OVERDUE] if is_overdue else []),
    ]
