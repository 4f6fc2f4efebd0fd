"""How a volunteer's state moves: under locks, with step, audit, stale day and notice.

Locks: the person, then places, then the volunteer.
"""

from __future__ import annotations

from datetime import datetime

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.ref import Ref
from portal.core.steps import next_state
from portal.notices.actions import tell
from portal.people.locks import lock_person
from portal.people.models import Volunteer, VolunteerState
from portal.records import audit, stale, steps
from portal.registration import rules
from portal.shifts.models import PlaceRole
from portal.signups import actions as signup_actions
from portal.signups import queries as signups

_AUDIT_VERBS = {
    rules.SUBMIT: "volunteer.apply",
    "resubmit": "volunteer.apply",
    "reapply": "volunteer.apply",
}
_NOTICES = {
    "approve": "volunteer_registered",
    "return": "volunteer_returned",
    "refuse": "volunteer_refused",
}


def lock(volunteer_id: int) -> Volunteer:
    """Lock the person, then the volunteer."""
    lock_person(db.session.get_one(Volunteer, volunteer_id).person_id)
    row = locked(Volunteer, volunteer_id)
    if row is None:  # pragma: no cover  rows are never deleted
        raise LookupError(volunteer_id)
    return row


def move(row: Volunteer, verb: str, *, actor: Actor, now: datetime) -> Volunteer:
    """Go one step. Raises Refused(`wrong_state`) when it is none."""
    before = VolunteerState(row.state)
    row.state = next_state(rules.STEPS, before, verb)
    record(row, before, verb, actor=actor, now=now)
    return row


def end(row: Volunteer, verb: str, *, actor: Actor, now: datetime) -> Volunteer:
    """Go a step after which nobody serves; coming places go to who waits for them."""
    next_state(rules.STEPS, VolunteerState(row.state), verb)
    for signup in signups.coming(row.person_id, now):
        if signup.role == PlaceRole.VOLUNTEER and signup.shift.starts_at > now:
            signup_actions.withdraw(signup.id, "", actor=actor, now=now)
    return move(row, verb, actor=actor, now=now)


def record(
    row: Volunteer, before: str, verb: str, *, actor: Actor, now: datetime, **details: str
) -> None:
    """Write down a move that was made, and tell the person what the desk decided."""
    steps.record(ref(row), before, verb, row.state, actor=actor, now=now)
    audit.record(
        _AUDIT_VERBS.get(verb, f"volunteer.{verb}"),
        ref(row),
        actor=actor,
        now=now,
        station_id=row.station_id,
        person=row.person_id,
        **details,
    )
    stale.mark(clock.local_day(now), row.station_id)
    if verb in _NOTICES:
        tell(row.person_id, _NOTICES[verb], ref(row), now=now)


def mark_days(row: Volunteer) -> None:
    """Mark the days the row is counted on, before and after its dates or its station change."""
    for moment in (row.applied_at, row.registered_at, row.left_at):
        if moment is not None:
            stale.mark(clock.local_day(moment), row.station_id)


def ref(row: Volunteer) -> Ref:
    """Return how steps, notes and notices name the row."""
    return Ref("volunteer", row.id)
