"""Signing up, and withdrawing, by staff for somebody who cannot do it alone (代报名)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, cast

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.ref import Ref
from portal.notices.actions import tell
from portal.people import actions as people_actions
from portal.people import consents, guardians
from portal.people import queries as people
from portal.people.actions import NewPerson
from portal.people.guardians import Contact, Scope
from portal.people.models import Person
from portal.people.models_consents import Channel, ConsentKind, ConsentScope
from portal.people.rules import is_minor
from portal.records import audit, limits
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole, Shift
from portal.signups import actions, course, queries, queries_course
from portal.signups.asking import Asks
from portal.signups.models import Signup
from portal.signups.models_course import CourseSignup


@dataclass(frozen=True, slots=True)
class Asked:
    """What the desk wrote down: which place, what the person said, and how they agreed."""

    shift_id: int
    role: PlaceRole
    said: NewPerson
    channel: Channel
    guardian: Contact | None = None
    place: str | None = None


class Placed(NamedTuple):
    """The sign-up (a course's where it is one), whether it is new, and its place in the queue."""

    row: Signup | CourseSignup
    is_new: bool
    position: int | None = None


def note_look_up(person_ids: Sequence[int], shift: Shift, *, actor: Actor, now: datetime) -> None:
    """Count a look-up, and write down whose records were shown (masked)."""
    limits.count(limits.DESK_LOOK_UP, str(actor.person_id), now=now)
    for person_id in person_ids:
        audit.record(
            "person.look_up", Ref("person", person_id), actor=actor, now=now,
            station_id=shift.station_id, shift=shift.id,
        )  # fmt: skip


def sign_up_known(person_id: int, asked: Asked, *, actor: Actor, now: datetime) -> Placed:
    """Sign up somebody on record. A birth date that was not known is taken over: ages hang on it."""
    person = cast(Person, locked(Person, person_id))
    if person.birth_on is None and asked.said.birth_on:
        person.birth_on = asked.said.birth_on
        ref = Ref("person", person_id)
        audit.record("person.record", ref, actor=actor, now=now, fields="birth_on")
    if not consents.standing(person_id).withdrew_notice:
        _put_consent(person_id, asked.channel, actor=actor, now=now)
    return _sign_up(person_id, asked, actor=actor, now=now)


def sign_up_new(asked: Asked, *, actor: Actor, now: datetime) -> Placed:
    """Put somebody on record and sign them up: both, or after a refusal neither.

    The same words by the same hand for the same shift are the same person: a second click.
    """
    locked(Person, actor.person_id or 0)  # where the second click waits for the first
    before = queries.put_there(asked.shift_id, asked.said, actor.person_id)
    if before:
        return Placed(before, is_new=False, position=queries.position(before))
    person = people_actions.record_person(asked.said, actor=actor, now=now)
    _put_consent(person.id, asked.channel, actor=actor, now=now)
    return _sign_up(person.id, asked, actor=actor, now=now)


def withdraw_for(signup_id: int, reason: str, *, actor: Actor, now: datetime) -> Signup:
    """Withdraw a sign-up for its person, who is told. Twice is harmless."""
    row = actions.withdraw(signup_id, reason, actor=actor, now=now)
    if row.updated_at == now:
        _tell("withdrawn_for", row, actor=actor, now=now)
    return row


# --- parts ---------------------------------------------------------------------------------------


def _put_consent(person_id: int, channel: Channel, *, actor: Actor, now: datetime) -> None:
    """Write down that the person agreed to the notice, unless their word stands there already."""
    if not consents.holds(person_id, ConsentKind.NOTICE):
        consents.give(person_id, ConsentKind.NOTICE, channel, actor=actor, now=now)


def _note_guardian(person_id: int, asked: Asked, *, actor: Actor, now: datetime) -> None:
    """Write down that a guardian agreed to this one offering, where a minor needs it."""
    shift = shifts.terms(asked.shift_id)
    day = clock.local_day(shift.starts_at)
    minor = is_minor(people.person(person_id).birth_on, day)
    if not minor or asked.guardian is None:
        return
    if guardians.covers(person_id, shift.offering_id, day):
        return
    scope = Scope(ConsentScope.OFFERING, shift.offering_id)
    guardians.put_guardian(person_id, asked.guardian, asked.channel, scope, actor=actor, now=now)


def _sign_up(person_id: int, asked: Asked, *, actor: Actor, now: datetime) -> Placed:
    _note_guardian(person_id, asked, actor=actor, now=now)
    terms = shifts.terms(asked.shift_id)
    if terms.is_course and asked.role == PlaceRole.ATTENDEE:
        return _sign_up_course(person_id, asked.shift_id, actor=actor, now=now)
    asks = Asks(asked.shift_id, person_id, asked.role, place=asked.place)
    row = db.session.get_one(Signup, actions.give_place(asks, actor=actor, now=now))
    is_new = row.updated_at == now
    if is_new:
        _tell("signed_up_for", row, actor=actor, now=now)
    return Placed(row, is_new, queries.position(row))


def _sign_up_course(person_id: int, shift_id: int, *, actor: Actor, now: datetime) -> Placed:
    """Sign somebody up for the course whose date the shift is: whole, like everybody."""
    offering_id = shifts.shift(shift_id).offering_id
    found = queries_course.course_of_offering(offering_id)
    row = course.sign_up(found.series_id if found else 0, person_id, actor=actor, now=now)
    is_new = row.updated_at == now
    if is_new and person_id != actor.person_id:
        tell(person_id, "signed_up_for", Ref("activity", offering_id), now=now)
    return Placed(row, is_new, queries_course.positions([row]).get(row.id))


def _tell(kind: str, row: Signup, *, actor: Actor, now: datetime) -> None:
    if row.person_id != actor.person_id:
        tell(row.person_id, kind, Ref("shift", row.shift_id), now=now)
