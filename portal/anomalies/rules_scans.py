"""Detectors over check-ins. Each takes the records and the figures, and says what stands out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from portal.anomalies.models import AnomalyKind
from portal.anomalies.rules import Check, Figures, Finding, Window, check_ids, month_start
from portal.attendance.models import Way

_BY_HAND = frozenset({Way.CAMERA, Way.MANUAL})
# A crowd comes within a minute or two; a program's times are spread and equal all the same.
_SPREAD_MINUTES = 3


def bursts(window: Window, figures: Figures) -> Iterator[Finding]:
    """One hand checks many people within a few seconds: faster than people can stand in line."""
    groups: dict[tuple[int, int, date], list[Check]] = defaultdict(list)
    for check in window.checks:
        if check.way in _BY_HAND and check.hand_id not in {None, check.person_id}:
            groups[check.hand_id or 0, check.station_id, check.day].append(check)
    for (hand_id, station_id, day), checks in groups.items():
        found, most, seconds = _within(sorted(checks, key=lambda one: one.at), figures)
        if found:
            facts = {"persons": most, "seconds": seconds}
            yield Finding(
                AnomalyKind.BURST,
                station_id,
                hand_id,
                day,
                facts,
                checks=check_ids(found),
                mark=str(station_id),
            )


def _within(checks: Sequence[Check], figures: Figures) -> tuple[list[Check], int, int]:
    """Return the checks in stretches that are too fast, the most persons in one, and its seconds."""
    found: dict[int, Check] = {}
    most = seconds = first = 0
    for last, check in enumerate(checks):
        while (check.at - checks[first].at).total_seconds() > figures.burst_seconds:
            first += 1
        stretch = checks[first : last + 1]
        persons = len({(one.person_id, one.comes) for one in stretch})
        if persons >= figures.burst_persons:
            found.update((one.id, one) for one in stretch)
            if persons > most:
                most, seconds = persons, int((check.at - stretch[0].at).total_seconds())
    return list(found.values()), most, seconds


# --- equal seconds -------------------------------------------------------------------------------


class _Stay(NamedTuple):
    """When somebody came and went at a shift, as two real scans say."""

    came: Check
    left: Check | None


def equal_seconds(window: Window, figures: Figures) -> Iterator[Finding]:
    """Times that agree to the second, at one shift or for one person: as a program writes them."""
    by_shift: dict[int, list[_Stay]] = defaultdict(list)
    by_person: dict[tuple[int, date], list[_Stay]] = defaultdict(list)
    for stay in _stays(window.checks):
        by_shift[stay.came.shift_id].append(stay)
        by_person[stay.came.person_id, month_start(stay.came.day)].append(stay)
    for shift_id, stays in by_shift.items():
        yield from _equal(stays, None, stays[0].came.day, f"s{shift_id}", figures)
    for (person_id, month), stays in by_person.items():
        yield from _equal(stays, person_id, month, "", figures)


def _stays(checks: Iterable[Check]) -> Iterator[_Stay]:
    open_stays: dict[tuple[int, int], Check] = {}
    for check in sorted(checks, key=lambda one: one.at):
        at = (check.shift_id, check.person_id)
        if check.comes and check.is_real:
            open_stays[at] = check
        elif not check.comes and at in open_stays:
            came = open_stays.pop(at)
            yield _Stay(came, check if check.is_real else None)
    for came in open_stays.values():
        yield _Stay(came, None)


def _equal(
    stays: Sequence[_Stay], person_id: int | None, day: date, mark: str, figures: Figures
) -> Iterator[Finding]:
    lengths = [
        (stay, int((stay.left.at - stay.came.at).total_seconds())) for stay in stays if stay.left
    ]
    seconds = [(stay, stay.came.at.second) for stay in stays]
    for what, values in (("length", lengths), ("second", seconds)):
        same, value = _most_common(values, figures.equal_count)
        minutes = {stay.came.at.replace(second=0, microsecond=0) for stay in same}
        if not same or (what == "second" and len(minutes) < _SPREAD_MINUTES):
            continue
        checks = [one for stay in same for one in stay if one is not None]
        facts: dict[str, int | str] = {"what": what, "same": len(same), "all": len(values)}
        yield Finding(
            AnomalyKind.EQUAL_SECOND,
            checks[0].station_id,
            person_id,
            day,
            {**facts, "value": value},
            checks=check_ids(checks),
            mark=mark,
        )
        return


def _most_common(values: Sequence[tuple[_Stay, int]], least: int) -> tuple[list[_Stay], int]:
    """Return the stays of the commonest value, if there are enough and they are half of all."""
    if len(values) < least:
        return [], 0
    value, count = Counter(number for _stay, number in values).most_common(1)[0]
    if count < least or 2 * count < len(values):
        return [], 0
    return [stay for stay, number in values if number == value], value


# --- one device, two places ----------------------------------------------------------------------


def same_devices(window: Window, figures: Figures) -> Iterator[Finding]:
    """One phone's browser checks several people in on a day; a family on record counts as one."""
    groups: dict[tuple[str, date], list[Check]] = defaultdict(list)
    for check in window.checks:
        if check.device:
            groups[check.device, check.day].append(check)
    for (device, day), checks in groups.items():
        persons = {check.person_id for check in checks}
        apart = {window.families.get(person_id, -person_id) for person_id in persons}
        if len(apart) >= figures.device_persons:
            facts = {"persons": len(persons), "families": len(apart)}
            yield Finding(
                AnomalyKind.SAME_DEVICE,
                checks[0].station_id,
                None,
                day,
                facts,
                checks=check_ids(checks),
                mark=device[:12],
            )


def travels(window: Window, figures: Figures) -> Iterator[Finding]:
    """Somebody is at two places with less time between than the way takes."""
    by_person: dict[int, list[Check]] = defaultdict(list)
    for check in window.checks:
        if check.is_real:
            by_person[check.person_id].append(check)
    for person_id, checks in by_person.items():
        found: dict[date, Finding] = {}
        for before, after in pairwise(sorted(checks, key=lambda one: one.at)):
            needed = _way_minutes(before, after, window, figures)
            gap = (after.at - before.at).total_seconds() / 60
            if gap < needed:
                facts = {"minutes": int(gap), "needed": needed}
                ids = check_ids([before, after])
                found.setdefault(
                    after.day,
                    Finding(AnomalyKind.TRAVEL, after.station_id, person_id, after.day, facts, ids),
                )
        yield from found.values()


def _way_minutes(before: Check, after: Check, window: Window, figures: Figures) -> int:
    """Return how long the way takes at least: to another street, or half of it within one."""
    here, there = window.spots.get(before.station_id), window.spots.get(after.station_id)
    if here is None or there is None or here.community == there.community:
        return 0
    return figures.travel_minutes if here.street != there.street else figures.travel_minutes // 2
