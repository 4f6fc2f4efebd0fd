"""Selects over a station's week of activities."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from portal.core import clock
from portal.core.db import db
from portal.shifts.models import Offering, OfferingState, OfferingType, Shift, ShiftState
from portal.shifts.models_series import SeriesDate

MOST = 200


def shifts_in(station_id: int, first: date, last: date) -> Sequence[Shift]:
    """Return the planned shifts of a station's activities on these days, those of series left out."""
    begins, ends = clock.day_span(first, last)
    in_series = select(SeriesDate.shift_id).where(SeriesDate.shift_id == Shift.id).exists()
    query = (
        select(Shift)
        .join(Shift.offering)
        .options(contains_eager(Shift.offering))
        .where(
            Shift.station_id == station_id,
            Shift.state == ShiftState.PLANNED,
            Shift.starts_at >= begins,
            Shift.starts_at < ends,
            Offering.type == OfferingType.ACTIVITY,
            Offering.state != OfferingState.CALLED_OFF,
            ~in_series,
        )
    )
    return db.session.scalars(query.order_by(Shift.starts_at, Shift.id).limit(MOST)).all()


def starts_of(offering_ids: Sequence[int], first: date) -> frozenset[tuple[int, datetime]]:
    """Return (offering, start) of the shifts of a week from a day on, those called off among them."""
    begins, ends = clock.day_span(first, first + timedelta(days=7))
    query = select(Shift.offering_id, Shift.starts_at).where(
        Shift.offering_id.in_(offering_ids), Shift.starts_at >= begins, Shift.starts_at < ends
    )
    return frozenset((one, at) for one, at in db.session.execute(query))
