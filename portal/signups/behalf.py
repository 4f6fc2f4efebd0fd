"""Signing up, and withdrawing, by staff for somebody who cannot do it alone (代报名)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, cast

from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.ref import Ref
from portal.notices.actions import tell
from portal.people import actions as people_actions
from portal.people import consents
from portal.people.actions import NewPerson
from portal.people.models import Person
from portal.people.models_consents import Channel, ConsentKind
from portal.records import audit, limits
from portal.shifts.models import PlaceRole, Shift
from portal.signups import actions, queries
from portal.signups.asking import Asks
from portal.signups.models import Signup


@dataclass(frozen=True, slots=True)
class Asked:
    """What the desk wrote down: which place, what the person said, and how they agreed."""

    shift_id: int
    role: PlaceRole
    said: NewPerson
    channel: Channel
    place: str | None = None


class Placed(NamedTuple):
    """The sign-up, and whether it stands there since just now."""

    row: Signup
    is_new: bool


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
        return Placed(before, is_new=False)
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


def _sign_up(person_id: int, asked: Asked, *, actor: Actor, now: datetime) -> Placed:
    asks = Asks(asked.shift_id, person_id, asked.role, place=asked.place)
    row = db.session.get_one(Signup, actions.give_place(asks, actor=actor, now=now))
    is_new = row.updated_at == now
    if is_new:
        _tell("signed_up_for", row, actor=actor, now=now)
    return Placed(row, is_new)


def _tell(kind: str, row: Signup, *, actor: Actor, now: datetime) -> None:
    if row.person_id != actor.person_id:
        tell(row.person_id, kind, Ref("shift", row.shift_id), now=now)
