"""Selects over series and their dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from portal.core.db import db
from portal.shifts.models import Offering, OfferingState, Shift, ShiftState
from portal.shifts.models_series import Holidays, Series, SeriesDate, SeriesPlace


def series_by_id(public_id: str) -> Series | None:
    """Return the series of a public id with its offering."""
    query = select(Series).options(joinedload(Series.offering).joinedload(Offering.station))
    return db.session.scalars(query.where(Series.public_id == public_id)).first()


def of_offering(offering_id: int) -> Series | None:
    """Return the series of an offering, if its dates come out of a rule."""
    query = select(Series).options(joinedload(Series.offering))
    return db.session.scalars(query.where(Series.offering_id == offering_id)).first()


def of_shift(shift_id: int) -> SeriesDate | None:
    """Return which date of which series a shift is."""
    query = select(SeriesDate).options(joinedload(SeriesDate.series))
    return db.session.scalars(query.where(SeriesDate.shift_id == shift_id)).first()


def dates_of(series_id: int) -> Sequence[SeriesDate]:
    """Return the dates of a series with their shifts, in time order, dropped ones left out."""
    query = (
        select(SeriesDate)
        .join(SeriesDate.shift)
        .options(contains_eager(SeriesDate.shift).joinedload(Shift.offering))
        .where(SeriesDate.series_id == series_id, SeriesDate.is_dropped.is_(False))
    )
    return db.session.scalars(query.order_by(Shift.starts_at, Shift.id)).all()


def coming_dates(series_id: int, now: datetime) -> Sequence[SeriesDate]:
    """Return the planned dates that have not ended, the next first."""
    return [
        one
        for one in dates_of(series_id)
        if one.shift.state == ShiftState.PLANNED and one.shift.ends_at > now
    ]


def live_days(series_id: int) -> frozenset[date]:
    """Return the days of the rule that have a shift, called off singly or not."""
    query = select(SeriesDate.original_on).where(
        SeriesDate.series_id == series_id, SeriesDate.is_dropped.is_(False)
    )
    return frozenset(db.session.scalars(query))


def kept_days(series_id: int) -> frozenset[date]:
    """Return the days that take place although a holiday was published for them later."""
    query = select(SeriesDate.original_on).where(
        SeriesDate.series_id == series_id,
        SeriesDate.is_dropped.is_(False),
        SeriesDate.is_kept.is_(True),
    )
    return frozenset(db.session.scalars(query))


def places_of(series_id: int) -> Sequence[SeriesPlace]:
    """Return the places that each new date gets."""
    query = select(SeriesPlace).where(SeriesPlace.series_id == series_id)
    return db.session.scalars(query.order_by(SeriesPlace.role, SeriesPlace.label)).all()


def planned_of(offering_id: int) -> Sequence[Shift]:
    """Return the planned shifts of an offering."""
    query = select(Shift).where(Shift.offering_id == offering_id, Shift.state == ShiftState.PLANNED)
    return db.session.scalars(query.order_by(Shift.starts_at)).all()


def skipping(now: datetime) -> Sequence[Series]:
    """Return the series that skip holidays, are not called off, and still have dates to come."""
    query = (
        select(Series)
        .join(Series.offering)
        .options(contains_eager(Series.offering).joinedload(Offering.station))
        .where(
            Series.holidays == Holidays.SKIP,
            Offering.state != OfferingState.CALLED_OFF,
            select(SeriesDate.shift_id)
            .join(Shift, Shift.id == SeriesDate.shift_id)
            .where(SeriesDate.series_id == Series.id, Shift.starts_at > now)
            .exists(),
        )
    )
    return db.session.scalars(query.order_by(Offering.station_id, Series.id)).all()


def public_ids(offering_ids: Sequence[int]) -> Mapping[int, str]:
    """Return the public id of the series of each of these offerings that has one."""
    query = select(Series.offering_id, Series.public_id)
    return dict(
        db.session.execute(query.where(Series.offering_id.in_(offering_ids))).tuples().all()
    )


def misplaced() -> Sequence[tuple[int, int]]:
    """Return (series, shift) of every date whose shift belongs to another offering."""
    query = (
        select(SeriesDate.series_id, SeriesDate.shift_id)
        .join(Series, Series.id == SeriesDate.series_id)
        .join(Shift, Shift.id == SeriesDate.shift_id)
        .where(Shift.offering_id != Series.offering_id)
    )
    return list(db.session.execute(query).tuples())


def doubles() -> Sequence[tuple[int, date]]:
    """Return (series, day) of every day of a series that has two dates."""
    query = (
        select(SeriesDate.series_id, SeriesDate.original_on)
        .where(SeriesDate.is_dropped.is_(False))
        .group_by(SeriesDate.series_id, SeriesDate.original_on)
        .having(func.count() > 1)
    )
    return list(db.session.execute(query).tuples())
