"""The release of a typed sheet by a second person: only now scans, visits and hours come of it."""

from __future__ import annotations

from datetime import datetime

from portal.arrivals import actions_paper as actions
from portal.arrivals import actions_walk_ins as walk_ins
from portal.arrivals import queries_paper as paper
from portal.arrivals import reading
from portal.arrivals import rules_paper as rules
from portal.arrivals.actions_walk_ins import Arrived
from portal.arrivals.models_paper import BatchState, Outcome, PaperBatch
from portal.arrivals.models_walk_ins import WalkInState
from portal.arrivals.reading import SheetRow, SheetState
from portal.arrivals.rules_paper import Barred, Wrong
from portal.attendance import actions as attendance
from portal.attendance import told
from portal.attendance.models import Way
from portal.attendance.rules_stays import paper_key
from portal.attendance.told import Told
from portal.core.access import Actor
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.people import queries as people
from portal.shifts import queries as shifts


def release(sheet_id: int, *, actor: Actor, now: datetime) -> PaperBatch:
    """Make scans, visits and ledger entries of a batch that was handed in. Twice is harmless.

    What cannot be recorded any more keeps its reason; who is not known is held as a walk-in. Raises
    Refused when this person may not (who typed, who stands on the sheet), or it is too late.
    """
    sheet = actions.lock_sheet(sheet_id)
    shift = shifts.shift(sheet.shift_id)
    state = reading.state(shift, sheet, now)
    batch = state.batch
    if batch is None and any(row.done for row in state.rows):
        return paper.batches_of(sheet_id)[-1]
    if batch is None or batch.state != BatchState.SUBMITTED:
        raise Refused(Reason("wrong_state", _("这一份还没有提交，或者被收回了。请刷新页面再看。")))
    against = bars(state, actor, batch)
    if against:
        raise Refused(*map(reason_of, against))
    # Everybody is locked in one order before the first place is taken.
    for person_id in sorted({row.person_id for row in state.typed_rows if row.person_id}):
        attendance.hold(person_id)
    for row in state.typed_rows:
        _record(state, row, actor=actor, now=now)
    actions.released(batch, shift.station_id, actor=actor, now=now)
    return batch


def bars(state: SheetState, actor: Actor, batch: PaperBatch) -> list[Barred]:
    """Return why the actor may not release the batch."""
    typists = reading.typists([row.entry for row in state.rows if row.entry], batch)
    person_id = people.kept_id(actor.person_id) if actor.person_id else 0
    return rules.bars(
        person_id, frozenset(typists), reading.people_on(state), is_overdue=state.is_overdue
    )


def reason_of(barred: Barred) -> Reason:
    """Return the refusal in words."""
    if barred == Barred.TYPED_IT:
        message = _("您录过这一份，要由另一个人放行。请另一位管理员、负责人或者创建办来放行。")
    elif barred == Barred.ON_SHEET:
        message = _("您自己在这份表上，不能放行。请不在表上的人来放行。")
    else:
        return actions.overdue()
    return Reason(barred, message)


def _record(state: SheetState, row: SheetRow, *, actor: Actor, now: datetime) -> None:
    entry, read = row.entry, row.read
    if entry is None:
        return
    if read.wrong:
        entry.outcome, entry.reason = Outcome.REFUSED, read.wrong[0]
        return
    key = paper_key(state.shift.public_id, state.sheet.number, row.printed.number)
    if row.is_blank:
        _walk_in(state, row, key, actor=actor, now=now)
        return
    signup = row.printed.signup
    assert signup is not None  # noqa: S101  a row that is not blank has one
    stay = Told(signup.person_id, state.shift.id, key, Way.PAPER, read.in_at, read.out_at)
    try:
        told.record(stay, actor=actor, now=now)
        entry.outcome, entry.reason = Outcome.RECORDED, ""
    except Refused:
        entry.outcome, entry.reason = Outcome.REFUSED, Wrong.WITHDRAWN


def _walk_in(state: SheetState, row: SheetRow, key: str, *, actor: Actor, now: datetime) -> None:
    """Record who was written down by hand: at once where they are known, else as a walk-in."""
    entry, read = row.entry, row.read
    if entry is None or read.in_at is None:
        return
    arrived = Arrived(
        shift_id=state.shift.id,
        key=key,
        way=Way.PAPER,
        name=entry.name,
        phone=entry.phone,
        in_at=read.in_at,
        out_at=read.out_at,
        person_id=entry.person_id,
    )
    walk_in = walk_ins.record(arrived, actor=actor, now=now)
    if walk_in.person_id is not None:
        walk_ins.admit_if_possible(walk_in, actor=actor, now=now)
    entry.outcome = Outcome.RECORDED if walk_in.state == WalkInState.ADMITTED else Outcome.HELD
    entry.reason = walk_in.reason
    entry.name = entry.phone = ""
