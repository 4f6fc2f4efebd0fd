"""What other rules would have made of the past: computed from the visits, written nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Row, and_, func, select

from portal.attendance.models import Visit
from portal.core import clock, filters
from portal.core.db import db
from portal.hours.models import LedgerEntry
from portal.hours.queries import is_live
from portal.hours.rules import Judged, Span, Terms, counted_span, is_short, judge, worth
from portal.org import queries as org
from portal.people.models import Person
from portal.shifts.models import Shift

_LARGEST = 10
_AT_ONCE = 2000


class Difference(NamedTuple):
    """One record that would be worth something else."""

    person_id: int
    day: date
    kind_id: int
    before: int
    after: int

    @property
    def minutes(self) -> int:
        """By how much, up or down."""
        return self.after - self.before


@dataclass(slots=True)
class OfKind:
    """What changes within one kind of service."""

    label: str = ""
    count: int = 0
    up: int = 0
    down: int = 0


@dataclass(slots=True)
class Preview:
    """All of it. `short` counts who was too short a time at a shift, with their minutes."""

    first: date
    last: date
    looked: int = 0
    before: int = 0
    after: int = 0
    up: OfKind = field(default_factory=OfKind)
    down: OfKind = field(default_factory=OfKind)
    kinds: Sequence[OfKind] = ()
    largest: Sequence[Difference] = ()
    names: dict[int, str] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)
    short: int = 0
    short_minutes: int = 0


def preview(terms: Terms, first: date, last: date) -> Preview:
    """Return what would have changed of the records of visits on local days, both included.

    Compared with what is credited now; records of another source stay as they are and take their
    part of the day. Nothing is written.
    """
    found = Preview(first, last)
    kinds: dict[int, OfKind] = {}
    differences: list[Difference] = []
    for _person, rows in groupby(_rows(first, last), key=lambda row: row.kept_id):
        own = list(rows)
        for row, after in _anew(own, terms):
            found.looked += 1
            found.before += row.minutes
            found.after += after
            if after != row.minutes:
                difference = Difference(row.kept_id, row.day, row.kind_id, row.minutes, after)
                _count(found, kinds.setdefault(row.kind_id, OfKind()), difference)
                differences.append(difference)
        _count_short(found, own, terms)
    found.labels = {row.id: row.label for row in org.terms_by_id(kinds).values()}
    for kind_id, kind in kinds.items():
        kind.label = found.labels[kind_id]
    found.kinds = sorted(kinds.values(), key=lambda one: -one.count)
    found.largest = sorted(differences, key=lambda one: -abs(one.minutes))[:_LARGEST]
    found.names = _names({one.person_id for one in found.largest})
    return found


def _rows(first: date, last: date) -> Iterator[Row[Any]]:
    """Return the live credits by person, each person's in the order in which they were written."""
    kept_id = func.coalesce(Person.merged_into_id, Person.id).label("kept_id")
    of_visit = and_(LedgerEntry.source_kind == "visit", Visit.id == LedgerEntry.source_id)
    query = (
        select(
            kept_id,
            LedgerEntry.day,
            LedgerEntry.starts_at,
            LedgerEntry.ends_at,
            LedgerEntry.minutes,
            LedgerEntry.rule,
            LedgerEntry.kind_id,
            LedgerEntry.shift_id,
            Visit.in_at,
            Visit.out_at,
            Shift.starts_at.label("planned_from"),
            Shift.ends_at.label("planned_until"),
        )
        .join(Person, Person.id == LedgerEntry.person_id)
        .outerjoin(Visit, of_visit)
        .outerjoin(Shift, Shift.id == Visit.shift_id)
        .where(LedgerEntry.day.between(first, last), is_live())
        .order_by(kept_id, LedgerEntry.id)
    )
    yield from db.session.execute(query.execution_options(yield_per=_AT_ONCE))


def _anew(rows: Sequence[Row[Any]], terms: Terms) -> Iterator[tuple[Row[Any], int]]:
    """Yield each record of a visit with the minutes it would be worth."""
    taken: list[Span] = []
    of_day: Counter[date] = Counter()
    for row in rows:
        judged = Judged(Span(row.starts_at, row.ends_at), row.minutes)
        day = row.day
        if row.out_at is not None:
            span, minutes = worth(Span(row.in_at, row.out_at), planned_of(row), terms)
            day = clock.local_day(span.starts_at)
            judged = judge(span, minutes, _beside(span, taken), of_day[day], terms)
            yield row, judged.minutes
        taken.append(judged.span)
        of_day[day] += judged.minutes


def planned_of(row: Any) -> Span:
    """Return the span that a record was planned for: as it was judged by, else as the shift is."""
    known = row.rule.get("planned")
    if known:
        return Span(*map(datetime.fromisoformat, known))
    return Span(row.planned_from, row.planned_until)


def _beside(span: Span, taken: Iterable[Span]) -> list[Span]:
    return [one for one in taken if one.starts_at < span.ends_at and span.starts_at < one.ends_at]


def _count(found: Preview, kind: OfKind, difference: Difference) -> None:
    changed = found.up if difference.minutes > 0 else found.down
    changed.count += 1
    kind.count += 1
    for one in (changed, kind):
        one.up += max(0, difference.minutes)
        one.down += max(0, -difference.minutes)


def _count_short(found: Preview, rows: Sequence[Row[Any]], terms: Terms) -> None:
    stays: dict[int, list[Row[Any]]] = {}
    for row in rows:
        if row.out_at is not None:
            stays.setdefault(row.shift_id, []).append(row)
    for own in stays.values():
        planned = planned_of(own[0])
        spans = [Span(row.in_at, row.out_at) for row in own]
        if is_short(spans, planned, terms):
            found.short += 1
            found.short_minutes += sum(
                worth(one, planned, terms)[1]
                for one in spans
                if counted_span(one, planned, terms.grace).seconds
            )


def _names(person_ids: set[int]) -> dict[int, str]:
    query = select(Person.id, Person.name).where(Person.id.in_(person_ids))
    return {row.id: filters.masked_name(row.name) for row in db.session.execute(query)}
