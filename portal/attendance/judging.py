"""Gathers what a scan is judged by, under the person's lock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from portal.attendance import queries, rules, rules_stays
from portal.attendance.models import Direction, ScanVerdict
from portal.attendance.rules import Facts, ScanReason
from portal.attendance.rules_stays import Mark, told_by
from portal.core.access import Actor
from portal.core.errors import Reason
from portal.records import settings
from portal.records.limits import CHECK_IN_PERSON
from portal.shifts import queries as shifts
from portal.shifts.models import OfferingState, Shift, ShiftState
from portal.shifts.queries import Terms
from portal.signups import queries as signups
from portal.signups import takable
from portal.signups.models import SignupState
from portal.signups.queries import Live

_WITHOUT_SIGN_UP = frozenset({ScanReason.NOT_SIGNED_UP, ScanReason.WITHDRAWN})


class TooFast(Exception):
    """Somebody scans more often than anybody needs to; after `seconds` they may again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


class Case(NamedTuple):
    """What a scan is judged by. `beside` is where somebody without a place here is expected."""

    facts: Facts
    signup: Live | None
    beside: Shift | None


def marks(person_id: int, shift_id: int, now: datetime, *, is_own: bool) -> list[Mark]:
    """Return what scans of the shift say, by the one query that also counts the last minute.

    Raises TooFast when `is_own` and the person made too many in it; refused ones count too.
    """
    since = now - timedelta(minutes=CHECK_IN_PERSON.minutes)
    known = queries.scans_of(person_id, shift_id, since)
    if is_own:
        _must_not_hurry([row.at for row in known if row.actor_id == person_id], since)
    return [
        Mark(row.direction, row.way, row.occurred_at, told_by(row.scan_id))
        for row in known
        if row.shift_id == shift_id
        and (row.verdict == ScanVerdict.STORED or row.reason in rules.OUT_OF_TURN)
    ]


def _must_not_hurry(own: list[datetime], since: datetime) -> None:
    recent = [at for at in own if at > since]
    if len(recent) >= CHECK_IN_PERSON.most:
        raise TooFast(max(1, int((min(recent) - since).total_seconds()) + 1))


def case(
    person_id: int, direction: Direction, shift: Terms, known: list[Mark], at: datetime
) -> Case:
    """Return what a scan of the person at the shift is judged by."""
    signup = signups.live_columns(shift.id, person_id)
    state = SignupState(signup.state) if signup else None
    beside = None
    if signup is None:
        former = signups.latest(shift.id, person_id)
        state = SignupState(former.state) if former else None
        beside = _expected_at(person_id, shift, at)
    comes = direction == Direction.IN and signup is not None
    there, pairs = queries.elsewhere(person_id, shift.id, at) if comes else (False, 0)
    facts = Facts(
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        takes_place=shift.state == ShiftState.PLANNED
        and shift.offering_state != OfferingState.CALLED_OFF,
        signup=state,
        stays=rules_stays.derive(known),
        is_elsewhere=there,
        pairs_elsewhere=pairs,
        beside=_beside_reason(beside, shift),
        early_minutes=settings.get("check_in_early_minutes"),
        late_minutes=settings.get("check_out_late_minutes"),
    )
    return Case(facts, signup, beside)


def against(
    person_id: int | None, shift: Terms | None, reason: ScanReason, actor: Actor, now: datetime
) -> tuple[Reason, ...]:
    """Return why somebody who came without a sign-up cannot be signed up on the spot, if so.

    Nobody is let in without a sign-up, so it is those who decide about signing up who are asked:
    the reasons of the role against which the fewest stand; none when one role is open to them.
    """
    if person_id is None or shift is None or reason not in _WITHOUT_SIGN_UP:
        return ()
    roles = {place.role for place in shifts.places(shift.id)}
    found = takable.against([shift.id], person_id, actor=actor, now=now)
    if not roles or any((shift.id, role) not in found for role in roles):
        return ()
    return min((tuple(found[shift.id, role]) for role in sorted(roles)), key=len)


def _expected_at(person_id: int, shift: Terms, at: datetime) -> Shift | None:
    """Return the other shift of now where the person holds a place."""
    early, late = settings.get("check_in_early_minutes"), settings.get("check_out_late_minutes")
    found = queries.own_shifts_on(person_id, at, early, late)
    return next((row for row in found if row.id != shift.id), None)


def _beside_reason(beside: Shift | None, shift: Terms) -> ScanReason | None:
    if beside is None:
        return None
    same = beside.station_id == shift.station_id
    return ScanReason.WRONG_SHIFT if same else ScanReason.WRONG_STATION
