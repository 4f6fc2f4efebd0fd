"""Selects over the shifts of posts: what the grid made, who has a turn, who is away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from portal.core import clock
from portal.core.db import db
from portal.people import queries as people
from portal.posts.models import Absence, DutyShift, DutySlot, StandingPlace, StandingTurn
from portal.posts.policy import LogOf
from portal.posts.rules import Existing
from portal.shifts.models import Offering, OfferingType, Place, PlaceRole, Shift, ShiftState
from portal.signups.models import HOLDING, LIVE, Signup, SignupState


def made(post_id: int, first: date) -> Sequence[Existing]:
    """Return what the grid has made from a day on, called off singly or not, without what dropped."""
    query = _made(post_id).where(DutyShift.day >= first)
    return [_existing(row) for row in db.session.execute(query).tuples()]


def existing(post_id: int, now: datetime) -> Sequence[Existing]:
    """Return the shifts to come that take place, in time order."""
    query = _made(post_id).where(Shift.state == ShiftState.PLANNED, Shift.starts_at > now)
    return [_existing(row) for row in db.session.execute(query).tuples()]


_PEOPLE = (
    select(func.count())
    .where(Signup.shift_id == Shift.id, Signup.state.in_(LIVE))
    .scalar_subquery()
)


def _made(
    post_id: int,
) -> Select[tuple[int, date, int, datetime, datetime, int, int]]:
    return (
        select(
            Shift.id,
            DutyShift.day,
            DutySlot.starts_minute,
            Shift.starts_at,
            Shift.ends_at,
            Place.capacity,
            _PEOPLE,
        )
        .join(DutyShift, DutyShift.shift_id == Shift.id)
        .join(DutySlot, DutySlot.id == DutyShift.slot_id)
        .join(Place, Place.shift_id == Shift.id)
        .where(DutySlot.post_id == post_id, DutyShift.is_dropped.is_(False))
        .order_by(Shift.starts_at, Shift.id)
    )


def _existing(row: tuple[int, date, int, datetime, datetime, int, int]) -> Existing:
    shift_id, day, starts_minute, starts_at, ends_at, capacity, people = row
    return Existing(shift_id, (day, starts_minute), starts_at, ends_at, capacity, people)


def of_retired(post_id: int, now: datetime) -> Sequence[tuple[int, tuple[date, int]]]:
    """Return the shifts to come that belong to a cell which is retired, with their day and start."""
    query = (
        select(DutyShift.shift_id, DutyShift.day, DutySlot.starts_minute)
        .join(DutyShift.slot)
        .join(Shift, Shift.id == DutyShift.shift_id)
        .where(
            DutySlot.post_id == post_id,
            DutySlot.retired_at.is_not(None),
            DutyShift.is_dropped.is_(False),
            Shift.starts_at > now,
        )
    )
    rows = db.session.execute(query).tuples()
    return [(shift_id, (day, minute)) for shift_id, day, minute in rows]


def hold_places(post_id: int, now: datetime) -> None:
    """Hold the places of all shifts to come: nobody signs up while the grid changes."""
    query = (
        select(Place.id)
        .join(Shift, Shift.id == Place.shift_id)
        .where(Shift.offering_id == post_id, Shift.starts_at > now)
        .order_by(Place.id)
        .with_for_update(of=Place)
    )
    db.session.execute(query).all()


# --- turns of standing places --------------------------------------------------------------------


def untried(
    post_id: int, now: datetime, person_id: int | None = None
) -> Sequence[tuple[StandingPlace, Shift]]:
    """Return each standing place at a post with each shift to come that it has not tried."""
    query = _untried(now).where(DutySlot.post_id == post_id)
    if person_id is not None:
        query = query.where(StandingPlace.person_id == person_id)
    return db.session.execute(query).tuples().all()


def untried_of(person_id: int, now: datetime) -> Sequence[tuple[StandingPlace, Shift]]:
    """Return the same of a person, at whichever post."""
    query = _untried(now).where(StandingPlace.person_id == person_id)
    return db.session.execute(query).tuples().all()


def posts_with_untried(now: datetime) -> Sequence[int]:
    """Return the posts where a standing place has not tried a shift yet."""
    query = _untried(now).with_only_columns(DutySlot.post_id).order_by(None).distinct()
    return db.session.scalars(query).all()


def _untried(now: datetime) -> Select[tuple[StandingPlace, Shift]]:
    tried = select(StandingTurn.id).where(
        StandingTurn.standing_id == StandingPlace.id, StandingTurn.shift_id == Shift.id
    )
    return (
        select(StandingPlace, Shift)
        .join(DutySlot, DutySlot.id == StandingPlace.slot_id)
        .join(DutyShift, DutyShift.slot_id == DutySlot.id)
        .join(Shift, Shift.id == DutyShift.shift_id)
        .where(
            StandingPlace.ended_at.is_(None),
            DutyShift.is_dropped.is_(False),
            Shift.state == ShiftState.PLANNED,
            Shift.starts_at > now,
            ~tried.exists(),
        )
        .order_by(Shift.starts_at, Shift.id, StandingPlace.id)
    )


def held_turns(person_id: int, now: datetime) -> Sequence[tuple[StandingTurn, Shift]]:
    """Return the turns to come whose place the person holds, with their shifts."""
    query = (
        select(StandingTurn, Shift)
        .join(Shift, Shift.id == StandingTurn.shift_id)
        .join(StandingTurn.standing)
        .join(Signup, Signup.id == StandingTurn.signup_id)
        .where(
            StandingPlace.person_id == person_id,
            Signup.state.in_(HOLDING),
            Shift.starts_at > now,
        )
    )
    return db.session.execute(query.order_by(Shift.starts_at)).tuples().all()


def leave_turns(person_id: int, now: datetime) -> Sequence[tuple[StandingTurn, Shift]]:
    """Return the turns to come that were passed over because the person is away."""
    query = (
        select(StandingTurn, Shift)
        .join(Shift, Shift.id == StandingTurn.shift_id)
        .join(StandingTurn.standing)
        .where(
            StandingPlace.person_id == person_id,
            StandingTurn.reason == "on_leave",
            Shift.starts_at > now,
        )
    )
    return db.session.execute(query.order_by(Shift.starts_at)).tuples().all()


def not_placed(post_id: int, now: datetime) -> Sequence[tuple[StandingTurn, Shift]]:
    """Return the turns to come of a post that found no place, with person and shift."""
    query = (
        select(StandingTurn, Shift)
        .join(Shift, Shift.id == StandingTurn.shift_id)
        .join(StandingTurn.standing)
        .join(StandingPlace.slot)
        .options(joinedload(StandingTurn.standing).joinedload(StandingPlace.person))
        .where(
            DutySlot.post_id == post_id,
            StandingPlace.ended_at.is_(None),
            StandingTurn.reason != "",
            Shift.starts_at > now,
            Shift.state == ShiftState.PLANNED,
        )
    )
    return db.session.execute(query.order_by(Shift.starts_at)).tuples().all()


# --- absences ------------------------------------------------------------------------------------


def absences_of(person_ids: Collection[int], now: datetime) -> Mapping[int, list[Absence]]:
    """Return the absences of people that are not over, by person; an empty list for the others."""
    query = select(Absence).where(
        Absence.person_id.in_(person_ids), Absence.last_on >= clock.local_day(now)
    )
    found: dict[int, list[Absence]] = defaultdict(list)
    if person_ids:
        for row in db.session.scalars(query.order_by(Absence.first_on)):
            found[row.person_id].append(row)
    return found


def all_absences_of(person_id: int) -> Sequence[Absence]:
    """Return all absences of a person, under whichever record."""
    query = select(Absence).where(Absence.person_id.in_(people.selves(person_id)))
    return db.session.scalars(query.order_by(Absence.first_on)).all()


def absence(person_id: int, first_on: date, last_on: date) -> Absence | None:
    """Return the absence of just these days."""
    query = select(Absence).filter_by(person_id=person_id, first_on=first_on, last_on=last_on)
    return db.session.scalars(query).first()


def absence_by_id(public_id: str) -> Absence | None:
    """Return the absence of a public id."""
    return db.session.scalars(select(Absence).filter_by(public_id=public_id)).first()


# --- the own duties ------------------------------------------------------------------------------


def duties_of(person_id: int, since: datetime) -> Sequence[Signup]:
    """Return a person's live sign-ups on posts that ended lately or are to come, in time order."""
    query = (
        select(Signup)
        .join(Signup.shift)
        .join(Shift.offering)
        .options(contains_eager(Signup.shift).contains_eager(Shift.offering))
        .where(
            Signup.person_id.in_(people.selves(person_id)),
            Signup.state.in_(LIVE),
            Offering.type == OfferingType.SERVICE_POST,
            Shift.ends_at > since,
        )
    )
    return db.session.scalars(query.order_by(Shift.starts_at, Signup.id)).all()


