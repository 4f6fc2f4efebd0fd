"""How a sign-up moves and a place is taken, under the locks of the verbs that ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import bindparam, select, update

from portal.core.access import Actor
from portal.core.db import db, execute, is_sqlite, locked
from portal.core.ref import Ref
from portal.core.steps import next_state
from portal.people.models import Person
from portal.records import audit, steps
from portal.shifts import queries as shifts
from portal.shifts.models import Place, Shift
from portal.signups import asking, rules
from portal.signups.models import LIVE, Signup, SignupState

_TAKE = (
    update(Place)
    .where(Place.id == bindparam("place_id"), Place.taken + bindparam("n") <= Place.capacity)
    .values(taken=Place.taken + bindparam("n"))
)
_FREE = (
    update(Place)
    .where(Place.id == bindparam("place_id"), Place.taken > 0)
    .values(taken=Place.taken - 1)
)


def take_place(place_id: int, n: int = 1) -> bool:
    """Take places by the one guarded statement, all or none; False when they are too few."""
    return execute(_TAKE, {"place_id": place_id, "n": n}).rowcount == 1


def free_place(place_id: int) -> None:
    """Let one place go."""
    execute(_FREE, {"place_id": place_id})


def lock(signup_id: int) -> tuple[Signup, Shift]:
    """Lock person, place and sign-up, in this order."""
    rows, shift = lock_all([signup_id])
    return rows[0], shift


def lock_all(signup_ids: Sequence[int]) -> tuple[list[Signup], Shift]:
    """Lock the persons of sign-ups for one place by id, then the place, then the sign-ups."""
    rows = [db.session.get_one(Signup, one) for one in signup_ids]
    for person_id in sorted({row.person_id for row in rows}):
        asking.lock_person(person_id)
    locked(Place, rows[0].place_id)
    found = [cast(Signup, locked(Signup, one)) for one in signup_ids]
    return found, shifts.shift(rows[0].shift_id)


def lock_places(shift_id: int) -> Sequence[Place]:
    """Lock all places of a shift."""
    query = select(Place).where(Place.shift_id == shift_id).order_by(Place.id)
    return db.session.scalars(
        query.with_for_update().execution_options(populate_existing=True)
    ).all()


def lock_everybody(shift_id: int) -> Sequence[Place]:
    """Lock all persons on a shift by id, then its places: for what may bring overlaps about.

    Whoever signs up in between is locked late; should that meet another lock the database says so,
    and `write` runs the action again.
    """
    _lock_persons(shift_id)
    places = lock_places(shift_id)
    _lock_persons(shift_id)
    return places


def step(row: Signup, verb: str, *, actor: Actor, now: datetime, reason: str = "") -> None:
    """Move a sign-up by a verb of `rules.STEPS` and write the step down."""
    before = row.state
    row.state = next_state(rules.STEPS, SignupState(before), verb)
    row.updated_at = now
    if row.state != SignupState.OFFERED:
        row.offered_until = None
    steps.record(
        Ref("signup", row.id), before, verb, row.state, actor=actor, now=now, reason=reason
    )


def note(verb: str, row: Signup, station_id: int, *, actor: Actor, now: datetime) -> None:
    """Write the audit row of a verb on a sign-up."""
    audit.record(
        verb,
        Ref("signup", row.id),
        actor=actor,
        now=now,
        station_id=station_id,
        person=row.person_id,
        shift=row.shift_id,
    )


def _lock_persons(shift_id: int) -> None:
    if is_sqlite():
        return
    on_shift = select(Signup.person_id).where(Signup.shift_id == shift_id, Signup.state.in_(LIVE))
    query = select(Person.id).where(Person.id.in_(on_shift)).order_by(Person.id)
    db.session.execute(query.with_for_update()).all()
