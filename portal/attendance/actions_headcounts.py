"""Counting the heads of an open crowd: a number that is stated, or marks of a tally."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from portal.attendance import queries_headcounts as headcounts
from portal.attendance.models_headcounts import Headcount, TallyMark
from portal.attendance.rules_headcounts import Heads, Mark
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.org.queries import add_working_days
from portal.records import audit, notes, settings, stale
from portal.shifts.models import Shift, ShiftState

COUNTED_BY = "counted_by"


def state(shift_id: int, heads: Heads, *, actor: Actor, now: datetime) -> Headcount:
    """State how many came to a shift that is on or over, as long as its records are open."""
    shift = _must_be_open(shift_id, now)
    return put(shift, heads, actor=actor, now=now)


def put(shift: Shift, heads: Heads, *, actor: Actor, now: datetime) -> Headcount:
    """Write down a number for a locked shift; the same again is what stands there."""
    before = next(iter(headcounts.statements(shift.id)), None)
    if before and _is_same(before, heads):
        return before
    row = Headcount(
        shift_id=shift.id,
        number=heads.number,
        method=heads.method,
        actor_id=actor.person_id,
        at=now,
    )
    db.session.add(row)
    db.session.flush()
    notes.put(ref(row), COUNTED_BY, heads.counted_by, actor=actor, now=now)
    stale.mark(clock.local_day(shift.starts_at), shift.station_id)
    audit.record(
        "headcount.state", ref(row), actor=actor, now=now, station_id=shift.station_id,
        shift=shift.id, number=row.number, method=row.method,
    )  # fmt: skip
    return row


def tally(shift_id: int, marks: Sequence[Mark], *, actor: Actor, now: datetime) -> int:
    """Add what a phone tallied and return what it all comes to; a mark sent again adds nothing."""
    shift = _must_be_open(shift_id, now)
    known = headcounts.known_marks(shift_id, [mark.mark_id for mark in marks])
    fresh = {mark.mark_id: mark for mark in marks if mark.mark_id not in known}
    db.session.add_all(
        TallyMark(
            shift_id=shift_id,
            mark_id=mark.mark_id,
            amount=mark.amount,
            counted_at=min(mark.counted_at, now),
            actor_id=actor.person_id,
            at=now,
        )
        for mark in fresh.values()
    )
    db.session.flush()
    if fresh:
        stale.mark(clock.local_day(shift.starts_at), shift.station_id)
        audit.record(
            "headcount.tally", Ref("shift", shift_id), actor=actor, now=now,
            station_id=shift.station_id, marks=len(fresh),
            heads=sum(mark.amount for mark in fresh.values()),
        )  # fmt: skip
    return headcounts.tallied(shift_id)


def ref(row: Headcount) -> Ref:
    """Return what notes and audit rows of a headcount name."""
    return Ref("headcount", row.id)


def why_closed(shift: Shift, now: datetime) -> Reason | None:
    """Return why the heads of a shift cannot be counted now; None while they can."""
    if shift.state != ShiftState.PLANNED:
        return Reason("called_off", _("这一场取消了，不用清点人数。"))
    if now < shift.starts_at - timedelta(minutes=settings.get("check_in_early_minutes")):
        return Reason("too_early", _("这一场还没开始，开始了再来清点。"))
    ended_on = clock.local_day(shift.ends_at)
    if clock.local_day(now) > add_working_days(ended_on, settings.get("record_working_days")):
        return Reason("too_late", _("过了填报的日子，不能再在这里清点。"))
    return None


def _must_be_open(shift_id: int, now: datetime) -> Shift:
    """Lock a shift whose heads may be counted now."""
    shift = locked(Shift, shift_id)
    assert shift is not None  # noqa: S101  shifts are never deleted
    reason = why_closed(shift, now)
    if reason:
        raise Refused(reason)
    return shift


def _is_same(before: Headcount, heads: Heads) -> bool:
    return (before.number, before.method) == (heads.number, heads.method) and (
        notes.latest(ref(before), COUNTED_BY) == heads.counted_by
    )