def swap_options(post_ids: Collection[int], person_id: int, now: datetime) -> Sequence[Shift]:
    """Return the duties to come of these posts that others hold and the person does not."""
    own = select(Signup.shift_id).where(Signup.person_id == person_id, Signup.state.in_(LIVE))
    query = (
        select(Shift)
        .join(Place, Place.shift_id == Shift.id)
        .where(
            Shift.offering_id.in_(post_ids),
            Shift.state == ShiftState.PLANNED,
            Shift.starts_at > now,
            Place.taken > 0,
            Shift.id.not_in(own),
        )
        .order_by(Shift.starts_at, Shift.id)
        .limit(200)
    )
    return db.session.scalars(query).all() if post_ids else ()


def log_of(public_id: str) -> LogOf | None:
    """Return a shift of a post with who may write its log; None for a shift of another kind."""
    query = (
        select(Shift)
        .join(Shift.offering)
        .options(contains_eager(Shift.offering))
        .where(Shift.public_id == public_id, Offering.type == OfferingType.SERVICE_POST)
    )
    shift = db.session.scalars(query).first()
    if shift is None:
        return None
    holding = select(Signup.person_id).where(
        Signup.shift_id == shift.id,
        Signup.role == PlaceRole.VOLUNTEER,
        Signup.state.in_((SignupState.CONFIRMED, SignupState.ATTENDED)),
    )
    return LogOf(shift, shift.offering.leader_id, frozenset(db.session.scalars(holding)))
