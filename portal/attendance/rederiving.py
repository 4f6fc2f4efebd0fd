"""Deriving the visits of a shift anew from its scans, where they do not agree."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from portal.attendance import actions, checks, queries, rules, visits
from portal.attendance.models import Scan, Visit, VisitState
from portal.attendance.rules_stays import Stay, derive
from portal.core.access import Actor
from portal.core.db import db
from portal.core.ref import Ref
from portal.hours import queries as ledger
from portal.records import audit
from portal.shifts import queries as shifts
from portal.shifts.queries import Terms
from portal.signups import queries as signups
from portal.signups.queries import Live


def rederive(shift_id: int, *, actor: Actor, now: datetime) -> int:
    """Bring the visits of a shift in line with its scans; return of how many people they changed.

    Minutes that no longer hold are taken back and credited anew, by the rules of the shift's day.
    Twice is harmless. A visit without any scan, and one that was annulled, stay as they are.
    """
    shift = shifts.terms(shift_id)
    changed = 0
    for person_id in _people(shift_id):
        actions.hold(person_id)
        before = _seen(shift_id, person_id)
        _follow(shift, person_id, actor, now)
        db.session.flush()
        changed += _seen(shift_id, person_id) != before
    if changed:
        audit.record(
            "visit.rederive", Ref("shift", shift_id), actor=actor, now=now,
            station_id=shift.station_id, people=changed,
        )  # fmt: skip
    return changed


def _people(shift_id: int) -> list[int]:
    """Return who was scanned, in the order in which persons are locked."""
    query = select(Scan.person_id).where(Scan.shift_id == shift_id, queries.says_something())
    found = {person_id for person_id in db.session.scalars(query) if person_id is not None}
    return sorted(found)


def _seen(shift_id: int, person_id: int) -> list[tuple[object, ...]]:
    return [
        (row.pair, row.in_at, row.out_at, row.state, row.pending, row.minutes)
        for row in queries.visits_at(shift_id, person_id)
    ]


def _follow(shift: Terms, person_id: int, actor: Actor, now: datetime) -> None:
    marks = queries.marks(shift.id, person_id)
    stays = {stay.pair: stay for stay in derive(marks)}
    rows = queries.visits_at(shift.id, person_id)
    signup = _signup(shift.id, person_id, rows[0] if rows else None)
    if signup is None or not stays:
        return
    for row in rows:
        if row.state != VisitState.ANNULLED and row.pair in stays:
            _loosen(row, stays[row.pair], signup, actor, now)
    visits.follow(shift, signup, marks, actor=actor, now=now)


def _signup(shift_id: int, person_id: int, visit: Visit | None) -> Live | None:
    if visit is not None and visit.signup_id is not None:
        return signups.columns(visit.signup_id)
    return signups.live_columns(shift_id, person_id)


def _loosen(row: Visit, stay: Stay, signup: Live, actor: Actor, now: datetime) -> None:
    """Let a visit that does not agree with its stay or its credit be derived anew."""
    entry = ledger.latest_of_source(Ref("visit", row.id))
    credited = entry.minutes if entry is not None and entry.reverses_id is None else None
    is_due = row.state == VisitState.CLOSED and rules.earns(row.role, signup.participant)
    agrees = (row.in_at, row.out_at) == (stay.in_at, stay.out_at)
    if not agrees or row.state not in checks.possible(stay) or is_due != (credited is not None):
        visits.reopen(row, actor=actor, now=now)
    elif credited is not None:
        row.minutes = credited
