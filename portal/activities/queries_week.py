"""Selects over a station's week of activities."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import contains_eager

from portal.core import clock
from portal.core.db import db
from portal.shifts.models import Offering, OfferingState, OfferingType, Shift, ShiftState
from portal.shifts.models_series import Series, SeriesDate

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


class LeftOut(NamedTuple):
    """What a week had besides and is not copied: how often, and why (its kind, or called off)."""

    title: str
    type: OfferingType
    public_id: str
    series_id: str | None
    is_called_off: bool
    times: int


def left_out(station_id: int, first: date, last: date) -> list[LeftOut]:
    """Return what else a station had on these days: series, duties of posts, what was called off."""
    begins, ends = clock.day_span(first, last)
    is_off = or_(
        Shift.state == ShiftState.CALLED_OFF, Offering.state == OfferingState.CALLED_OFF
    ).label("is_off")
    columns = (Offering.title, Offering.type, Offering.public_id, Series.public_id, is_off)
    query = (
        select(*columns, func.count())
        .select_from(Shift)
        .join(Offering, Offering.id == Shift.offering_id)
        .outerjoin(SeriesDate, SeriesDate.shift_id == Shift.id)
        .outerjoin(Series, Series.id == SeriesDate.series_id)
        .where(
            Shift.station_id == station_id,
            Shift.starts_at >= begins,
            Shift.starts_at < ends,
            or_(Offering.type == OfferingType.SERVICE_POST, Series.id.is_not(None), is_off),
            or_(SeriesDate.shift_id.is_(None), SeriesDate.is_dropped.is_(False)),
        )
        .group_by(Offering.id, *columns)
        .order_by(Offering.title, Offering.id)
    )
    return [LeftOut(*row) for row in db.session.execute(query.limit(MOST))]


def held_elsewhen(offering_ids: Collection[int], first: date) -> frozenset[int]:
    """Return which of these offerings have planned shifts outside the week from a day on."""
    begins, ends = clock.day_span(first, first + timedelta(days=6))
    query = select(Shift.offering_id).where(
        Shift.offering_id.in_(offering_ids),
        Shift.state == ShiftState.PLANNED,
        or_(Shift.starts_at < begins, Shift.starts_at >= ends),
    )
    return frozenset(db.session.scalars(query.distinct()))


def starts_at(station_id: int, first: date) -> frozenset[tuple[str, datetime]]:
    """Return (title, start) of a station's shifts of a week, those called off among them."""
    begins, ends = clock.day_span(first, first + timedelta(days=7))
    query = (
        select(Offering.title, Shift.starts_at)
        .join(Offering, Offering.id == Shift.offering_id)
        .where(Shift.station_id == station_id, Shift.starts_at >= begins, Shift.starts_at < ends)
    )
    return frozenset((title, at) for title, at in db.session.execute(query))
