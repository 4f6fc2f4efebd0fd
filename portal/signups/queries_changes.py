"""Selects over changes of shifts: what can still be undone, and who would clash."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from portal.core.db import db
from portal.records.notes import Note
from portal.shifts.models import Offering, OfferingType, Shift, ShiftState
from portal.signups.models import LIVE, Signup, SignupState
from portal.signups.models_changes import ChangeKind, ChangeRow, ChangeUndone, ShiftChange

# A place that somebody is sure of; two offers at the same time leave the choice to the person.
_SURE = (SignupState.CONFIRMED, SignupState.ATTENDED, SignupState.NO_SHOW)
_IS_UNDONE = exists().where(ChangeUndone.change_id == ShiftChange.id)


def change_by_id(public_id: str) -> ShiftChange | None:
    """Return the change of a public id, with its shift and offering."""
    return db.session.scalars(_with_shift().where(ShiftChange.public_id == public_id)).first()


def _with_shift() -> Select[tuple[ShiftChange]]:
    return (
        select(ShiftChange)
        .join(ShiftChange.shift)
        .join(Shift.offering)
        .options(contains_eager(ShiftChange.shift).contains_eager(Shift.offering))
    )


def _undoable(now: datetime) -> Select[tuple[ShiftChange]]:
    # What went with a whole post does not come back alone: its standing places have ended.
    with_post = (ShiftChange.kind == ChangeKind.CALL_OFF_ALL) & (
        Offering.type != OfferingType.ACTIVITY
    )
    query = _with_shift().where(ShiftChange.undo_until > now, ~_IS_UNDONE, ~with_post)
    return query.order_by(ShiftChange.id.desc())


def undoable_of_shift(shift_id: int, now: datetime) -> Sequence[ShiftChange]:
    """Return the changes of a shift whose notices still wait, the newest first."""
    return db.session.scalars(_undoable(now).where(ShiftChange.shift_id == shift_id)).all()


def undoable_of_offering(offering_id: int, now: datetime) -> Sequence[ShiftChange]:
    """Return those of all shifts of an offering."""
    return db.session.scalars(_undoable(now).where(Shift.offering_id == offering_id)).all()


def undoable_at(station_ids: Sequence[int], now: datetime) -> Sequence[ShiftChange]:
    """Return those of all shifts of these stations, at most five."""
    query = _undoable(now).where(Shift.station_id.in_(station_ids))
    return db.session.scalars(query.limit(5)).all() if station_ids else []


def is_undone(change_id: int) -> bool:
    """Return whether a change was undone."""
    query = select(ChangeUndone.id).where(ChangeUndone.change_id == change_id)
    return db.session.scalar(query) is not None


def later(change: ShiftChange) -> bool:
    """Return whether the shift was changed again since."""
    query = select(ShiftChange.id).where(
        ShiftChange.shift_id == change.shift_id, ShiftChange.id > change.id, ~_IS_UNDONE
    )
    return db.session.scalars(query.limit(1)).first() is not None


def changed_since(shift_id: int, since: datetime) -> bool:
    """Return whether a shift was changed (and stayed so) after an instant, or moved with another.

    The place is the offering's: what changes it on one shift changes it on all.
    """
    here = aliased(Shift)
    query = (
        _with_shift()
        .join(here, here.offering_id == Shift.offering_id)
        .where(here.id == shift_id, ShiftChange.at >= since, ~_IS_UNDONE)
    )
    return any(
        row.shift_id == shift_id or row.before["place"] != row.after["place"]
        for row in db.session.scalars(query)
    )


def told_reasons(shift_ids: Collection[int], now: datetime) -> Mapping[int, str]:
    """Return why each of these shifts was changed last, once people have been told of it."""
    query = (
        select(ShiftChange.shift_id, Note.text)
        .join(Note, (Note.subject_kind == "change") & (Note.subject_id == ShiftChange.id))
        .where(ShiftChange.shift_id.in_(shift_ids), ShiftChange.undo_until <= now, ~_IS_UNDONE)
        .order_by(ShiftChange.id)
    )
    return dict(db.session.execute(query).tuples().all()) if shift_ids else {}


def rows_of(change_id: int) -> Mapping[int, ChangeRow]:
    """Return what a change did to sign-ups, by sign-up."""
    query = select(ChangeRow).where(ChangeRow.change_id == change_id)
    return {row.signup_id: row for row in db.session.scalars(query.order_by(ChangeRow.id))}


def signups_of(signup_ids: Sequence[int]) -> Sequence[Signup]:
    """Return sign-ups by their ids."""
    query = select(Signup).where(Signup.id.in_(signup_ids)).order_by(Signup.id)
    return db.session.scalars(query).all()


def live_rows(shift_id: int) -> Sequence[Signup]:
    """Return the live sign-ups of a shift as they are now."""
    query = select(Signup).options(joinedload(Signup.person))
    query = query.where(Signup.shift_id == shift_id, Signup.state.in_(LIVE))
    return db.session.scalars(
        query.order_by(Signup.id).execution_options(populate_existing=True)
    ).all()


def clashing_rows(shift_id: int, starts_at: datetime, ends_at: datetime) -> frozenset[int]:
    """Return which confirmed sign-ups of a shift would overlap another sure place in this span."""
    other, there = aliased(Signup), aliased(Shift)
    query = (
        select(Signup.id)
        .join(other, other.person_id == Signup.person_id)
        .join(there, there.id == other.shift_id)
        .where(
            Signup.shift_id == shift_id,
            Signup.state == SignupState.CONFIRMED,
            other.shift_id != shift_id,
            other.state.in_(_SURE),
            there.state == ShiftState.PLANNED,
            there.starts_at < ends_at,
            there.ends_at > starts_at,
        )
    )
    return frozenset(db.session.scalars(query))


def concerned_elsewhere(offering_id: int, shift_id: int, now: datetime) -> Sequence[Signup]:
    """Return the live sign-ups of the offering's other shifts to come."""
    query = (
        select(Signup)
        .join(Shift, Shift.id == Signup.shift_id)
        .where(
            Shift.offering_id == offering_id,
            Shift.id != shift_id,
            Shift.state == ShiftState.PLANNED,
            Shift.ends_at > now,
            Signup.state.in_(LIVE),
        )
    )
    return db.session.scalars(query.order_by(Signup.id)).all()
