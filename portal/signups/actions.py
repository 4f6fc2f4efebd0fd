"""Verbs on sign-ups. Locks: the person first, then the place; a place is taken by one statement."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update

from portal.core.access import Actor
from portal.core.db import append, db, execute
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.steps import next_state
from portal.records import audit, notes, settings, steps
from portal.shifts.models import PlaceRole, Shift
from portal.signups import asking, moves, queries_changes, rules, rules_missed, waiting
from portal.signups.asking import Asks, Case
from portal.signups.changes import call_off, move, set_capacity
from portal.signups.models import HOLDING, Signup, SignupState
from portal.signups.waiting import accept, close_queue, decline, lapse

# What other features call by name stands here, wherever it is written.
__all__ = [
    "accept", "call_off", "close_queue", "confirm_place", "decline", "give_place", "lapse", "mark", "move",
    "set_capacity", "sign_up", "sign_up_id", "withdraw",
]  # fmt: skip


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
    case = asking.case(asks, actor=actor, now=now)
    queue_open = rules.queue_is_open(case.shift.starts_at, now)
    # After the queue has closed, whoever waits may ask for a free place like anybody else.
    waits_in_vain = case.signup_state == SignupState.WAITLISTED and not queue_open
    if case.signup_id and not waits_in_vain:
        return case.signup_id
    reasons = asking.reasons_against(asks, case, actor=actor, now=now)
    if reasons or case.place_id is None:
        raise Refused(*reasons)
    somebody_waits = queue_open and case.somebody_waits
    if not somebody_waits and moves.take_place(case.place_id):
        return confirm_place(asks, case, actor=actor, now=now)
    if not queue_open:
        raise Refused(_full())
    return _new(asks, case, SignupState.WAITLISTED, actor=actor, now=now)


def withdraw(signup_id: int, reason: str, *, actor: Actor, now: datetime) -> Signup:
    """Withdraw a sign-up; a held place goes to who waits, or becomes free. Twice is harmless.

    (《志愿服务条例》 art. 22: who cannot come says so in time, so it must be easy.)
    """
    row, shift = moves.lock(signup_id)
    if row.state in {SignupState.WITHDRAWN, SignupState.CALLED_OFF}:
        return row
    if now >= shift.ends_at:
        raise Refused(Reason("closed", _("这一场已经结束，不能再取消。")))
    held = row.state in HOLDING
    reason_code = rules_missed.LATE if _is_late(row, shift, now) else ""
    moves.step(row, "withdraw", actor=actor, now=now, reason=reason_code)
    notes.put(Ref("signup", row.id), "reason", reason, actor=actor, now=now)
    moves.note("signup.withdraw", row, shift.station_id, actor=actor, now=now)
    if held:
        waiting.pass_on(row.place_id, shift, actor=actor, now=now)
    else:  # whoever waited together with others may have stood in their way
        waiting.offer_free(row.place_id, shift, actor=actor, now=now)
    return row


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


# --- parts ---------------------------------------------------------------------------------------


def _is_late(row: Signup, shift: Shift, now: datetime) -> bool:
    """Whether a certain place is given back so late that it is counted; after a change it never is."""
    latest = shift.starts_at - timedelta(hours=settings.get("late_cancel_hours"))
    return (
        row.state == SignupState.CONFIRMED
        and now > latest
        and not queries_changes.changed_since(shift.id, row.created_at)
    )


def _full() -> Reason:
    message = _("名额已满，离开始不到 2 小时，不再排候补。可以看看别的活动。")
    return Reason("full", message, _("看看我能报的"), "/me/open")


def confirm_place(asks: Asks, case: Case, *, actor: Actor, now: datetime) -> int:
    """Write down who has the place that was taken for them; return the sign-up's id."""
    if case.signup_id is None:
        return _new(asks, case, SignupState.CONFIRMED, actor=actor, now=now)
    row = db.session.get_one(Signup, case.signup_id)
    row.place_id, row.role = case.place_id or row.place_id, asks.role
    row.participant = asks.kind
    moves.step(row, "confirm", actor=actor, now=now)
    moves.note("signup.sign_up", row, case.shift.station_id, actor=actor, now=now)
    return row.id


def _new(asks: Asks, case: Case, state: SignupState, *, actor: Actor, now: datetime) -> int:
    asking.note_guardian(asks, case, actor=actor, now=now)
    signup_id = append(
        Signup,
        shift_id=asks.shift_id,
        place_id=case.place_id,
        person_id=asks.person_id,
        role=asks.role,
        participant=asks.kind,
        party_id=asks.party_id,
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
