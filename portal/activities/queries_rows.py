"""The activities of a station, as rows of a table are compared with them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from portal.activities.actions import Details
from portal.activities.models import Activity
from portal.core.db import db
from portal.shifts.models import OfferingState, Place, PlaceRole, Shift, ShiftState

Places = frozenset[tuple[PlaceRole, int]]


@dataclass(frozen=True, slots=True)
class Existing:
    """An activity that is there: its columns, and the planned shifts (start, end) with places."""

    columns: Mapping[str, Any]
    shifts: Mapping[tuple[datetime, datetime], Places]


def existing(
    station_id: int, since: datetime, titles: Collection[str]
) -> dict[str, list[Existing]]:
    """Return the activities of a station, by title, that have shifts since then.

    What lies longer back is another one of the same name.
    """
    shifts = _shifts_since(station_id, since)
    named = [field.name for field in fields(Details)]
    query = select(Activity).where(
        Activity.station_id == station_id, Activity.state != OfferingState.CALLED_OFF
    )
    spans = _spans(shifts)
    found: dict[str, list[Existing]] = {}
    for row in db.session.scalars(
        query.where(Activity.id.in_(shifts.with_only_columns(Shift.offering_id)))
    ):
        if row.title in titles:
            columns = {name: getattr(row, name) for name in named}
            found.setdefault(row.title, []).append(Existing(columns, spans[row.id]))
    return found


def _shifts_since(station_id: int, since: datetime) -> Select[tuple[Shift]]:
    return select(Shift).where(
        Shift.station_id == station_id,
        Shift.starts_at >= since,
        Shift.state == ShiftState.PLANNED,
    )


def _spans(shifts: Select[tuple[Shift]]) -> dict[int, dict[tuple[datetime, datetime], Places]]:
    rows = db.session.scalars(shifts).all()
    places: dict[int, set[tuple[PlaceRole, int]]] = {}
    wanted = select(Place).where(Place.shift_id.in_(shifts.with_only_columns(Shift.id)))
    for place in db.session.scalars(wanted):
        places.setdefault(place.shift_id, set()).add((PlaceRole(place.role), place.capacity))
    found: dict[int, dict[tuple[datetime, datetime], Places]] = {}
    for row in rows:
        span = (row.starts_at, row.ends_at)
        found.setdefault(row.offering_id, {})[span] = frozenset(places.get(row.id, ()))
    return found
