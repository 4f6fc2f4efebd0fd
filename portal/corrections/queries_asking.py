"""Selects of what somebody may ask about: shifts of a day, visits that lapsed, records that stand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from portal.attendance.models import Visit, VisitState
from portal.core import clock
from portal.core.db import db
from portal.hours.models import LedgerEntry
from portal.hours.queries import is_live
from portal.people.queries import selves
from portal.shifts.models import Offering, PlaceRole, Shift, ShiftState


def shifts_on(day: date, now: datetime, station_ids: Collection[int] | None) -> Sequence[Shift]:
    """Return the shifts of a local day that took place and are over (of these stations, if given)."""
    since, until = clock.day_span(day)
    query = (
        select(Shift)
        .join(Shift.offering)
        .options(contains_eager(Shift.offering).joinedload(Offering.station))
        .where(
            Shift.starts_at >= since,
            Shift.starts_at < until,
            Shift.ends_at <= now,
            Shift.state == ShiftState.PLANNED,
            Offering.published_at.is_not(None),
        )
    )
    if station_ids is not None:
        query = query.where(Shift.station_id.in_(station_ids))
    return db.session.scalars(query.order_by(Shift.starts_at, Shift.id).limit(100)).all()


def lapsed(person_id: int, since: datetime) -> Sequence[Shift]:
    """Return the shifts since then of which the person's visit lapsed: nobody confirmed it in time."""
    own = selves(person_id)
    recorded = select(LedgerEntry.id).where(
        LedgerEntry.shift_id == Shift.id, LedgerEntry.person_id.in_(own), is_live()
    )
    query = (
        select(Shift)
        .join(Shift.offering)
        .join(Visit, Visit.shift_id == Shift.id)
        .options(contains_eager(Shift.offering).joinedload(Offering.station))
        .where(
            Visit.person_id.in_(own),
            ~recorded.exists(),
            Visit.state == VisitState.LAPSED,
            Visit.role == PlaceRole.VOLUNTEER,
            Shift.ends_at > since,
        )
    )
    return db.session.scalars(query.order_by(Shift.starts_at.desc())).all()


def live_entries(person_id: int, station_ids: Collection[int]) -> Sequence[LedgerEntry]:
    """Return the newest live records of the person at these stations."""
    query = (
        select(LedgerEntry)
        .options(joinedload(LedgerEntry.shift).joinedload(Shift.offering))
        .where(
            LedgerEntry.person_id.in_(selves(person_id)),
            LedgerEntry.station_id.in_(station_ids),
            is_live(),
        )
    )
    return db.session.scalars(query.order_by(LedgerEntry.starts_at.desc()).limit(20)).all()
