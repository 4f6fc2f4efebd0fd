"""Verbs on close-outs: told once, put right while their days are open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from portal.attendance import actions_headcounts
from portal.attendance.actions_headcounts import COUNTED_BY
from portal.attendance.models_headcounts import Method
from portal.attendance.rules_headcounts import Heads
from portal.closeouts import queries, queries_open, rules
from portal.closeouts.models import Closeout, CloseoutCount, CloseoutReminder, Outcome
from portal.closeouts.rules import Told
from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.db import db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.notices.actions import tell
from portal.org.queries import add_working_days
from portal.people.queries import nearest_holders
from portal.records import audit, notes, settings
from portal.shifts.models import Shift, ShiftState

REMARK = "remark"


def report(shift_id: int, told: Told, seen: int, *, actor: Actor, now: datetime) -> Closeout:
    """Tell what a shift came to, or put it right; the same again is what stands there.

    `seen` is the version the teller had before them (0: none). Raises Refused: `meanwhile` when
    somebody else told something different since, `over` when the days for it are over.
    """
    shift = _ended(shift_id, now)
    before = queries.latest(shift_id)
    if before and told_of(before) == told:
        return before
    if (before.version if before else 0) != seen:
        raise Refused(Reason("meanwhile", _("刚才有人也填了这一场，请先看看哪里不一样。")))
    due_on = deadline(shift)
    if before and clock.local_day(now) > _open_until(shift_id, due_on):
        raise Refused(Reason("over", _("更正的日子过了，不能再改。")))
    row = _write(shift, told, (seen + 1, due_on), actor=actor, now=now)
    audit.record(
        "closeout.amend" if before else "closeout.report", ref(row), actor=actor, now=now,
        station_id=shift.station_id, shift=shift_id, version=row.version, outcome=row.outcome,
    )  # fmt: skip
    return row


def _ended(shift_id: int, now: datetime) -> Shift:
    shift = locked(Shift, shift_id)
    if shift is None or shift.state != ShiftState.PLANNED:
        raise Refused(Reason("called_off", _("这一场取消了，不用收尾。")))
    if now < shift.ends_at:
        raise Refused(Reason("too_early", _("这一场还没结束，结束了再来填。")))
    return shift


def _write(
    shift: Shift, told: Told, place: tuple[int, date], *, actor: Actor, now: datetime
) -> Closeout:
    heads = told.heads and actions_headcounts.put(shift, told.heads, actor=actor, now=now)
    version, due_on = place
    row = Closeout(
        shift_id=shift.id,
        version=version,
        outcome=told.outcome,
        quality=told.quality,
        headcount_id=heads.id if heads else None,
        due_on=due_on,
        actor_id=actor.person_id,
        at=now,
    )
    db.session.add(row)
    db.session.flush()
    db.session.add_all(
        CloseoutCount(closeout_id=row.id, term_id=term_id, hundredths=amount)
        for term_id, amount in told.amounts.items()
    )
    notes.put(ref(row), REMARK, told.remark, actor=actor, now=now)
    return row


def told_of(row: Closeout) -> Told:
    """Return what a version tells, as it could be told again."""
    heads = None
    if row.headcount:
        by = notes.latest(actions_headcounts.ref(row.headcount), COUNTED_BY)
        heads = Heads(row.headcount.number, Method(row.headcount.method), by)
    return Told(
        Outcome(row.outcome),
        row.quality,
        notes.latest(ref(row), REMARK),
        dict(queries.amounts(row.id)),
        heads,
    )


def deadline(shift: Shift) -> date:
    """Return the last day for telling, by the district's working calendar as it is now."""
    return add_working_days(clock.local_day(shift.ends_at), settings.get("record_working_days"))


def is_open(shift: Shift, now: datetime) -> bool:
    """Return whether what was told may still be put right."""
    return clock.local_day(now) <= _open_until(shift.id, deadline(shift))


def _open_until(shift_id: int, due_on: date) -> date:
    first = queries.first(shift_id)
    return rules.open_until(due_on, clock.local_day(first.at) if first else None)


def ref(row: Closeout) -> Ref:
    """Return what notes and audit rows of a close-out name."""
    return Ref("closeout", row.id)


# --- reminding -----------------------------------------------------------------------------------


def remind(station_id: int, shift_ids: Sequence[int], *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Tell the station's nearest managers once that shifts are to be closed out soon."""
    fresh = sorted(set(shift_ids) - queries_open.reminded(shift_ids))
    if not fresh:
        return
    db.session.add_all(CloseoutReminder(shift_id=one, reminded_at=now) for one in fresh)
    for person_id in nearest_holders(Role.STATION_MANAGER, station_id):
        tell(person_id, "closeout_due", Ref("station", station_id), now=now, count=len(fresh))
