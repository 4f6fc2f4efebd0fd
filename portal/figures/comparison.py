"""Roll-ups held against the records they were made from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, except_, select

from portal.core.db import db
from portal.figures import rollup
from portal.figures.models import DayFigure, PersonDay
from portal.figures.rollup import COLUMNS, Cell, Sums
from portal.figures.rules import Span


class Difference(NamedTuple):
    """A roll-up that does not hold, in words for the operator."""

    day: date
    station_id: int
    text: str


def differences(
    days: Sequence[Span], station_ids: Sequence[int] | None, *, now: datetime
) -> Iterator[Difference]:
    """Yield every roll-up of the days that differs from its records, missing ones included."""
    yield from _in_sums(days, station_ids, now)
    yield from _in_people(days, station_ids)


def _in_sums(
    days: Sequence[Span], station_ids: Sequence[int] | None, now: datetime
) -> Iterator[Difference]:
    computed = rollup.compute(days, station_ids, now=now)
    stored = _stored(days, station_ids)
    for cell in sorted(computed.keys() | stored.keys()):
        is_now, was = computed.get(cell, Sums()), stored.get(cell, Sums())
        if is_now != was:
            words = ", ".join(
                f"{name} {getattr(was, name)} instead of {getattr(is_now, name)}"
                for name in COLUMNS
                if getattr(was, name) != getattr(is_now, name)
            )
            yield Difference(cell.day, cell.station_id, f"kind {cell.kind_id}: {words}")


def _stored(days: Sequence[Span], station_ids: Sequence[int] | None) -> dict[Cell, Sums]:
    query = select(
        DayFigure.day,
        DayFigure.station_id,
        DayFigure.kind_id,
        *(getattr(DayFigure, name) for name in COLUMNS),
    ).where(rollup.on(DayFigure.day, days), rollup.at(DayFigure.station_id, station_ids))
    return {
        Cell(day, station_id, kind_id): Sums(*numbers)
        for day, station_id, kind_id, *numbers in db.session.execute(query)
    }


def _in_people(days: Sequence[Span], station_ids: Sequence[int] | None) -> Iterator[Difference]:
    stored: Select[Any] = select(
        PersonDay.day,
        PersonDay.station_id,
        PersonDay.kind_id,
        PersonDay.person_id,
        PersonDay.minutes,
    ).where(rollup.on(PersonDay.day, days), rollup.at(PersonDay.station_id, station_ids))
    records = rollup.people(days, station_ids)
    for left, right, words in ((stored, records, "too many"), (records, stored, "missing")):
        for row in db.session.execute(except_(left, right)):
            day, station_id, kind_id, person_id, minutes = row
            yield Difference(
                day, station_id, f"kind {kind_id}: person {person_id}, {minutes} minutes {words}"
            )
