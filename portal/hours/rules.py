"""Pure decisions about minutes: what of a stay counts, how it is rounded, and what stays free.

Service time is what was really given, without travel (民政部令 67 art. 6, 7); nobody holds two
overlapping records. All spans are half-open.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

# What stands before a person's first entry.
CHAIN_START = "0" * 64
_MICROSECOND = timedelta(microseconds=1)


class Span(NamedTuple):
    """From `starts_at` until before `ends_at`; both the same when nothing is left."""

    starts_at: datetime
    ends_at: datetime

    @property
    def seconds(self) -> float:
        """Length in seconds, never negative."""
        return max(0.0, (self.ends_at - self.starts_at).total_seconds())


@dataclass(frozen=True, slots=True)
class Terms:
    """The district's figures in minutes, as they hold at the time of judging."""

    grace: int = 15
    rounding: str = "down"
    step: int = 1
    day_cap: int = 600

    def as_rule(self) -> dict[str, Any]:
        """Return what is stored with the record that was judged by it."""
        return {
            "grace": self.grace,
            "rounding": self.rounding,
            "step": self.step,
            "day_cap": self.day_cap,
        }


def counted_span(stay: Span, planned: Span, grace: int) -> Span:
    """Return what of a stay counts: at most `grace` minutes before and after the planned span."""
    starts_at = max(stay.starts_at, planned.starts_at - timedelta(minutes=grace))
    ends_at = min(stay.ends_at, planned.ends_at + timedelta(minutes=grace))
    return Span(starts_at, ends_at) if starts_at < ends_at else _nothing(stay, planned)


def _nothing(stay: Span, planned: Span) -> Span:
    """Return the empty span of a stay that lies wholly outside what counts."""
    at = min(max(stay.starts_at, planned.starts_at), planned.ends_at)
    return Span(at, at)


def free_part(span: Span, taken: Iterable[Span]) -> Span:
    """Return the longest part of the span that no other span covers (the first one, if equal)."""
    longest = Span(span.starts_at, span.starts_at)
    free_from = span.starts_at
    for other in sorted(taken):
        if other.ends_at <= other.starts_at:
            continue
        gap = Span(free_from, min(other.starts_at, span.ends_at))
        longest = max(longest, gap, key=lambda part: part.seconds)
        free_from = max(free_from, other.ends_at)
    rest = Span(free_from, span.ends_at)
    return max(longest, rest, key=lambda part: part.seconds)


def rounded(seconds: float, terms: Terms) -> int:
    """Return whole minutes, in steps of `terms.step`: down, up, or to the nearest (half up)."""
    step = terms.step * 60
    whole, rest = divmod(max(0.0, seconds), step)
    up = terms.rounding == "up" and rest > 0
    nearest = terms.rounding == "nearest" and rest * 2 >= step
    return int(whole + (up or nearest)) * terms.step


def worth(stay: Span, planned: Span, terms: Terms) -> tuple[Span, int]:
    """Return the counted span of a stay and its minutes, before other records are looked at."""
    span = counted_span(stay, planned, terms.grace)
    return span, min(rounded(span.seconds, terms), terms.day_cap)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a credit comes to: its span, its minutes, and by what it was cut."""

    span: Span
    minutes: int
    cut_by: tuple[str, ...] = ()


def judge(
    span: Span, minutes: int, taken: Iterable[Span], day_minutes: int, terms: Terms
) -> Judged:
    """Return what is credited of `minutes` given in `span`.

    `taken` are the spans of the person's other live records, `day_minutes` their sum on that day.
    """
    cut_by = []
    free = free_part(span, taken)
    if free != span:
        minutes = min(minutes, rounded(free.seconds, terms))
        cut_by.append("overlap")
    left = max(0, terms.day_cap - day_minutes)
    if minutes > left:
        minutes = left
        cut_by.append("day_cap")
    return Judged(free, minutes, tuple(cut_by))


# --- the chain -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EntryFields:
    """What the digest of an entry covers: everything but its id and the digest itself."""

    person_id: int
    seq: int
    shift_id: int | None
    station_id: int
    kind_id: int
    day: date
    starts_at: datetime
    ends_at: datetime
    minutes: int
    source: str
    source_kind: str
    source_id: int
    source_round: int
    reverses_id: int | None
    rule: dict[str, Any]
    actor_id: int | None
    at: datetime


def digest(before: str, fields: EntryFields) -> str:
    """Return the SHA-256 over the digest before and the entry's own fields, in a fixed order."""
    values = [getattr(fields, name) for name in EntryFields.__slots__]
    text = json.dumps([before, *map(_plain, values)], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def seal(before: str, entry_id: int, entry_digest: str) -> str:
    """Return the SHA-256 over the seal before, and the entry it seals."""
    return hashlib.sha256(f"{before}:{entry_id}:{entry_digest}".encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        # Counted, not formatted: the same on both databases, whatever an instant's offset is.
        return (value - datetime(1970, 1, 1, tzinfo=UTC)) // _MICROSECOND
    return value.isoformat() if isinstance(value, date) else value
