"""Pure decisions about stays: what accepted scans mean, and what was told afterwards beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from portal.attendance.models import Direction, Pending, VisitState, Way
from portal.core import clock

MOST_PAIRS = 3
# Somebody's word about a stay, or that nobody said one in time.
_WORDS = frozenset({Way.CONFIRMED, Way.LAPSED})


@dataclass(frozen=True, slots=True)
class Mark:
    """An accepted scan, as far as it says something about a stay.

    `told`: by which key somebody told coming and going together afterwards (see `told.py`).
    """

    direction: Direction
    way: Way
    occurred_at: datetime
    told: str = ""


@dataclass(frozen=True, slots=True)
class Stay:
    """The n-th pair of in and out. `settled` says what became of one closed by rule.

    `told`: the key of what was told afterwards and adds something to what was scanned.
    """

    pair: int
    in_at: datetime
    out_at: datetime | None = None
    closed_by: Way | None = None
    settled: Way | None = None
    told: str = ""

    @property
    def is_open(self) -> bool:
        """Whether nobody has gone out yet."""
        return self.out_at is None

    @property
    def waits(self) -> bool:
        """Whether it was closed by rule and nobody has said anything about it."""
        return self.closed_by == Way.RULE and self.settled is None

    @property
    def is_unsure(self) -> bool:
        """Whether nobody who knows has said when it ended."""
        return self.is_open or (self.closed_by == Way.RULE and self.settled != Way.CONFIRMED)


def derive(marks: Iterable[Mark]) -> list[Stay]:
    """Return the stays that accepted scans make, whatever the order in which they reached us.

    `marks` come in the order stored; those of one instant keep it. What does not fit (a second
    `in`, an `out` of nobody, a rule's closing after a real one) changes nothing, nor does an `in`
    that would make one pair too many on a day. What was told afterwards as a whole, in and out, is
    united with what was scanned: never counted twice.
    """
    known = list(marks)
    scanned, told = _apart(known)
    stays = _in_turn(scanned, told)
    return _settled(_united(stays, told), known) if told else stays


def _apart(marks: Iterable[Mark]) -> tuple[list[Mark], list[Stay]]:
    """Return the scans, and what was told as a whole; half of it told alone is like a scan."""
    scanned, pairs = [], dict[str, dict[Direction, Mark]]()
    for mark in marks:
        if mark.told:
            pairs.setdefault(mark.told, {})[mark.direction] = mark
        else:
            scanned.append(mark)
    whole = [pair for pair in pairs.values() if len(pair) == len(Direction)]
    scanned += [mark for pair in pairs.values() if pair not in whole for mark in pair.values()]
    return scanned, [_told(pair[Direction.IN], pair[Direction.OUT]) for pair in whole]


def _told(came: Mark, went: Mark) -> Stay:
    return Stay(0, came.occurred_at, went.occurred_at, went.way, told=went.told)


def _in_turn(marks: Iterable[Mark], told: Sequence[Stay]) -> list[Stay]:
    stays: list[Stay] = []
    for mark in sorted(marks, key=lambda one: one.occurred_at):
        last = stays[-1] if stays else None
        if mark.direction == Direction.IN:
            if last is not None and last.is_open:
                last = stays[-1] = _ended(last, told, mark.occurred_at)
            is_out = last is None or not last.is_open
            if is_out and pairs_on(stays, mark.occurred_at) < MOST_PAIRS:
                stays.append(Stay(len(stays) + 1, mark.occurred_at, told=mark.told))
        elif last is not None:
            stays[-1] = _gone(last, mark)
    return stays


def pairs_on(stays: Iterable[Stay], at: datetime) -> int:
    """Return how many of the stays began on the local day of an instant."""
    day = clock.local_day(at)
    return sum(clock.local_day(stay.in_at) == day for stay in stays)


def _gone(last: Stay, mark: Mark) -> Stay:
    """Return what an `out` makes of the last stay."""
    settles = mark.way in _WORDS
    told = mark.told or last.told
    if last.is_open and mark.way != Way.LAPSED:
        settled = Way.CONFIRMED if settles else None
        return replace(
            last, out_at=mark.occurred_at, closed_by=mark.way, settled=settled, told=told
        )
    if not settles and last.waits and mark.way != Way.RULE:
        return replace(last, out_at=mark.occurred_at, closed_by=mark.way, told=told)
    if not settles or last.settled is not None:
        return last
    if last.waits:
        return replace(last, out_at=mark.occurred_at, settled=mark.way)
    return replace(last, settled=mark.way) if last.out_at == mark.occurred_at else last


def _ended(stay: Stay, told: Sequence[Stay], by: datetime | None) -> Stay:
    """Return a stay of which nobody knew the end as it ends by what was told until `by`."""
    ends = [
        one
        for one in told
        if one.out_at is not None
        and one.out_at > stay.in_at
        and (stay.out_at is None or one.in_at <= stay.out_at)
        and (by is None or one.out_at <= by)
    ]
    if not ends:
        return stay
    last = max(ends, key=lambda one: one.out_at or one.in_at)
    return replace(stay, out_at=last.out_at, closed_by=last.closed_by, settled=None, told=last.told)


def _united(stays: Sequence[Stay], told: Sequence[Stay]) -> list[Stay]:
    """Return the union of both, numbered in turn."""
    known = [_ended(stay, told, None) if stay.is_unsure else stay for stay in stays]
    found: list[Stay] = []
    for stay in sorted([*known, *told], key=lambda one: (one.in_at, bool(one.told))):
        last = found[-1] if found else None
        if last is None or last.out_at is None or not _meet(last.out_at, stay):
            found.append(stay)
        elif stay.out_at is not None and stay.out_at > last.out_at:
            found[-1] = replace(stay, in_at=last.in_at, told=stay.told or last.told)
    return [replace(stay, pair=pair) for pair, stay in enumerate(found, 1)]


def _settled(stays: Sequence[Stay], marks: Sequence[Mark]) -> list[Stay]:
    """Return the stays with the words about those told, which no scanned stay could take up.

    That nobody said one in time counts only against what had been told by then.
    """
    places = {mark.told: place for place, mark in enumerate(marks) if mark.told}

    def word(stay: Stay) -> Way | None:
        of_stay = (
            mark.way
            for place, mark in enumerate(marks)
            if mark.way in _WORDS
            and (mark.direction, mark.occurred_at) == (Direction.OUT, stay.out_at)
            and (mark.way == Way.CONFIRMED or place > places[stay.told])
        )
        return next(of_stay, None)

    return [
        replace(stay, settled=word(stay)) if stay.told and stay.settled is None else stay
        for stay in stays
    ]


def _meet(until: datetime, stay: Stay) -> bool:
    """Return whether a stay begins before another has ended; one that goes on begins a new one."""
    return stay.in_at < until if stay.out_at is None else stay.in_at <= until


def standing(
    stay: Stay, *, earns: bool, registered: bool, is_held: bool = False
) -> tuple[VisitState, Pending | None]:
    """Return what a stay means: only registered volunteers' places earn minutes (product rule 6).

    A stay closed by rule waits for somebody's word (rule 4), one of an applicant for the approval;
    one that `is_held`, because the rules hold short stays, for the leader's word.
    """
    if stay.is_open or not earns:
        return VisitState.OPEN if stay.is_open else VisitState.CLOSED, None
    if stay.settled == Way.LAPSED:
        return VisitState.LAPSED, None
    if stay.waits:
        return VisitState.PROVISIONAL, Pending.NO_CHECK_OUT
    if is_held and stay.settled is None:
        return VisitState.PROVISIONAL, Pending.SHORT_STAY
    if not registered:
        return VisitState.PROVISIONAL, Pending.NOT_REGISTERED
    return VisitState.CLOSED, None


# --- what was told -------------------------------------------------------------------------------

# The key of a scan that tells one half of a stay: what it is known by, and its direction.
_TOLD = re.compile(r"((?:paper-[a-z0-9]+-(\d+)-(\d+))|(?:walk-in-[a-z0-9]+))-(?:in|out)")


def paper_key(shift_id: str, sheet: int, row: int) -> str:
    """Return what a row of a paper sheet is known by, for ever; `shift_id` is the public id."""
    return f"paper-{shift_id}-{sheet}-{row}"


def walk_in_key(walk_in_id: str) -> str:
    """Return what the stay of somebody who walked in is known by."""
    return f"walk-in-{walk_in_id}"


def told_by(scan_id: str | None) -> str:
    """Return the key of the told stay that a scan is one half of; empty for other scans."""
    found = _TOLD.fullmatch(scan_id or "")
    return found[1] if found else ""


def evidence(told: str) -> dict[str, int]:
    """Return which row of which sheet a stay stands on, as it is kept with the record."""
    found = _TOLD.fullmatch(f"{told}-in")
    return {"sheet": int(found[2]), "row": int(found[3])} if found and found[2] else {}
