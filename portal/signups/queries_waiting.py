"""Selects over queues: who is first, who waits together, what a queue should have been offered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, joinedload

from portal.core.db import db
from portal.records.notes import Note
from portal.records.steps import Step
from portal.shifts.models import Place, Shift, ShiftState
from portal.signups import queries
from portal.signups.models import LIVE, QUEUE_ORDER, Signup, SignupState


def first_group(place_id: int) -> Sequence[Signup]:
    """Return who is offered places next: the first who waits, with whom they wait."""
    first = queries.first_waiting(place_id)
    if first is None or first.party_id is None:
        return [first] if first else []
    return [row for row in party_of(first) if row.state == SignupState.WAITLISTED]


def party_of(row: Signup) -> Sequence[Signup]:
    """Return the live sign-ups of a party for one place, in order; alone: the sign-up itself."""
    if row.party_id is None:
        return [row]
    query = (
        select(Signup)
        .options(joinedload(Signup.person))
        .where(
            Signup.party_id == row.party_id,
            Signup.place_id == row.place_id,
            Signup.state.in_(LIVE),
        )
    )
    return db.session.scalars(query.order_by(*QUEUE_ORDER)).all()


def party_sizes(rows: Sequence[Signup]) -> dict[int, int]:
    """Return how many of a party still wait or were offered, by party, in one query."""
    ids = {row.party_id for row in rows if row.party_id}
    if not ids:
        return {}
    states = (SignupState.WAITLISTED, SignupState.OFFERED)
    query = (
        select(Signup.party_id, func.count())
        .where(Signup.party_id.in_(ids), Signup.state.in_(states))
        .group_by(Signup.party_id)
    )
    return {int(row[0] or 0): int(row[1]) for row in db.session.execute(query)}


def queue_of(place_id: int) -> Sequence[Signup]:
    """Return who waits for a place, the first first, with their persons."""
    query = (
        select(Signup)
        .options(joinedload(Signup.person))
        .where(Signup.place_id == place_id, Signup.state == SignupState.WAITLISTED)
    )
    return db.session.scalars(query.order_by(*QUEUE_ORDER)).all()


def groups(place_id: int) -> list[list[Signup]]:
    """Return the queue of a place in groups of those who wait together."""
    found = groupby(queue_of(place_id), key=lambda row: row.party_id or -row.id)
    return [list(rows) for _key, rows in found]


def offers_of(place_id: int) -> Sequence[Signup]:
    """Return the offers of a place that run, the one that ends first first."""
    query = (
        select(Signup)
        .options(joinedload(Signup.person))
        .where(Signup.place_id == place_id, Signup.state == SignupState.OFFERED)
    )
    return db.session.scalars(query.order_by(Signup.offered_until, Signup.id)).all()


def moved_by_hand(shift_id: int) -> Sequence[tuple[Step, Signup]]:
    """Return what hands have done to the queues of a shift, the newest first."""
    query = (
        select(Step, Signup)
        .join(Signup, (Step.subject_kind == "signup") & (Step.subject_id == Signup.id))
        .options(joinedload(Signup.person))
        .where(Signup.shift_id == shift_id, Step.reason == "by_hand")
    )
    return db.session.execute(query.order_by(Step.id.desc()).limit(50)).tuples().all()


def words_by_hand(signup_ids: Collection[int]) -> Mapping[tuple[int, datetime], str]:
    """Return why, by sign-up and instant."""
    query = select(Note).where(
        Note.subject_kind == "signup", Note.subject_id.in_(signup_ids), Note.kind == "by_hand"
    )
    found = db.session.scalars(query.order_by(Note.id)) if signup_ids else ()
    return {(note.subject_id, note.at): note.text for note in found}


def forgotten(closing: datetime) -> Sequence[tuple[int, int]]:
    """Return (place id, free places) where the first who waits would fit, and nobody was offered.

    `closing`: shifts that begin by then have closed their queues.
    """
    other = aliased(Signup)
    size = (
        select(func.count())
        .where(
            other.place_id == Place.id,
            other.party_id == Signup.party_id,
            other.state == SignupState.WAITLISTED,
        )
        .correlate(Place, Signup)
        .scalar_subquery()
    )
    first = (
        select(other.id)
        .where(other.place_id == Place.id, other.state == SignupState.WAITLISTED)
        .order_by(other.rank.is_(None), other.rank, other.id)
        .limit(1)
        .correlate(Place)
        .scalar_subquery()
    )
    query = (
        select(Place.id, Place.capacity - Place.taken)
        .join(Signup, Signup.id == first)
        .join(Shift, Shift.id == Place.shift_id)
        .where(
            Place.taken < Place.capacity,
            Shift.state == ShiftState.PLANNED,
            Shift.starts_at > closing,
            func.coalesce(func.nullif(size, 0), 1) <= Place.capacity - Place.taken,
        )
    )
    return db.session.execute(query.order_by(Place.id).limit(200)).tuples().all()
