"""What others call by name: sealing the ledger, sending its head, the check of the whole of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import groupby, pairwise
from typing import Any

from sqlalchemy import Row

from portal.core.db import write
from portal.hours import queries, rules, seals
from portal.hours.rules import EntryFields, Span
from portal.people import queries as people
from portal.records.outbox import OutboxRow

Entry = Row[Any]


def due(now: datetime) -> None:
    """Seal what was written since, and put down the head of the day that is over."""
    while write(seals.seal, now=now) == seals.BATCH:
        pass
    write(seals.put_head, seals.due_day(now), now=now)


def deliver_ledger_head(row: OutboxRow, now: datetime) -> None:
    """Let a day's head leave the house."""
    seals.send_head(date.fromisoformat(row.payload["day"]))


def check() -> list[str]:
    """Return one line for each entry or person of the ledger that does not hold together."""
    lines: list[str] = []
    sums: dict[int, int] = {}
    sources: set[tuple[str, int]] = set()
    kept = people.kept_ids()
    joint: dict[int, list[Entry]] = {kept_id: [] for kept_id in kept.values()}
    for person_id, rows in groupby(queries.all_in_chain_order(), key=lambda row: row.person_id):
        entries = list(rows)
        live = list(live_credits(entries))
        sums[person_id] = sum(row.minutes for row in live)
        lines += chain_faults(entries)
        lines += _reversal_faults(entries)
        joint.get(kept.get(person_id, person_id), []).extend(live)
        lines += _overlaps(live)
        lines += _double_sources(live, sources)
    lines += seals.faults()
    lines += [line for live in joint.values() for line in _overlaps(live)]
    stored = queries.totals()
    lines += [
        f"person {person_id}: the ledger sums to {stored[person_id]}, its live credits to {minutes}"
        for person_id, minutes in sums.items()
        if stored.get(person_id) != minutes
    ]
    return lines


def chain_faults(entries: Iterable[Entry]) -> Iterator[str]:
    """Say which entries of one person are changed, moved or missing."""
    before = rules.CHAIN_START
    for number, row in enumerate(entries, 1):
        if row.seq != number:
            yield f"ledger entry {row.id}: is number {row.seq} of its person, not {number}"
        fields = EntryFields(*(getattr(row, name) for name in EntryFields.__slots__))
        if rules.digest(before, fields) != row.digest:
            yield f"ledger entry {row.id}: the chain of person {row.person_id} breaks here"
        before = row.digest


def live_credits(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Return the credits among a person's entries that count."""
    rows = list(entries)
    reversed_ids = {row.reverses_id for row in rows}
    return (row for row in rows if row.reverses_id is None and row.id not in reversed_ids)


def _reversal_faults(entries: list[Entry]) -> Iterator[str]:
    by_id = {row.id: row for row in entries}
    for row in entries:
        if row.reverses_id is None:
            continue
        first = by_id.get(row.reverses_id)
        fits = first is not None and (
            row.minutes == -first.minutes
            and (row.source_kind, row.source_id) == (first.source_kind, first.source_id)
            and (row.starts_at, row.ends_at) == (first.starts_at, first.ends_at)
            and (row.day, row.station_id) == (first.day, first.station_id)
        )
        if not fits:
            yield f"ledger entry {row.id}: does not fit the entry it reverses"


def _overlaps(live: list[Entry]) -> Iterator[str]:
    spans = sorted((Span(row.starts_at, row.ends_at), row.id) for row in live)
    filled = [(span, entry_id) for span, entry_id in spans if span.seconds]
    for (left, left_id), (right, right_id) in pairwise(filled):
        if right.starts_at < left.ends_at:
            yield f"ledger entries {left_id} and {right_id}: overlap"


def _double_sources(live: list[Entry], seen: set[tuple[str, int]]) -> Iterator[str]:
    for row in live:
        source = (row.source_kind, row.source_id)
        if source in seen:
            yield f"ledger entry {row.id}: {row.source_kind} {row.source_id} was credited before"
        seen.add(source)
