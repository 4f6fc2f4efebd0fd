"""Checking in with the six digits of a board, where the code cannot be scanned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.attendance import actions, codes, queries
from portal.attendance.actions import ScanInput, Verdict
from portal.attendance.models import Direction, Way
from portal.attendance.rules import ScanReason
from portal.core.access import Actor
from portal.records import limits, settings
from portal.records.limits import DIGITS_PERSON, DIGITS_SHIFT
from portal.shifts.models import Shift


@dataclass(frozen=True, slots=True)
class Missed:
    """No shift on now shows these digits; or digits are void for `seconds`."""

    seconds: int = 0


def check_in(
    person_id: int,
    digits: str,
    shift_id: int | None,
    *,
    actor: Actor,
    now: datetime,
    device: str = "",
) -> Verdict | Missed:
    """Record a scan by digits: of the shift, else of the own shifts of now, else of those on now.

    Five wrong ones void digits for a person, fifty for a shift, for ten minutes.
    """
    actions.hold(person_id)
    wait = limits.seconds_to_wait(DIGITS_PERSON, str(person_id), now=now)
    if wait:
        return Missed(wait)
    early, late = settings.get("check_in_early_minutes"), settings.get("check_out_late_minutes")
    on_now = queries.shifts_on(now, early, late)
    own = queries.own_shifts_on(person_id, now, early, late)
    near = [shift for shift in on_now if shift.id == shift_id] if shift_id else list(own)
    found = _match(near, digits, now) or (None if shift_id else _match(on_now, digits, now))
    if found is None:
        return _miss(person_id, near, actor=actor, now=now)
    shift, direction = found
    wait = limits.seconds_to_wait(DIGITS_SHIFT, str(shift.id), now=now)
    if wait:
        return Missed(wait)
    scan = ScanInput(person_id, shift.id, direction, Way.DIGITS, now, is_own=True, device=device)
    return actions.record_scan(scan, actor=actor, now=now)


def _match(shifts: Sequence[Shift], digits: str, now: datetime) -> tuple[Shift, Direction] | None:
    for shift in shifts:
        direction = codes.direction_of_digits(shift.check_in_key, digits, now)
        if direction is not None:
            return shift, direction
    return None


def _miss(person_id: int, near: Sequence[Shift], *, actor: Actor, now: datetime) -> Missed:
    """Count a wrong try, against the person and against every shift it may have been meant for."""
    limits.count(DIGITS_PERSON, str(person_id), now=now)
    for shift in near:
        limits.count(DIGITS_SHIFT, str(shift.id), now=now)
    shift_id = near[0].id if len(near) == 1 else None
    scan = ScanInput(
        person_id, shift_id, Direction.IN, Way.DIGITS, now, refusal=ScanReason.EXPIRED_CODE
    )
    actions.record_scan(scan, actor=actor, now=now)
    return Missed()
