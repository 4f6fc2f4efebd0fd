"""Detectors over the ledger. Each takes the records and the figures, and says what stands out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from itertools import pairwise

from portal.anomalies.models import AnomalyKind
from portal.anomalies.rules import (
    LATEST_DAYS,
    Entry,
    Figures,
    Finding,
    Window,
    entry_ids,
    monday,
    month_start,
)
from portal.core import clock
from portal.hours.models import Source

_NIGHT_FROM, _NIGHT_UNTIL = time(23), time(5)


def round_the_clock(window: Window, figures: Figures) -> Iterator[Finding]:
    """More hours in a week than somebody can give, or too many of them at night."""
    weeks: dict[tuple[int, date], list[Entry]] = defaultdict(list)
    for entry in window.entries:
        weeks[entry.person_id, monday(entry.day)].append(entry)
    for (person_id, week), entries in weeks.items():
        minutes = sum(entry.minutes for entry in entries)
        night = sum(map(night_minutes, entries))
        if minutes < figures.week_hours * 60 and night < figures.night_hours * 60:
            continue
        facts = {"minutes": minutes, "night": night, "days": len({one.day for one in entries})}
        station_id = entries[0].station_id
        yield Finding(
            AnomalyKind.ROUND_CLOCK, station_id, person_id, week, facts, entries=entry_ids(entries)
        )


def night_minutes(entry: Entry) -> int:
    """Return how much of an entry lies between eleven at night and five in the morning."""
    seconds = 0.0
    day = entry.day - timedelta(days=1)
    while clock.at_local(day, _NIGHT_FROM) < entry.ends_at:
        starts_at = max(entry.starts_at, clock.at_local(day, _NIGHT_FROM))
        ends_at = min(entry.ends_at, clock.at_local(day + timedelta(days=1), _NIGHT_UNTIL))
        seconds += max(0.0, (ends_at - starts_at).total_seconds())
        day += timedelta(days=1)
    return min(entry.minutes, int(seconds) // 60)


def approvers(window: Window, figures: Figures) -> Iterator[Finding]:
    """Nearly all that an office entered at a station in a month was let count by one person."""
    months: dict[tuple[int, date], list[Entry]] = defaultdict(list)
    for entry in window.entries:
        if entry.is_entered and entry.approver_id is not None:
            months[entry.station_id, month_start(entry.written_on)].append(entry)
    for (station_id, month), entries in months.items():
        acts: dict[int, set[tuple[str, int]]] = defaultdict(set)
        for entry in entries:
            acts[entry.approver_id or 0].add(_act(entry))
        total = sum(map(len, acts.values()))
        approver_id, own = max(acts.items(), key=lambda item: len(item[1]))
        if len(own) < figures.approver_acts or len(own) * 100 <= total * figures.approver_percent:
            continue
        facts = {"own": len(own), "all": total}
        seen = entry_ids(entry for entry in entries if entry.approver_id == approver_id)
        yield Finding(
            AnomalyKind.APPROVER,
            station_id,
            approver_id,
            month,
            facts,
            entries=seen,
            mark=str(station_id),
        )


def _act(entry: Entry) -> tuple[str, int]:
    """Return what was let count at once: a sheet is released as a whole, a make-up alone."""
    if entry.source == Source.PAPER and entry.shift_id is not None:
        return "sheet", entry.shift_id
    return "entry", entry.id


def back_entries(window: Window, figures: Figures) -> Iterator[Finding]:
    """One hand enters many old records on a day, or a single one that is far too old."""
    days: dict[tuple[int, int, date], list[Entry]] = defaultdict(list)
    for entry in window.entries:
        if entry.is_entered and entry.days_late >= figures.back_days:
            days[entry.hand_id or 0, entry.station_id, entry.written_on].append(entry)
    for (hand_id, station_id, day), entries in days.items():
        latest = max(entry.days_late for entry in entries)
        if len(entries) < figures.back_entries and latest <= LATEST_DAYS:
            continue
        facts = {"entries": len(entries), "days": latest}
        yield Finding(
            AnomalyKind.BACK_ENTRY,
            station_id,
            hand_id or None,
            day,
            facts,
            entries=entry_ids(entries),
            mark=str(station_id),
        )


# --- hours without a ground ----------------------------------------------------------------------


def unfounded(window: Window, figures: Figures) -> Iterator[Finding]:
    """Entered hours without a sign-up; days over the cap; spans that lie over each other."""
    weeks: dict[tuple[int, int, date], list[Entry]] = defaultdict(list)
    days: dict[tuple[int, date], list[Entry]] = defaultdict(list)
    for entry in window.entries:
        days[entry.person_id, entry.day].append(entry)
        if entry.is_entered and not entry.has_signup:
            weeks[entry.hand_id or 0, entry.station_id, monday(entry.written_on)].append(entry)
    for (hand_id, station_id, week), entries in weeks.items():
        if len(entries) >= figures.no_signup_entries:
            yield _unfounded("no_signup", station_id, hand_id or None, week, entries)
    for (person_id, day), entries in days.items():
        what = _too_much(entries, figures)
        if what:
            yield _unfounded(what, entries[0].station_id, person_id, day, entries)


def _too_much(entries: Sequence[Entry], figures: Figures) -> str:
    over = sum(entry.minutes for entry in entries) > figures.day_minutes
    if over or any("day_cap" in entry.cut_by for entry in entries):
        return "over_day"
    filled = sorted((one.starts_at, one.ends_at) for one in entries if one.minutes)
    crossing = any(right[0] < left[1] for left, right in pairwise(filled))
    cut = any(entry.is_entered and "overlap" in entry.cut_by for entry in entries)
    return "overlap" if crossing or cut else ""


def _unfounded(
    what: str, station_id: int, person_id: int | None, day: date, entries: Sequence[Entry]
) -> Finding:
    facts: dict[str, int | str] = {
        "what": what,
        "entries": len(entries),
        "minutes": sum(entry.minutes for entry in entries),
    }
    return Finding(
        AnomalyKind.UNFOUNDED,
        station_id,
        person_id,
        day,
        facts,
        entries=entry_ids(entries),
        mark=f"{what}{station_id}" if what == "no_signup" else what,
    )
