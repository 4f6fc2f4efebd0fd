"""What can be added up: numbers by day, station and kind, with the set of persons behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import NamedTuple

from portal.figures.models import ALL


class Cell(NamedTuple):
    """A local day (or a month, by its first), a station and a kind, or `ALL` of them.

    What has no kind (applications, registrations) is computed under `ALL` kinds at once.
    """

    first_on: date
    station_id: int
    kind_id: int


@dataclass(slots=True)
class Sums:
    """The numbers of a roll-up row. `persons`: those who had minutes, as bits (`persons.py`)."""

    sessions: int = 0
    attendances: int = 0
    applications: int = 0
    registrations: int = 0
    departures: int = 0
    minutes: int = 0
    provisional_minutes: int = 0
    counted: int = 0
    estimated: int = 0
    headcounts: int = 0
    uncounted: int = 0
    persons: int = 0

    def add(self, other: Sums) -> None:
        """Add the other's numbers to these, and unite the persons."""
        for name in NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.persons |= other.persons

    @property
    def active(self) -> int:
        """Number of different persons who had minutes."""
        return self.persons.bit_count()

    @property
    def registered(self) -> int:
        """By how many there are more registered volunteers than before."""
        return self.registrations - self.departures


NUMBERS: tuple[str, ...] = tuple(field.name for field in fields(Sums) if field.name != "persons")


def together(parts: Iterable[Sums]) -> Sums:
    """Return the sum of all parts."""
    total = Sums()
    for part in parts:
        total.add(part)
    return total


def with_totals(computed: Mapping[Cell, Sums]) -> dict[Cell, Sums]:
    """Return the cells, and those for all stations, all kinds and both, as they are stored."""
    found: dict[Cell, Sums] = defaultdict(Sums)
    for (day, station_id, kind_id), sums in computed.items():
        for station in (station_id, ALL):
            for kind in {kind_id, ALL}:
                found[Cell(day, station, kind)].add(sums)
    return found


def of_month(first: date, days: Mapping[Cell, Sums]) -> dict[Cell, Sums]:
    """Return the cells of a month out of those of its days."""
    found: dict[Cell, Sums] = defaultdict(Sums)
    for cell, sums in days.items():
        found[cell._replace(first_on=first)].add(sums)
    return found
