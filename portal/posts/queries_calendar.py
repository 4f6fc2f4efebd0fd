"""Which duties the working calendar touches: those that lie on a holiday, or on a swapped weekend."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, or_, select

from portal.core.db import db
from portal.org.models import Station
from portal.posts.models import DutyShift, ServicePost
from portal.shifts.models import Offering, OfferingState, Shift, ShiftState
from portal.signups.models import LIVE, Signup

AHEAD = timedelta(days=366)
MOST = 200


class Touched(NamedTuple):
    """A duty to come, its post, and how many signed up for it."""

    public_id: str
    day: date
    starts_at: datetime
    ends_at: datetime
    title: str
    station: str
    people: int


def touched(free: Collection[date], works: Collection[date], now: datetime) -> list[Touched]:
    """Return the planned duties to come on these days, the next first.

    A post that stands on holidays as well is not concerned by the free ones.
    """
    if not free and not works:
        return []
    people = select(func.count()).where(Signup.shift_id == Shift.id, Signup.state.in_(LIVE))
    query = (
        select(
            Shift.public_id, DutyShift.day, Shift.starts_at, Shift.ends_at, Offering.title,
            Station.name, people.scalar_subquery(),
        )
        .join(DutyShift, DutyShift.shift_id == Shift.id)
        .join(Offering, Offering.id == Shift.offering_id)
        .join(ServicePost.__table__, ServicePost.__table__.c.id == Shift.offering_id)
        .join(Station, Station.id == Shift.station_id)
        .where(
            or_(
                DutyShift.day.in_(free) & ServicePost.__table__.c.skips_holidays,
                DutyShift.day.in_(works),
            ),
            DutyShift.is_dropped.is_(False),
            Shift.state == ShiftState.PLANNED,
            Shift.starts_at > now,
            Offering.state != OfferingState.CALLED_OFF,
        )
    )  # fmt: skip
    rows = db.session.execute(query.order_by(Shift.starts_at, Shift.id).limit(MOST))
    return [Touched._make(row) for row in rows]
