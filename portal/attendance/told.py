"""Stays that somebody tells afterwards as a whole: from a signed sheet, or of who walked in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.attendance import actions, queries, queries_desk, rules
from portal.attendance.actions import ScanInput
from portal.attendance.models import Direction, Visit, Way
from portal.attendance.rules_stays import Mark, Stay, derive
from portal.core.access import Actor
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.shifts import queries as shifts
from portal.signups import queries as signups
from portal.signups.models import SignupState

# Written down by hand to the minute: so much less or more is the same as what was scanned.
_SAME = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Told:
    """Who was at a shift from when to when; `key` says by what it is known, for ever.

    Half of it may be told: that somebody came, or went. Whoever calls has looked at the times.
    """

    person_id: int
    shift_id: int
    key: str
    way: Way
    in_at: datetime | None
    out_at: datetime | None


def record(told: Told, *, actor: Actor, now: datetime) -> Visit | None:
    """Write it down as scans and let visits, hours and sign-up follow. Twice is harmless.

    What was scanned as well is united with it. Raises Refused(`not_signed_up`).
    """
    actions.hold(told.person_id)
    shift = shifts.terms(told.shift_id)
    signup = signups.live_columns(told.shift_id, told.person_id)
    if signup is None or SignupState(signup.state) not in rules.MAY_ENTER:
        raise Refused(Reason("not_signed_up", _("这个人没有报名这一场，或者报名取消了。")))
    marks = queries.marks(told.shift_id, told.person_id)
    known = queries_desk.scans_by_ids({f"{told.key}-{one}" for one in Direction})
    stays, before = derive(marks), len(marks)
    for direction, at in ((Direction.IN, told.in_at), (Direction.OUT, told.out_at)):
        scan_id = f"{told.key}-{direction}"
        if at is None or scan_id in known:
            continue
        same = _as_scanned(at, stays)
        scan = ScanInput(told.person_id, told.shift_id, direction, told.way, same, scan_id)
        actions.store(scan, same, rules.ACCEPTED, actor=actor, now=now)
        marks.append(Mark(direction, told.way, same, told.key))
    if len(marks) == before:
        return next(reversed(queries.visits_at(told.shift_id, told.person_id)), None)
    return actions.let_follow(shift, signup, marks, actor=actor, now=now)


def _as_scanned(at: datetime, stays: list[Stay]) -> datetime:
    """Return the scanned instant that is meant, where one is as near as hands write."""
    scanned = [one for stay in stays for one in (stay.in_at, stay.out_at) if one is not None]
    near = [one for one in scanned if abs(one - at) < _SAME]
    return min(near, key=lambda one: abs(one - at), default=at)
