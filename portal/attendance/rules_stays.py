"""Pure decisions about stays: what accepted scans mean, and what was told afterwards beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from portal.attendance.models import Direction, Pending, VisitState, Way


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
    `in`, an `out` of nobody, a rule's closing after a real one) changes nothing. What was told
    afterwards as a whole, in and out, is united with what was scanned: never counted twice.
    """
    scanned, told = _apart(marks)
    stays = _in_turn(scanned, told)
    return _united(stays, told) if told else stays


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
            if last is None or not last.is_open:
                stays.append(Stay(len(stays) + 1, mark.occurred_at, told=mark.told))
        elif last is None:
            continue
        elif mark.way in {Way.CONFIRMED, Way.LAPSED}:
            stays[-1] = replace(last, settled=mark.way) if last.waits else last
        elif last.is_open or (last.waits and mark.way != Way.RULE):
            closed_at, key = mark.occurred_at, mark.told or last.told
            stays[-1] = replace(last, out_at=closed_at, closed_by=mark.way, told=key)
    return stays


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


def _meet(until: datetime, stay: Stay) -> bool:
    """Return whether a stay begins before another has ended; one that goes on begins a new one."""
    return stay.in_at < until if stay.out_at is None else stay.in_at <= until


def standing(stay: Stay, *, earns: bool, registered: bool) -> tuple[VisitState, Pending | None]:
    """Return what a stay means: only registered volunteers' places earn minutes (product rule 6).

    A stay closed by rule waits for somebody's word (rule 4), one of an applicant for the approval.
    """
    if stay.is_open:
        return VisitState.OPEN, None
    if not earns:
        return VisitState.CLOSED, None
    if stay.settled == Way.LAPSED:
        return VisitState.LAPSED, None
    if stay.waits:
        return VisitState.PROVISIONAL, Pending.NO_CHECK_OUT
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
