"""Verbs on sign-ups. Locks: the person first, then the place; a place is taken by one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import bindparam, delete, select, update

from portal.core.access import Actor
from portal.core.db import append, db, execute, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.steps import next_state
from portal.notices.actions import tell
from portal.records import audit, notes, settings, steps
from portal.shifts import actions as shift_actions
from portal.shifts import queries as shifts
from portal.shifts.models import Place, PlaceRole, Shift, ShiftState
from portal.signups import asking, queries, rules, travel
from portal.signups.asking import Asks, Case
from portal.signups.models import (
    HOLDING,
    LIVE,
    QueueClosing,
    Signup,
    SignupState,
)


def sign_up(
    shift_id: int, person_id: int, role: PlaceRole, *, actor: Actor, now: datetime
) -> Signup:
    """Give the person a place, or a place in the queue when it is full or others wait.

    Signing up twice returns the first sign-up. Raises Refused with all reasons.
    """
    signup_id = sign_up_id(shift_id, person_id, role, actor=actor, now=now)
    return db.session.get_one(Signup, signup_id)


def sign_up_id(
    shift_id: int, person_id: int, role: PlaceRole, *, actor: Actor, now: datetime
) -> int:
    """Do what `sign_up` does for who needs the id alone: a rush pays for no objects."""
    return give_place(Asks(shift_id, person_id, role), actor=actor, now=now)


def give_place(asks: Asks, *, actor: Actor, now: datetime) -> int:
    """Do what `sign_up` does for whatever is asked, and return the sign-up's id."""
    db.session.flush()  # what was written down about the person before counts
    asking.lock(asks)
    # Read under the lock: whoever calls a shift off holds all its places.
    case = asking.case(asks)
    queue_open = rules.queue_is_open(case.shift.starts_at, now)
    # After the queue has closed, whoever waits may ask for a free place like anybody else.
    waits_in_vain = case.signup_state == SignupState.WAITLISTED and not queue_open
    if case.signup_id and not waits_in_vain:
        return case.signup_id
    reasons = asking.reasons_against(asks, case, actor=actor, now=now)
    if reasons or case.place_id is None:
        raise Refused(*reasons)
    somebody_waits = queue_open and case.somebody_waits
    if not somebody_waits and take_place(case.place_id):
        return _confirm(asks, case, actor=actor, now=now)
    if not queue_open:
        raise Refused(_full())
    return _new(asks, case, SignupState.WAITLISTED, actor=actor, now=now)


_TAKE = (
    update(Place)
    .where(Place.id == bindparam("place_id"), Place.taken < Place.capacity)
    .values(taken=Place.taken + 1)
)


def take_place(place_id: int) -> bool:
    """Take one place by the one guarded statement; False when it is full."""
    return execute(_TAKE, {"place_id": place_id}).rowcount == 1


def withdraw(signup_id: int, reason: str, *, actor: Actor, now: datetime) -> Signup:
    """Withdraw a sign-up; a held place goes to who waits, or becomes free. Twice is harmless.

    (《志愿服务条例》 art. 22: who cannot come says so in time, so it must be easy.)
    """
    row, shift = _lock(signup_id)
    if row.state in {SignupState.WITHDRAWN, SignupState.CALLED_OFF}:
        return row
    if now >= shift.ends_at:
        raise Refused(Reason("closed", _("这一场已经结束，不能再取消。")))
    held = row.state in HOLDING
    _move(row, "withdraw", actor=actor, now=now)
    notes.put(Ref("signup", row.id), "reason", reason, actor=actor, now=now)
    _audit("signup.withdraw", row, shift.station_id, actor=actor, now=now)
    if held:
        _pass_on(row.place_id, shift, actor=actor, now=now)
    return row


def accept(signup_id: int, *, actor: Actor, now: datetime) -> Signup:
    """Take the place that was offered. Twice is harmless; too late is refused."""
    row, shift = _lock(signup_id)
    if row.state == SignupState.CONFIRMED:
        return row
    if row.state != SignupState.OFFERED or (row.offered_until and row.offered_until <= now):
        raise Refused(
            Reason("lapsed", _("这个名额没有在期限前确认，已经让给下一位。可以重新报名。"))
        )
    clash = queries.clashing(row.person_id, shift.id)
    if clash:
        raise Refused(asking.clash_with(clash, row.person_id, actor))
    far = travel.refusal_for(row.person_id, shift.id, actor)
    if far:
        raise Refused(far)
    _move(row, "accept", actor=actor, now=now)
    _audit("signup.accept", row, shift.station_id, actor=actor, now=now)
    return row


