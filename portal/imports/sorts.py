"""What each sort of rows is: it lives beside what it makes, and here is where they are named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from portal.activities import rows as activities
from portal.core.access import Actor
from portal.core.rows import Judged
from portal.core.sheets import Bounds, Column, Line
from portal.imports.models import Sort
from portal.posts import rows as posts
from portal.registration import rows as persons

# No text of a page is longer than 2,000 characters: what is cut here is told to be too long there.
BOUNDS = Bounds(megabytes=2, rows=2_000, cell=2_500)


class Rows(Protocol):
    """A sort of rows."""

    def columns(self) -> Sequence[Column]:
        """Return the columns; the first names the row."""

    def allowed(self) -> dict[str, list[str]]:
        """Return what may stand in some columns, by column."""

    def example(self) -> Mapping[str, str]:
        """Return the row of the template that nobody means to import."""

    def check(
        self, lines: Sequence[Line], station_id: int, *, actor: Actor, now: datetime
    ) -> list[Judged]:
        """Return what becomes of each row, in the order of the file."""

    def take(
        self, judged: Sequence[Judged], station_id: int, *, actor: Actor, now: datetime
    ) -> None:
        """Make what the new rows say, in the running transaction."""


SORTS: Mapping[Sort, Rows] = {
    Sort.PERSONS: persons,
    Sort.POSTS: posts,
    Sort.ACTIVITIES: activities,
}


def named(name: str) -> Sort | None:
    """Return the sort that an address names."""
    return Sort(name) if name in set(Sort) else None
