"""The public list: shifts that answer a filter, the next first, with their places; one statement.

A statement is built once for each filter and asked with the moment, as building it costs as much as
asking it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, bindparam, func, select

from portal.activities.queries import Filter, moments
from portal.core.db import execute
from portal.core.tables import PAGE_SIZE, Page
from portal.org.models import Station, Term
from portal.shifts.models import Offering, Place, Shift
from portal.shifts.queries import VENUE
from portal.signups.queries import WAITING, PlacesOf


class Listed(NamedTuple):
    """One shift of the list, as columns."""

    shift_id: int
    shift_public_id: str
    offering_public_id: str
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    kind_zh: str
    kind_en: str
    station: str
    community: str
    places: tuple[PlacesOf, ...] = ()


_SHIFTS = (
    select(
        Shift.id,
        Shift.public_id,
        Offering.public_id.label("offering_public_id"),
        Offering.title,
        VENUE.label("place"),
        Shift.starts_at,
        Shift.ends_at,
        Term.name_zh,
        Term.name_en,
        Station.name,
        Station.community,
    )
    .select_from(Shift)
    .join(Offering, Offering.id == Shift.offering_id)
    .join(Station, Station.id == Shift.station_id)
    .join(Term, Term.id == Offering.kind_id)
    .order_by(Shift.starts_at, Shift.id)
)
_COUNT = select(func.count(Shift.id)).join(Offering, Offering.id == Shift.offering_id)


def page_of_list(asked: Filter, number: int, now: datetime) -> Page[Listed]:
    """Return one page of the list, in time order; two queries, whatever the size of the data."""
    total = int(_rows(_count(asked), moments(now))[0][0])
    number = min(number, -(-total // PAGE_SIZE) or 1)  # beyond the last page, that one is shown
    rows = listed(asked, now, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE) if total else []
    return Page(rows, number, total)


def listed(asked: Filter, now: datetime, *, limit: int, offset: int = 0) -> list[Listed]:
    """Return the shifts that answer the filter, the next first."""
    rows = _rows(_shown(asked), {**moments(now), "limit": limit, "offset": offset})
    wide = len(Listed._fields) - 1
    return [
        Listed._make((*shift, tuple(PlacesOf(*row[wide:]) for row in group if row[wide])))
        for shift, group in groupby(rows, itemgetter(slice(0, wide)))
    ]


@lru_cache(maxsize=128)
def _shown(asked: Filter) -> Select[Any]:
    page = asked.narrow(_SHIFTS).limit(bindparam("limit")).offset(bindparam("offset")).subquery()
    return (
        select(page, Place.role, Place.capacity, Place.taken, WAITING, Place.label)
        .outerjoin(Place, Place.shift_id == page.c.id)
        .order_by(page.c.starts_at, page.c.id, Place.role, Place.label)
    )


@lru_cache(maxsize=128)
def _count(asked: Filter) -> Select[Any]:
    return asked.narrow(_COUNT)


def _rows(query: Select[Any], values: dict[str, Any]) -> Sequence[Row[Any]]:
    # Columns straight from the connection: a third cheaper than through the session.
    return execute(query, values).all()
