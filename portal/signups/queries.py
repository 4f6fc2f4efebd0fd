"""Selects over sign-ups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from portal.core.db import db, execute
from portal.people import queries as people
from portal.people import queries_family as families
from portal.people.actions import NewPerson
from portal.people.models import Person
from portal.shifts.models import Offering, Place, Shift, ShiftState
from portal.signups.models import (
    HOLDING,
    LIVE,
    QUEUE_ORDER,
    QueueClosing,
    Signup,
    SignupState,
)
from portal.signups.policy import Held


def names_of_actors(actor_ids: Sequence[int | None]) -> Mapping[int, str]:
    """Return the names of who did something, by id."""
    return people.names_of([one for one in actor_ids if one])


def signup_by_id(public_id: str) -> Signup | None:
    """Return the sign-up of a public id, with its shift and offering."""
    query = (
        select(Signup)
        .join(Signup.shift)
        .join(Shift.offering)
        .options(contains_eager(Signup.shift).contains_eager(Shift.offering))
        .where(Signup.public_id == public_id)
    )
    return db.session.scalars(query).first()


def held_by_id(public_id: str) -> Held | None:
    """Return the sign-up of a public id with who of the family may act for its person."""
    row = signup_by_id(public_id)
    return Held(row, families.holders_of(row.person_id)) if row else None


class Live(NamedTuple):
    """A sign-up in columns: all that a scan asks of it, for less than half of an object's price."""

    id: int
    public_id: str
    person_id: int
    role: str
    participant: str
    state: str


_COLUMNS = select(
    Signup.id, Signup.public_id, Signup.person_id, Signup.role, Signup.participant, Signup.state
)
_BY_ID = _COLUMNS.where(Signup.id == bindparam("signup_id"))
_LIVE = _COLUMNS.where(
    Signup.shift_id == bindparam("shift_id"),
    Signup.person_id == bindparam("person_id"),
    Signup.state.in_(LIVE),
)


def columns(signup_id: int) -> Live:
    """Return the sign-up of an internal id, which must exist."""
    return Live(*execute(_BY_ID, {"signup_id": signup_id}).one())


def shift_of(signup_id: int) -> int:
    """Return the id of the shift that a sign-up is on."""
    return db.session.get_one(Signup, signup_id).shift_id


def live_columns(shift_id: int, person_id: int) -> Live | None:
    """Return the columns of the person's live sign-up on the shift."""
    found = execute(_LIVE, {"shift_id": shift_id, "person_id": person_id}).first()
    return Live(*found) if found else None


def live(shift_id: int, person_id: int) -> Signup | None:
    """Return the person's live sign-up on the shift."""
    return live_on([shift_id], person_id).get(shift_id)


def latest(shift_id: int, person_id: int) -> Signup | None:
    """Return the person's newest sign-up on the shift, whatever its state."""
    query = select(Signup).where(Signup.shift_id == shift_id, Signup.person_id == person_id)
    return db.session.scalars(query.order_by(Signup.id.desc()).limit(1)).first()


def put_there(shift_id: int, said: NewPerson, actor_id: int | None) -> Signup | None:
    """Return the live sign-up of who said exactly this, made by this actor."""
    query = (
        select(Signup)
        .join(Signup.person)
        .where(
            Signup.shift_id == shift_id,
            Signup.actor_id == actor_id,
            Signup.state.in_(LIVE),
            Person.name == said.name,
            Person.phone.is_not_distinct_from(said.phone),
            Person.birth_on.is_not_distinct_from(said.birth_on),
        )
    )
    return db.session.scalars(query.order_by(Signup.id).limit(1)).first()


def on_shift(shift_id: int) -> Sequence[Signup]:
    """Return the live sign-ups of a shift with their persons, in the order of joining."""
    query = (
        select(Signup)
        .options(joinedload(Signup.person), joinedload(Signup.place))
        .where(Signup.shift_id == shift_id, Signup.state.in_(LIVE))
    )
    return db.session.scalars(query.order_by(Signup.id)).all()


# Most find nobody: ids only, so that no object's way is prepared for nothing.
_FIRST_WAITING = (
    select(Signup.id)
    .where(Signup.place_id == bindparam("place_id"), Signup.state == SignupState.WAITLISTED)
    .order_by(*QUEUE_ORDER)
    .limit(1)
)


def first_waiting(place_id: int) -> Signup | None:
    """Return who is first in the queue of a place."""
    found = execute(_FIRST_WAITING, {"place_id": place_id}).scalar()
    return db.session.get_one(Signup, found) if found else None


def was_signed_up(place_id: int) -> bool:
    """Return whether anybody has, or ever had, a sign-up for the place."""
    query = select(Signup.id).where(Signup.place_id == place_id).limit(1)
    return db.session.scalars(query).first() is not None


def position(row: Signup) -> int | None:
    """Return the place in the queue, counted from 1; None when the row does not wait."""
    return positions([row]).get(row.id)


def positions(rows: Sequence[Signup]) -> Mapping[int, int]:
    """Return the place in the queue of each waiting row, by id, in one query."""
    waiting = [row for row in rows if row.state == SignupState.WAITLISTED]
    if not waiting:
        return {}
    number = func.row_number().over(partition_by=Signup.place_id, order_by=QUEUE_ORDER)
    counted = (
        select(Signup.id, number.label("n"))
        .where(
            Signup.place_id.in_({row.place_id for row in waiting}),
            Signup.state == SignupState.WAITLISTED,
        )
        .subquery()
    )
    query = select(counted).where(counted.c.id.in_([row.id for row in waiting]))
    return {row[0]: row[1] for row in db.session.execute(query)}


