"""Selects over what a desk has before it: who waits where, offers that are out, cover asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from portal.core.db import db
from portal.people.models import Person
from portal.shifts.models import Place, Shift
from portal.shifts.queries_desk import IS_PLANNED, PLANNED, Planned
from portal.signups.models import Signup, SignupState
from portal.signups.models_cover import CoverRequest, CoverState

_WIDTH = len(PLANNED)


class Waits(NamedTuple):
    """Somebody in a queue, in the order of joining."""

    shift: Planned
    place_id: int
    role: str
    capacity: int
    taken: int
    name: str


@dataclass(frozen=True, slots=True)
class Counted:
    """So many of something on a shift, and the first instant that matters of them."""

    shift: Planned
    place_id: int
    count: int
    first_at: datetime


def waiting_at(station_ids: Collection[int], now: datetime, most: int) -> Sequence[Waits]:
    """Return who waits for a place on shifts to come, queue by queue."""
    query = (
        select(*PLANNED, Place.id, Place.role, Place.capacity, Place.taken, Person.name)
        .join_from(Signup, Shift, Shift.id == Signup.shift_id)
        .join(Shift.offering)
        .join(Place, Place.id == Signup.place_id)
        .join(Person, Person.id == Signup.person_id)
        .where(
            Signup.state == SignupState.WAITLISTED,
            Shift.station_id.in_(station_ids),
            *IS_PLANNED,
            Shift.ends_at > now,
        )
        .order_by(Shift.starts_at, Place.id, Signup.id)
        .limit(most)
    )
    return [Waits(Planned(*row[:_WIDTH]), *row[_WIDTH:]) for row in db.session.execute(query)]


def offers_at(station_ids: Collection[int], now: datetime) -> Sequence[Counted]:
    """Return the offers that are out, counted by place, with when the first of them lapses."""
    query = (
        select(*PLANNED, Signup.place_id, func.count(), func.min(Signup.offered_until))
        .join_from(Signup, Shift, Shift.id == Signup.shift_id)
        .join(Shift.offering)
        .where(
            Signup.state == SignupState.OFFERED,
            Shift.station_id.in_(station_ids),
            *IS_PLANNED,
            Shift.ends_at > now,
        )
        .group_by(*PLANNED, Signup.place_id)
    )
    return [Counted(Planned(*row[:_WIDTH]), *row[_WIDTH:]) for row in db.session.execute(query)]


def cover_asked_at(
    station_ids: Collection[int], now: datetime, until: datetime
) -> Sequence[Counted]:
    """Return for how many places of shifts that begin by `until` somebody is looked for."""
    query = (
        select(*PLANNED, Signup.place_id, func.count(), Shift.starts_at)
        .join_from(CoverRequest, Signup, Signup.id == CoverRequest.signup_id)
        .join(Shift, Shift.id == CoverRequest.shift_id)
        .join(Shift.offering)
        .where(
            CoverRequest.state == CoverState.OPEN,
            Signup.state == SignupState.CONFIRMED,
            Shift.station_id.in_(station_ids),
            *IS_PLANNED,
            Shift.starts_at > now,
            Shift.starts_at < until,
        )
        .group_by(*PLANNED, Signup.place_id)
    )
    return [Counted(Planned(*row[:_WIDTH]), *row[_WIDTH:]) for row in db.session.execute(query)]
