"""The roll-up held against the records it was made from, and its months against their days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from portal.figures import cells, persons, rollup, rules
from portal.figures.models import ALL, Grain
from portal.figures.rules import Span
from portal.figures.sums import NUMBERS, Cell, Sums, of_month, with_totals

# So many persons of a set that does not hold are named
# in a line.
_NAMED = 5


class Difference(NamedTuple):
    """A cell that does not hold, in words for the operator."""

    grain: Grain
    cell: Cell
    text: str

    def __str__(self) -> str:
        """Return month 2026-11-01, station 3, all kinds: sessions 4 instead of 5."""
        first_on, station_id, kind_id = self.cell
        station = "all stations" if station_id == ALL else f"station {station_id}"
        kind = "all kinds" if kind_id == ALL else f"kind {kind_id}"
        return f"{self.grain} {first_on}, {station}, {kind}: {self.text}"


def differences(days: Sequence[Span], *, now: datetime) -> Iterator[Difference]:
    """Yield every cell of the days that differs from the records, missing ones included."""
    for parts in rules.by_month(days).values():
        computed = with_totals(rollup.compute(parts, None, now=now))
        yield from _between(Grain.DAY, computed, dict(cells.read(cells.of_days(parts))))


def differences_of_months(days: Span) -> Iterator[Difference]:
    """Yield every cell of a month that differs from its days, for each month of the span."""
    for month in rules.by_month([days]):
        made = of_month(month.first, dict(cells.read(cells.of_days([month]))))
        yield from _between(Grain.MONTH, made, dict(cells.read(cells.of_month(month.first))))


def _between(
    grain: Grain, made: Mapping[Cell, Sums], stored: Mapping[Cell, Sums]
) -> Iterator[Difference]:
    for cell in sorted(made.keys() | stored.keys()):
        is_now, was = made.get(cell, Sums()), stored.get(cell, Sums())
        if is_now != was:
            yield Difference(grain, cell, ", ".join(_words(is_now, was)))


def _words(is_now: Sums, was: Sums) -> Iterator[str]:
    for name in NUMBERS:
        if getattr(was, name) != getattr(is_now, name):
            yield f"{name} {getattr(was, name)} instead of {getattr(is_now, name)}"
    for some, word in (
        (is_now.persons & ~was.persons, "missing"),
        (was.persons & ~is_now.persons, "too many"),
    ):
        if some:
            named = ", ".join(str(number) for number in islice(persons.ids(some), _NAMED))
            yield f"{some.bit_count()} persons {word} ({named})"
