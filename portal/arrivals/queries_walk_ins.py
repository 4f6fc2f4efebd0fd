"""Selects over who came without a sign-up."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import joinedload

from portal.arrivals.models_walk_ins import WalkIn, WalkInState
from portal.core.db import db
from portal.people.models import Person
from portal.shifts.models import Place, Shift

_MOST = 12


def walk_in_by_id(public_id: str) -> WalkIn | None:
    """Return the walk-in of a public id."""
    query = select(WalkIn).options(joinedload(WalkIn.person)).where(WalkIn.public_id == public_id)
    return db.session.scalars(query).first()


def by_key(key: str) -> WalkIn | None:
    """Return the walk-in that is known by a key."""
    return db.session.scalars(select(WalkIn).where(WalkIn.key == key)).first()


def on_shift(shift_id: int) -> Sequence[WalkIn]:
    """Return all walk-ins of a shift, who waits first, in the order they came."""
    query = select(WalkIn).options(joinedload(WalkIn.person)).where(WalkIn.shift_id == shift_id)
    waits_first = WalkIn.state != WalkInState.WAITING
    return db.session.scalars(query.order_by(waits_first, WalkIn.in_at, WalkIn.id)).all()


def waiting_at(station_ids: Collection[int]) -> Sequence[Row[Any]]:
    """Return which shifts of these stations have somebody waiting, and how many."""
    query = (
        select(Shift.public_id, func.count())
        .join(WalkIn, WalkIn.shift_id == Shift.id)
        .where(Shift.station_id.in_(station_ids), WalkIn.state == WalkInState.WAITING)
        .group_by(Shift.public_id)
    )
    return db.session.execute(query.order_by(func.min(WalkIn.settle_by_on))).all()


def still_here(shift_id: int, phone_end: str) -> Sequence[WalkIn]:
    """Return who waits on a shift, is there still, and gave a number that ends so."""
    query = select(WalkIn).where(
        WalkIn.shift_id == shift_id,
        WalkIn.state == WalkInState.WAITING,
        WalkIn.out_at.is_(None),
        WalkIn.phone.like(f"%{phone_end}"),
    )
    return db.session.scalars(query).all()


def may_be(names: Collection[str]) -> Sequence[Person]:
    """Return persons on record with one of these names, whom somebody who walked in may be."""
    query = select(Person).where(
        Person.name.in_(names), Person.merged_into_id.is_(None), Person.erased_at.is_(None)
    )
    return db.session.scalars(query.order_by(Person.id).limit(_MOST * max(1, len(names)))).all()


def has_free_place(shift_id: int) -> bool:
    """Return whether any place of the shift is free."""
    query = select(Place.id).where(Place.shift_id == shift_id, Place.taken < Place.capacity)
    return db.session.scalars(query.limit(1)).first() is not None


def overdue(today: date) -> Sequence[int]:
    """Return who waits though the day has passed by which staff had to say who it was."""
    query = select(WalkIn.id).where(
        WalkIn.state == WalkInState.WAITING, WalkIn.settle_by_on < today
    )
    return db.session.scalars(query.order_by(WalkIn.id).limit(200)).all()


def waiting_until(since: date) -> Sequence[WalkIn]:
    """Return who waits until a day from `since` on, with their shifts."""
    query = select(WalkIn).options(joinedload(WalkIn.shift))
    return db.session.scalars(
        query.where(WalkIn.state == WalkInState.WAITING, WalkIn.settle_by_on >= since)
    ).all()


def of_person(person_ids: Collection[int]) -> Sequence[WalkIn]:
    """Return the walk-ins that were, or may be, these persons."""
    query = select(WalkIn).options(joinedload(WalkIn.shift))
    return db.session.scalars(query.where(WalkIn.person_id.in_(person_ids))).all()