def of_person(person_id: int) -> Sequence[Signup]:
    """Return all sign-ups of a person with shift, offering and station, the latest shift first."""
    query = _with_offering().where(Signup.person_id.in_(people.selves(person_id)))
    return db.session.scalars(query.order_by(Shift.starts_at.desc(), Signup.id.desc())).all()


def of_family(person_ids: Sequence[int]) -> Sequence[Signup]:
    """Return all sign-ups of these persons in the same way."""
    query = _with_offering().where(Signup.person_id.in_(person_ids))
    return db.session.scalars(query.order_by(Shift.starts_at.desc(), Signup.id.desc())).all()


def coming(person_id: int, now: datetime) -> Sequence[Signup]:
    """Return the person's live sign-ups whose shift has not ended, the next one first."""
    return coming_of([person_id], now)


def coming_of(person_ids: Sequence[int], now: datetime) -> Sequence[Signup]:
    """Return the same of several persons."""
    query = _with_offering().where(
        Signup.person_id.in_(person_ids), Signup.state.in_(LIVE), Shift.ends_at > now
    )
    return db.session.scalars(query.order_by(Shift.starts_at, Signup.id)).all()


def _with_offering() -> Select[tuple[Signup]]:
    return (
        select(Signup)
        .join(Signup.shift)
        .join(Shift.offering)
        .options(
            contains_eager(Signup.shift)
            .contains_eager(Shift.offering)
            .joinedload(Offering.station),
            joinedload(Signup.place),
        )
    )


_OTHER = aliased(Shift)
# Beside a row of Shift: another one that overlaps (half-open) and where the person holds a place.
CLASHING = (
    select(_OTHER.id)
    .join(Signup, Signup.shift_id == _OTHER.id)
    .where(
        Signup.person_id == bindparam("person_id"),
        Signup.state.in_(HOLDING),
        _OTHER.id != Shift.id,
        _OTHER.state == ShiftState.PLANNED,
        _OTHER.starts_at < Shift.ends_at,
        _OTHER.ends_at > Shift.starts_at,
    )
    .limit(1)
    .correlate(Shift)
    .scalar_subquery()
)


class PlacesOf(NamedTuple):
    """Places of one role of a shift (of one stall, if labelled), and how many wait for them."""

    role: str
    capacity: int
    taken: int
    waiting: int
    label: str = ""

    @property
    def free(self) -> int:
        """How many places there are for whoever asks now: none while somebody waits."""
        return 0 if self.waiting else max(self.capacity - self.taken, 0)


# How many wait, beside a row of Place.
WAITING = (
    select(func.count())
    .where(Signup.place_id == Place.id, Signup.state == SignupState.WAITLISTED)
    .scalar_subquery()
)
_PLACES = (
    select(Place.shift_id, Place.role, Place.capacity, Place.taken, WAITING, Place.label)
    .where(Place.shift_id.in_(bindparam("shift_ids", expanding=True)))
    .order_by(Place.role, Place.label)
)


def places_of(shift_ids: Sequence[int]) -> Mapping[int, list[PlacesOf]]:
    """Return the places of shifts with their queues, by shift, in one query."""
    found: dict[int, list[PlacesOf]] = {}
    for row in execute(_PLACES, {"shift_ids": shift_ids}):
        found.setdefault(row[0], []).append(PlacesOf(*row[1:]))
    return found


_LIVE_ON = (
    select(Signup)
    .options(joinedload(Signup.place))
    .where(
        Signup.shift_id.in_(bindparam("shift_ids", expanding=True)),
        Signup.person_id.in_(bindparam("person_ids", expanding=True)),
        Signup.state.in_(LIVE),
    )
    .order_by(Signup.id)
)


def live_of(shift_ids: Sequence[int], person_ids: Sequence[int]) -> Sequence[Signup]:
    """Return the live sign-ups of these persons on these shifts, in the order of joining."""
    values = {"shift_ids": shift_ids, "person_ids": person_ids}
    return db.session.scalars(_LIVE_ON, values).all()


def live_on(shift_ids: Sequence[int], person_id: int) -> Mapping[int, Signup]:
    """Return the person's live sign-ups on these shifts, by shift."""
    return {row.shift_id: row for row in live_of(shift_ids, [person_id])}


def lapsed_offers(now: datetime) -> Sequence[int]:
    """Return the ids of offers whose deadline has passed."""
    query = select(Signup.id).where(
        Signup.state == SignupState.OFFERED, Signup.offered_until <= now
    )
    return db.session.scalars(query.order_by(Signup.id).limit(500)).all()


def queues_to_close(now: datetime, until: datetime) -> Sequence[int]:
    """Return the ids of shifts that begin by `until`, have people waiting, and were not told."""
    query = (
        select(Shift.id)
        .join(Signup, Signup.shift_id == Shift.id)
        .outerjoin(QueueClosing, QueueClosing.shift_id == Shift.id)
        .where(
            Signup.state == SignupState.WAITLISTED,
            Shift.starts_at <= until,
            Shift.ends_at > now,
            QueueClosing.shift_id.is_(None),
        )
        .distinct()
    )
    return db.session.scalars(query.limit(200)).all()


def wrong_counters() -> Sequence[tuple[int, int, int]]:
    """Return (place id, counter, rows) of every place whose counter is not its rows."""
    rows = func.count(Signup.id)
    query = (
        select(Place.id, Place.taken, rows)
        .outerjoin(Signup, (Signup.place_id == Place.id) & Signup.state.in_(HOLDING))
        .group_by(Place.id, Place.taken)
        .having(Place.taken != rows)
    )
    return [(place_id, taken, count) for place_id, taken, count in db.session.execute(query)]