def lapse(signup_id: int, *, actor: Actor, now: datetime) -> None:
    """Let an offer lapse whose deadline has passed, and offer the place to the next."""
    row, shift = _lock(signup_id)
    if row.state != SignupState.OFFERED or row.offered_until is None or row.offered_until > now:
        return
    _move(row, "lapse", actor=actor, now=now, reason="deadline")
    _audit("signup.lapse", row, shift.station_id, actor=actor, now=now)
    tell(row.person_id, "offer_lapsed", Ref("shift", shift.id), now=now)
    _pass_on(row.place_id, shift, actor=actor, now=now)


def close_queue(shift_id: int, *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Tell those who wait that the queue is closed; once for each shift."""
    if db.session.get(QueueClosing, shift_id):
        return
    db.session.add(QueueClosing(shift_id=shift_id, at=now))
    for row in queries.on_shift(shift_id):
        if row.state == SignupState.WAITLISTED:
            tell(row.person_id, "queue_closed", Ref("shift", shift_id), now=now)


_STATE = select(Signup.state).where(Signup.id == bindparam("signup_id")).with_for_update()
_MARK = (
    update(Signup)
    .where(Signup.id == bindparam("signup_id"))
    .values(state=bindparam("to"), offered_until=None, updated_at=bindparam("now"))
)


def mark(signup_id: int, state: SignupState, *, actor: Actor, now: datetime) -> None:
    """Set `attended` (somebody came) or `no_show` (nobody did). Twice is harmless."""
    before = SignupState(execute(_STATE, {"signup_id": signup_id}).scalar_one())
    if before == state:
        return
    verb = "attend" if state == SignupState.ATTENDED else "miss"
    after = next_state(rules.STEPS, before, verb)
    execute(_MARK, {"signup_id": signup_id, "to": after, "now": now})
    steps.record(Ref("signup", signup_id), before, verb, after, actor=actor, now=now)


def call_off(shift_id: int, reason: str, *, actor: Actor, now: datetime) -> Shift:
    """Call a shift off, with everybody on it, and tell them. The one verb for every offering.

    Twice is harmless. Who came already stays as attended.
    """
    lock_places(shift_id)
    if shifts.shift(shift_id).state == ShiftState.CALLED_OFF:
        return shifts.shift(shift_id)
    shift = shift_actions.call_off_shift(shift_id, reason, actor=actor, now=now)
    live = select(Signup).where(Signup.shift_id == shift_id, Signup.state.in_(LIVE))
    rows = db.session.scalars(live.order_by(Signup.id).with_for_update()).all()
    for row in rows:
        if (row.state, "call_off") in rules.STEPS:
            _move(row, "call_off", actor=actor, now=now)
            tell(row.person_id, "shift_called_off", Ref("shift", shift_id), now=now)
    db.session.flush()
    for place in shifts.places(shift_id):
        place.taken = sum(1 for row in rows if row.place_id == place.id and row.state in HOLDING)
    return shift


def set_capacity(place_id: int, capacity: int, *, actor: Actor, now: datetime) -> Place:
    """Change the number of places; more places are offered to those who wait, in order."""
    place = shift_actions.set_capacity(place_id, capacity)
    db.session.flush()
    _offer_free(place, shifts.shift(place.shift_id), actor=actor, now=now)
    return place


def move(
    shift_id: int, starts_at: datetime, ends_at: datetime, *, actor: Actor, now: datetime
) -> Shift:
    """Give a shift another span and tell everybody on it.

    The queue follows: an offer never holds past its new closing, and one that is open again goes on.
    """
    places = lock_places(shift_id)
    shift = shift_actions.move_shift(shift_id, starts_at, ends_at, actor=actor, now=now)
    closing = max(shift.starts_at - rules.QUEUE_CLOSES_BEFORE, now)
    for row in queries.on_shift(shift_id):
        if row.offered_until:
            row.offered_until = min(row.offered_until, closing)
        tell(row.person_id, "shift_moved", Ref("shift", shift_id), now=now)
    if rules.queue_is_open(shift.starts_at, now):
        db.session.execute(delete(QueueClosing).where(QueueClosing.shift_id == shift_id))
        for place in places:
            _offer_free(place, shift, actor=actor, now=now)
    return shift


def confirm_waiting(row: Signup, *, actor: Actor, now: datetime) -> None:
    """Confirm who waited and has a place now, which was taken."""
    _move(row, "confirm", actor=actor, now=now)


def give_back(place_id: int, shift_id: int, *, actor: Actor, now: datetime) -> None:
    """Give up a held place: it goes to who waits for it, or becomes free."""
    _pass_on(place_id, shifts.shift(shift_id), actor=actor, now=now)


def lock_places(shift_id: int) -> Sequence[Place]:
    """Lock all places of a shift, and return them as they are now."""
    query = select(Place).where(Place.shift_id == shift_id).order_by(Place.id)
    return db.session.scalars(
        query.with_for_update().execution_options(populate_existing=True)
    ).all()


# --- parts ---------------------------------------------------------------------------------------


def _lock(signup_id: int) -> tuple[Signup, Shift]:
    """Lock person, place and sign-up, in this order."""
    row = db.session.get_one(Signup, signup_id)
    asking.lock_person(row.person_id)
    locked(Place, row.place_id)
    return cast(Signup, locked(Signup, signup_id)), shifts.shift(row.shift_id)


def _full() -> Reason:
    return Reason("full", _("名额已满，离开始不到 2 小时，不再排候补。可以看看别的活动。"))


def _confirm(asks: Asks, case: Case, *, actor: Actor, now: datetime) -> int:
    if case.signup_id is None:
        return _new(asks, case, SignupState.CONFIRMED, actor=actor, now=now)
    row = db.session.get_one(Signup, case.signup_id)
    row.place_id, row.role = case.place_id or row.place_id, asks.role
    row.participant = asks.kind
    _move(row, "confirm", actor=actor, now=now)
    _audit("signup.sign_up", row, case.shift.station_id, actor=actor, now=now)
    return row.id


def _new(asks: Asks, case: Case, state: SignupState, *, actor: Actor, now: datetime) -> int:
    signup_id = append(
        Signup,
        shift_id=asks.shift_id,
        place_id=case.place_id,
        person_id=asks.person_id,
        role=asks.role,
        participant=asks.kind,
        state=state,
        created_at=now,
        updated_at=now,
        actor_id=actor.person_id,
    )
    ref = Ref("signup", signup_id)
    steps.record(ref, "", "sign_up", state, actor=actor, now=now)
    audit.record(
        "signup.wait" if state == SignupState.WAITLISTED else "signup.sign_up",
        ref,
        actor=actor,
        now=now,
        station_id=case.shift.station_id,
        person=asks.person_id,
        shift=asks.shift_id,
    )
    return signup_id


def _move(row: Signup, verb: str, *, actor: Actor, now: datetime, reason: str = "") -> None:
    before = row.state
    row.state = next_state(rules.STEPS, SignupState(before), verb)
    row.updated_at = now
    if row.state != SignupState.OFFERED:
        row.offered_until = None
    steps.record(
        Ref("signup", row.id), before, verb, row.state, actor=actor, now=now, reason=reason
    )


def _pass_on(place_id: int, shift: Shift, *, actor: Actor, now: datetime) -> None:
    """Give a freed place to who waits first (the counter stays), else free it."""
    db.session.flush()
    following = queries.first_waiting(place_id)
    if (
        following
        and shift.state == ShiftState.PLANNED
        and rules.queue_is_open(shift.starts_at, now)
    ):
        _offer(following, shift, actor=actor, now=now)
        return
    freed = update(Place).where(Place.id == place_id, Place.taken > 0)
    db.session.execute(freed.values(taken=Place.taken - 1))


def _offer_free(place: Place, shift: Shift, *, actor: Actor, now: datetime) -> None:
    """Offer every free place to those who wait, in order."""
    while rules.queue_is_open(shift.starts_at, now):
        following = queries.first_waiting(place.id)
        if following is None or not take_place(place.id):
            break
        _offer(following, shift, actor=actor, now=now)
    db.session.refresh(place)


def _offer(row: Signup, shift: Shift, *, actor: Actor, now: datetime) -> None:
    until = rules.offer_deadline(shift.starts_at, settings.get("offer_hours"), now)
    row.offered_until = until
    _move(row, "offer", actor=actor, now=now)
    db.session.flush()
    _audit("signup.offer", row, shift.station_id, actor=actor, now=now)
    tell(row.person_id, "offer", Ref("shift", shift.id), now=now, until=until.isoformat())


def _audit(verb: str, row: Signup, station_id: int, *, actor: Actor, now: datetime) -> None:
    audit.record(
        verb,
        Ref("signup", row.id),
        actor=actor,
        now=now,
        station_id=station_id,
        person=row.person_id,
        shift=row.shift_id,
    )
