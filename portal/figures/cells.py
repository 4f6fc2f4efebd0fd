"""Statements over the stored cells of the roll-up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, false, insert, or_, select

from portal.core.db import db
from portal.figures import persons
from portal.figures.cut import pieces
from portal.figures.models import ALL, FigureCell, Grain
from portal.figures.rules import By, Span
from portal.figures.scope import Scope
from portal.figures.sums import NUMBERS, Cell, Sums

# Columns of the table and not of the class: rows come without a detour through the session.
AT: Any = FigureCell.__table__.c
_NUMBERS = tuple(AT[name] for name in NUMBERS)
_ROWS_AT_ONCE = 2000


def read(*clauses: ColumnElement[bool]) -> Iterator[tuple[Cell, Sums]]:
    """Yield the stored cells that fit the clauses."""
    query = select(AT.first_on, AT.station_id, AT.kind_id, *_NUMBERS, AT.persons).where(*clauses)
    for first_on, station_id, kind_id, *numbers, packed in db.session.execute(query):
        sums = Sums(*numbers)
        sums.persons = persons.unpack(packed)
        yield Cell(first_on, station_id, kind_id), sums


def put(grain: Grain, cells: Mapping[Cell, Sums]) -> None:
    """Store these cells, which are not there yet."""
    rows = [
        {
            "grain": grain,
            **cell._asdict(),
            **{name: getattr(sums, name) for name in NUMBERS},
            "persons": persons.pack(sums.persons),
        }
        for cell, sums in cells.items()
    ]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        db.session.execute(insert(FigureCell), rows[start : start + _ROWS_AT_ONCE])


def remove(clause: ColumnElement[bool]) -> None:
    """Delete the stored cells that fit the clause."""
    gone = delete(FigureCell).where(clause)
    db.session.execute(gone, execution_options={"synchronize_session": False})


# --- which cells ---------------------------------------------------------------------------------


def of_days(days: Sequence[Span]) -> ColumnElement[bool]:
    """Those of the days in the stretches."""
    return and_(AT.grain == Grain.DAY, or_(false(), *(AT.first_on.between(*run) for run in days)))


def of_month(first: date) -> ColumnElement[bool]:
    """Those of the month."""
    return and_(AT.grain == Grain.MONTH, AT.first_on == first)


def of_span(span: Span, live: Sequence[Span]) -> ColumnElement[bool]:
    """Those of the months and days that the span without its live stretches is made of."""
    months, split, days = pieces(span, live)
    of_months = and_(AT.grain == Grain.MONTH, AT.first_on.between(*months))
    if split:
        of_months &= AT.first_on.not_in(split)
    return or_(of_months, of_days(days)) if days else of_months


def of_rows(where: Scope, by: By) -> ColumnElement[bool]:
    """Those that add up to the rows of a table; each record is in one of them."""
    of_kinds = AT.kind_id != ALL if by == By.KIND else AT.kind_id == ALL
    if not where.whole:
        return and_(AT.station_id.in_(where.station_ids), of_kinds)
    return and_(AT.station_id != ALL if by == By.STATION else AT.station_id == ALL, of_kinds)
