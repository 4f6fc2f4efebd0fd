"""Selects over what a desk has before it: the shifts of some days, and drafts. Columns, no objects."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select

from portal.core.db import db
from portal.shifts.models import Offering, OfferingState, Shift, ShiftState

# No shift lasts longer than a day; without this bound the index leads through all there ever were.
_BEGAN_LATELY = timedelta(days=2)


class Planned(NamedTuple):
    """A shift with its offering's title."""

    id: int
    public_id: str
    station_id: int
    title: str
    type: str
    starts_at: datetime
    ends_at: datetime


# What `Planned` is made of, for selects of features above that count something beside it.
PLANNED = (
    Shift.id,
    Shift.public_id,
    Shift.station_id,
    Offering.title,
    Offering.type,
    Shift.starts_at,
    Shift.ends_at,
)
IS_PLANNED = (Shift.state == ShiftState.PLANNED, Offering.state == OfferingState.PUBLISHED)


def planned_at(
    station_ids: Collection[int], since: datetime, until: datetime, most: int
) -> list[Planned]:
    """Return the published shifts of these stations that lie in a span, of activities and posts."""
    query = (
        select(*PLANNED)
        .join(Shift.offering)
        .where(
            Shift.station_id.in_(station_ids),
            *IS_PLANNED,
            Shift.ends_at > since,
            Shift.starts_at > since - _BEGAN_LATELY,
            Shift.starts_at < until,
        )
    )
    rows = db.session.execute(query.order_by(Shift.starts_at, Shift.id).limit(most)).tuples()
    return [Planned(*row) for row in rows]


class Draft(NamedTuple):
    """An offering that is not published yet."""

    id: int
    public_id: str
    station_id: int
    title: str
    type: str
    created_by_id: int | None
    updated_at: datetime


def drafts_at(station_ids: Collection[int], most: int) -> Sequence[Draft]:
    """Return the drafts of these stations, the last changed first."""
    query = select(
        Offering.id,
        Offering.public_id,
        Offering.station_id,
        Offering.title,
        Offering.type,
        Offering.created_by_id,
        Offering.updated_at,
    ).where(Offering.station_id.in_(station_ids), Offering.state == OfferingState.DRAFT)
    ordered = query.order_by(Offering.updated_at.desc(), Offering.id.desc()).limit(most)
    return [Draft(*row) for row in db.session.execute(ordered).tuples()]


def count_in_review(station_ids: Collection[int]) -> int:
    """Return how many offerings of these stations wait for a reviewer."""
    query = select(func.count()).where(
        Offering.station_id.in_(station_ids), Offering.state == OfferingState.IN_REVIEW
    )
    return db.session.scalar(query) or 0
