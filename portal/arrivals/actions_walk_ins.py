"""Verbs on who came without a sign-up: written down, then admitted as somebody, or not counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from portal.arrivals import queries_walk_ins as queries
from portal.arrivals.models_walk_ins import WalkIn, WalkInState
from portal.arrivals.rules_walk_ins import STEPS
from portal.attendance import told
from portal.attendance.models import Way
from portal.attendance.rules_stays import walk_in_key
from portal.attendance.told import Told
from portal.core import clock, ids
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Reason, Refused
from portal.core.forms import PHONE, normal_phone
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.steps import next_state
from portal.notices.actions import tell
from portal.org.queries import add_working_days
from portal.people import actions as people_actions
from portal.people import consents
from portal.people import queries as people
from portal.people.actions import NewPerson
from portal.people.models_consents import Channel, ConsentKind
from portal.records import audit, notes, settings, steps
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole
from portal.signups import walk_ins as places


@dataclass(frozen=True, slots=True)
class Arrived:
    """Somebody who came without a sign-up. `key` is its idempotency key; made up when empty."""

    shift_id: int
    key: str
    way: Way
    name: str
    phone: str
    in_at: datetime
    out_at: datetime | None = None
    person_id: int | None = None
    role: PlaceRole | None = None


def ref(row: WalkIn) -> Ref:
    """Return what the steps, notes and audit rows of a walk-in hang on."""
    return Ref("walk_in", row.id)


def record(arrived: Arrived, *, actor: Actor, now: datetime) -> WalkIn:
    """Write a provisional visit down; it counts nothing. The same key again returns the first."""
    before = queries.by_key(arrived.key) if arrived.key else None
    if before is not None:
        return before
    shift = shifts.shift(arrived.shift_id)
    public_id = ids.public_id()
    days = settings.get("record_working_days")
    row = WalkIn(
        public_id=public_id,
        shift_id=shift.id,
        key=arrived.key or walk_in_key(public_id),
        way=arrived.way,
        name=arrived.name,
        phone=arrived.phone,
        role=arrived.role or _role(shift.id, arrived.person_id),
        in_at=arrived.in_at,
        out_at=arrived.out_at,
        person_id=arrived.person_id,
        state=WalkInState.WAITING,
        settle_by_on=add_working_days(clock.local_day(shift.ends_at), days),
        recorded_at=now,
        recorded_by_id=actor.person_id,
    )
    db.session.add(row)
    db.session.flush()
    steps.record(ref(row), "", "record", row.state, actor=actor, now=now)
    _note("record", row, shift.station_id, actor=actor, now=now)
    return row


def admit_if_possible(row: WalkIn, *, actor: Actor, now: datetime) -> None:
    """Admit somebody who was found; what stands against it is kept as the code of why not."""
    try:
        admit(row.id, row.person_id, PlaceRole(row.role), actor=actor, now=now)
    except Refused as refused:
        row.reason = refused.reasons[0].code if refused.reasons else "full"


def admit(
    walk_in_id: int, person_id: int | None, role: PlaceRole, *, actor: Actor, now: datetime
) -> WalkIn:
    """Say who it is: somebody on record, or (None) somebody new. The visit counts from now on.

    Twice is harmless. Raises Refused with all reasons, and leaves nothing then.
    """
    row = _locked(walk_in_id)
    if row.state == WalkInState.ADMITTED:
        return row
    _must_wait(row)
    if person_id is not None and people.kept_id(person_id) == actor.person_id:
        raise Refused(Reason("own", _("不能给自己补记。请另一位工作人员来确认。")))
    against = places.refusal(role)
    if against is not None:
        raise Refused(against)
    somebody = person_id or _new_person(row, actor=actor, now=now)
    places.let_in(row.shift_id, somebody, role, actor=actor, now=now)
    stay = Told(somebody, row.shift_id, row.key, Way(row.way), row.in_at, row.out_at)
    told.record(stay, actor=actor, now=now)
    row.person_id, row.role, row.reason = somebody, role, ""
    _settle(row, "admit", actor=actor, now=now)
    tell(somebody, "walk_in_admitted", Ref("shift", row.shift_id), now=now, recalled_by=ref(row))
    return row


def refuse(walk_in_id: int, reason: str, *, actor: Actor, now: datetime) -> WalkIn:
    """Say that it does not count. Twice is harmless."""
    row = _locked(walk_in_id)
    if row.state == WalkInState.REFUSED:
        return row
    _must_wait(row)
    notes.put(ref(row), "reason", reason, actor=actor, now=now)
    _settle(row, "refuse", actor=actor, now=now)
    return row


def lapse(walk_in_id: int, *, actor: Actor, now: datetime) -> None:
    """Let it count nothing, as nobody said in time who it was."""
    row = _locked(walk_in_id)
    if row.state == WalkInState.WAITING:
        _settle(row, "lapse", actor=actor, now=now)


def leave(walk_in_id: int, *, actor: Actor, now: datetime) -> WalkIn:
    """Note that somebody who walked in goes. Only the first time counts."""
    row = _locked(walk_in_id)
    if row.state == WalkInState.WAITING and row.out_at is None:
        row.out_at = max(now, row.in_at)
        _note("record", row, shifts.shift(row.shift_id).station_id, actor=actor, now=now)
    return row


# --- parts ---------------------------------------------------------------------------------------


def _locked(walk_in_id: int) -> WalkIn:
    return cast(WalkIn, locked(WalkIn, walk_in_id))


def _must_wait(row: WalkIn) -> None:
    if row.state != WalkInState.WAITING:
        raise Refused(Reason("wrong_state", _("这次来访已经处理过了。请刷新页面再看。")))


def _role(shift_id: int, person_id: int | None) -> PlaceRole:
    """Return as what somebody came, when nobody says: a volunteer serves where that is asked for."""
    has = {PlaceRole(place.role) for place in shifts.places(shift_id)}
    serves = person_id is not None and people.is_registered(person_id)
    wanted = PlaceRole.VOLUNTEER if serves else PlaceRole.ATTENDEE
    if wanted in has or not has:
        return wanted
    return next(iter(has))


def _new_person(row: WalkIn, *, actor: Actor, now: datetime) -> int:
    phone = normal_phone(row.phone)
    details = NewPerson(row.name, phone if PHONE.fullmatch(phone) else None)
    person = people_actions.record_person(details, actor=actor, now=now)
    channel = Channel.PAPER if row.way == Way.PAPER else Channel.DESK
    consents.give(person.id, ConsentKind.NOTICE, channel, actor=actor, now=now)
    return person.id


def _settle(row: WalkIn, verb: str, *, actor: Actor, now: datetime) -> None:
    before = WalkInState(row.state)
    row.state = next_state(STEPS, before, verb)
    row.name = row.phone = ""
    row.decided_at, row.decided_by_id = now, actor.person_id
    steps.record(ref(row), before, verb, row.state, actor=actor, now=now)
    _note(verb, row, shifts.shift(row.shift_id).station_id, actor=actor, now=now)


def _note(verb: str, row: WalkIn, station_id: int, *, actor: Actor, now: datetime) -> None:
    audit.record(
        f"walk_in.{verb}", ref(row), actor=actor, now=now, station_id=station_id,
        shift=row.shift_id,
    )  # fmt: skip
