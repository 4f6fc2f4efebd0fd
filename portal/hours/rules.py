"""Pure decisions about minutes: what of a stay counts, how it is rounded, and what stays free.

Service time is what was really given, without travel (民政部令 67 art. 6, 7); nobody holds two
overlapping records. All spans are half-open.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
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
    """One version of the district's figures: minutes, and the share in percent; 0 is none.

    `version` 0 are figures from before there were versions.
    """

    grace: int = 15
    rounding: str = "down"
    step: int = 1
    day_cap: int = 600
    minimum_share: int = 70
    short_stays: str = "flag"
    break_after: int = 0
    break_minutes: int = 0
    version: int = 1

    def as_rule(self) -> dict[str, Any]:
        """Return what is stored with the record that was judged by it."""
        return asdict(self)

    @classmethod
    def of_rule(cls, rule: Mapping[str, Any]) -> Terms | None:
        """Return the figures that are stored with a record; None where there are none."""
        if "grace" not in rule:
            return None
        known = {name: rule[name] for name in cls.__slots__ if name in rule}
        return cls(**{"version": 0, "minimum_share": 0, **known})


def valid_on(versions: Iterable[tuple[date, Terms]], day: date) -> Terms:
    """Return the version for shifts of a local day: of those begun the last, then the newest."""
    begun = [(first, terms.version, terms) for first, terms in versions if first <= day]
    return max(begun, key=lambda one: one[:2])[2]


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


def break_seconds(span: Span, planned: Span, terms: Terms) -> float:
    """Return how much of a counted span is a break: at a long shift, for who stayed that long.

    It only takes of what is over `break_after`: who left before it loses nothing by it.
    """
    if not terms.break_after or planned.seconds <= terms.break_after * 60:
        return 0.0
    over = span.seconds - terms.break_after * 60
    return max(0.0, min(terms.break_minutes * 60.0, over))


def worth(stay: Span, planned: Span, terms: Terms) -> tuple[Span, int]:
    """Return the counted span of a stay and its minutes, before other records are looked at."""
    span = counted_span(stay, planned, terms.grace)
    return span, rounded(span.seconds - break_seconds(span, planned, terms), terms)


def is_short(stays: Iterable[Span], planned: Span, terms: Terms) -> bool:
    """Return whether somebody's stays together cover less of the shift than they should."""
    given = sum(counted_span(stay, planned, terms.grace).seconds for stay in stays)
    return given * 100 < terms.minimum_share * planned.seconds


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
