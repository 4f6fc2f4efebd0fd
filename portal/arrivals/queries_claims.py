"""Selects over claims."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from portal.arrivals.models_claims import Claim, ClaimState
from portal.attendance.models import Direction
from portal.core.db import db
from portal.people import queries as people
from portal.shifts.models import Offering, Shift, ShiftState

_MOST = 200


def waiting_on(shift_id: int) -> Sequence[Claim]:
    """Return what waits for a word on a shift with its people, as it was said."""
    query = select(Claim).options(joinedload(Claim.person))
    query = query.where(Claim.shift_id == shift_id, Claim.state == ClaimState.WAITING)
    return db.session.scalars(query.order_by(Claim.at, Claim.id)).all()


def settled_on(shift_id: int) -> Sequence[Claim]:
    """Return what is settled on a shift, the latest first."""
    query = select(Claim).options(joinedload(Claim.person))
    query = query.where(Claim.shift_id == shift_id, Claim.state != ClaimState.WAITING)
    return db.session.scalars(query.order_by(Claim.id.desc()).limit(_MOST)).all()


def of_person_on(shift_ids: Collection[int], person_id: int) -> Sequence[Claim]:
    """Return what a person said on these shifts, in the order said."""
    query = select(Claim).where(
        Claim.shift_id.in_(shift_ids), Claim.person_id.in_(people.selves(person_id))
    )
    return db.session.scalars(query.order_by(Claim.id)).all()


def waiting(shift_id: int, person_id: int, direction: Direction) -> Claim | None:
    """Return the person's claim of a direction on a shift that waits."""
    query = select(Claim).where(
        Claim.shift_id == shift_id,
        Claim.person_id == person_id,
        Claim.direction == direction,
        Claim.state == ClaimState.WAITING,
    )
    return db.session.scalars(query).first()


def of_person(person_id: int) -> Sequence[Claim]:
    """Return all that a person said, with the shifts."""
    query = select(Claim).options(joinedload(Claim.shift))
    query = query.where(Claim.person_id.in_(people.selves(person_id)))
    return db.session.scalars(query.order_by(Claim.id)).all()


def others_by_device(shift_id: int) -> Mapping[str, int]:
    """Return for how many persons each phone spoke on a shift."""
    query = (
        select(Claim.device, func.count(Claim.person_id.distinct()))
        .where(Claim.shift_id == shift_id, Claim.device != "")
        .group_by(Claim.device)
    )
    return dict(db.session.execute(query).tuples().all())


def waiting_at(station_ids: Collection[int], leader_id: int) -> Sequence[Row[Any]]:
    """Return which shifts of these stations, or led by somebody, have claims waiting, how many."""
    query = (
        select(Shift.public_id, func.count())
        .join(Claim, Claim.shift_id == Shift.id)
        .join(Offering, Offering.id == Shift.offering_id)
        .where(
            or_(Shift.station_id.in_(station_ids), Offering.leader_id == leader_id),
            Claim.state == ClaimState.WAITING,
        )
        .group_by(Shift.public_id)
    )
    return db.session.execute(query.order_by(func.min(Claim.settle_by_on))).all()


def overdue(today: date) -> Sequence[int]:
    """Return what nobody confirmed in time."""
    query = select(Claim.id).where(Claim.state == ClaimState.WAITING, Claim.settle_by_on < today)
    return db.session.scalars(query.order_by(Claim.id).limit(_MOST)).all()


def waiting_until(since: date) -> Sequence[Claim]:
    """Return what waits until a day from `since` on, with the shifts."""
    query = select(Claim).options(joinedload(Claim.shift))
    return db.session.scalars(
        query.where(Claim.state == ClaimState.WAITING, Claim.settle_by_on >= since)
    ).all()


def shifts_on(offering_id: int, now: datetime, early: int, late: int) -> Sequence[Shift]:
    """Return the duties of a post that are on now, or can be come to or gone from."""
    query = (
        select(Shift)
        .join(Shift.offering)
        .options(contains_eager(Shift.offering).joinedload(Offering.station))
        .where(
            Shift.offering_id == offering_id,
            Shift.state == ShiftState.PLANNED,
            Shift.starts_at <= now + timedelta(minutes=early),
            Shift.ends_at >= now - timedelta(minutes=late),
        )
    )
    return db.session.scalars(query.order_by(Shift.starts_at)).all()
