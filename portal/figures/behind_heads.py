"""Open crowds behind the figures: those whose heads were counted, and those nobody counted."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from portal.attendance import queries_headcounts as headcounts
from portal.attendance import turnout
from portal.attendance.models_headcounts import Method
from portal.attendance.queries_headcounts import Counted
from portal.core import clock, filters
from portal.figures import clauses
from portal.figures.behind_lines import Asked, Line, activity_url
from portal.org.models import Station
from portal.shifts.models import Offering, Shift


def counted(asked: Asked) -> Select[Any]:
    """Sessions with a headcount, the latest first."""
    heads = headcounts.current(_shifts(asked))
    query = _sessions(asked).join(heads, heads.c.shift_id == Shift.id)
    return query.add_columns(heads.c.number.label("heads"), heads.c.method)


def estimated(asked: Asked) -> Select[Any]:
    """Those of them that were estimated."""
    heads = headcounts.current(_shifts(asked))
    query = _sessions(asked).join(heads, heads.c.shift_id == Shift.id)
    query = query.where(heads.c.method == Method.ESTIMATED)
    return query.add_columns(heads.c.number.label("heads"), heads.c.method)


def counted_line(row: Any) -> Line:
    """Return one row of them in words."""
    words = turnout.heads(Counted(int(row.heads), Method(row.method)))
    return Line((row.title, _when(row), words, row.name), activity_url(row.public_id))


def missing(asked: Asked) -> Select[Any]:
    """Open crowds without a headcount, the latest first."""
    heads = headcounts.current(_shifts(asked))
    query = _sessions(asked).where(Offering.open_crowd)
    query = query.outerjoin(heads, heads.c.shift_id == Shift.id)
    return query.where(heads.c.shift_id.is_(None))


def missing_line(row: Any) -> Line:
    """Return one row of them in words."""
    return Line((row.title, _when(row), row.name), activity_url(row.public_id))


def _shifts(asked: Asked) -> Select[tuple[int]]:
    return select(Shift.id).where(
        clauses.within(Shift.starts_at, asked.days),
        clauses.at(Shift.station_id, asked.where.station_ids),
    )


def _sessions(asked: Asked) -> Select[Any]:
    return (
        select(
            Shift.id,
            Shift.starts_at,
            Shift.ends_at,
            Offering.public_id,
            Offering.title,
            Station.name,
        )
        .join(Offering, Offering.id == Shift.offering_id)
        .join(Station, Station.id == Shift.station_id)
        .where(
            *clauses.is_session(asked.now),
            Shift.id.in_(_shifts(asked)),
            *asked.of_kind(Offering.kind_id),
        )
        .order_by(Shift.starts_at.desc(), Shift.id.desc())
    )


def _when(row: Any) -> str:
    day = filters.day(clock.local_day(row.starts_at))
    return f"{day} {filters.span(row.starts_at, row.ends_at)}"
