"""Selects by which a person's hours are explained; a few whatever there is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, select
from sqlalchemy.orm import aliased

from portal.attendance.models import Direction, Scan, Visit
from portal.attendance.queries import says_something
from portal.core.db import db
from portal.hours.models import LedgerEntry, LedgerSeal
from portal.org.models import Station
from portal.people import queries as people
from portal.shifts.models import Offering, Shift

_REVERSAL = aliased(LedgerEntry)
_REVERSED = aliased(LedgerEntry)


def entries(person_id: int, station_ids: Collection[int] | None = None) -> Sequence[Row[Any]]:
    """Return the person's entries with all that explains them, the newest first.

    `station_ids` are the stations to be told of; None tells of all.
    """
    of_visit = and_(LedgerEntry.source_kind == "visit", Visit.id == LedgerEntry.source_id)
    query = (
        select(
            LedgerEntry,
            Station.name.label("station"),
            Offering.title,
            LedgerSeal.number,
            Visit.public_id.label("visit_id"),
            Visit.in_at,
            Visit.out_at,
            Shift.starts_at.label("planned_from"),
            Shift.ends_at.label("planned_until"),
            _REVERSAL.digest.label("reversed_by"),
            _REVERSED.digest.label("reverses"),
        )
        .join(Station, Station.id == LedgerEntry.station_id)
        .outerjoin(Shift, Shift.id == LedgerEntry.shift_id)
        .outerjoin(Offering, Offering.id == Shift.offering_id)
        .outerjoin(LedgerSeal, LedgerSeal.entry_id == LedgerEntry.id)
        .outerjoin(Visit, of_visit)
        .outerjoin(_REVERSAL, _REVERSAL.reverses_id == LedgerEntry.id)
        .outerjoin(_REVERSED, _REVERSED.id == LedgerEntry.reverses_id)
        .where(LedgerEntry.person_id.in_(people.selves(person_id)))
    )
    if station_ids is not None:
        query = query.where(LedgerEntry.station_id.in_(station_ids))
    order = (LedgerEntry.day.desc(), LedgerEntry.starts_at.desc(), LedgerEntry.id.desc())
    return db.session.execute(query.order_by(*order)).all()


Key = tuple[int, int, str, datetime]


def ways(person_id: int) -> dict[Key, Sequence[Row[Any]]]:
    """Return the scans that count by shift, person, direction and time, in the order stored."""
    query = (
        select(
            Scan.shift_id, Scan.person_id, Scan.direction, Scan.occurred_at, Scan.way, Scan.actor_id
        )
        .where(Scan.person_id.in_(people.selves(person_id)), says_something())
        .where(Scan.direction.in_(Direction))
    )
    found: dict[Key, list[Row[Any]]] = {}
    for row in db.session.execute(query.order_by(Scan.id)):
        key = (row.shift_id, row.person_id, str(row.direction), row.occurred_at)
        found.setdefault(key, []).append(row)
    return dict(found)
