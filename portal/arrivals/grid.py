"""What the pages of a sheet show: rows to type on, rows to release, in ready words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from portal.arrivals import actions_releasing as releasing
from portal.arrivals import reading, words
from portal.arrivals.actions_paper import ref
from portal.arrivals.models_paper import BATCH_STATE_LABELS, BatchState
from portal.arrivals.reading import SheetRow, SheetState
from portal.arrivals.rules_paper import Window
from portal.attendance.models import Direction, Way
from portal.attendance.rules_sheets import row_code
from portal.attendance.rules_stays import Mark, Stay, derive
from portal.core import filters
from portal.core.access import Actor
from portal.core.i18n import gettext as _
from portal.people import queries as people
from portal.records import notes
from portal.shifts.models import PLACE_ROLE_LABELS, PlaceRole

TONES = {
    BatchState.DRAFT: "neutral",
    BatchState.SUBMITTED: "info",
    BatchState.RETURNED: "warning",
    BatchState.RELEASED: "success",
    BatchState.UNUSED: "neutral",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the grid, or of what is to be released."""

    number: int
    code: str
    name: str
    role: str
    is_blank: bool
    came: str
    went: str
    written: str
    phone: str
    scanned: str
    wrong: Sequence[str]
    note: str = ""
    done: str = ""
    done_tone: str = ""
    together: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """The whole page."""

    number: int
    state: str
    label: str
    tone: str
    version: int
    lines: Sequence[Line]
    typed: int
    wrong: int
    due: str
    is_overdue: bool
    may_type: bool
    reason: str
    typed_by: str
    against: Sequence[str]
    may_set_aside: bool
    is_early: bool


def grid(state: SheetState, actor: Actor, now: datetime) -> Grid:
    """Return what the page shows."""
    window, batch = reading.window(state.shift, now), state.batch
    lines = [_line(state, row, window) for row in state.rows]
    label, tone = _state(state)
    against = releasing.bars(state, actor, batch) if batch else []
    by = people.person(batch.submitted_by_id).name if batch and batch.submitted_by_id else ""
    returned = batch is not None and batch.state == BatchState.RETURNED
    return Grid(
        number=state.sheet.number,
        state=str(batch.state) if batch else ("released" if _all_done(state) else ""),
        label=label,
        tone=tone,
        version=batch.version if batch else 0,
        lines=lines,
        typed=len(state.typed_rows),
        wrong=sum(bool(line.wrong) for line in lines),
        due=filters.day(state.due_on),
        is_overdue=state.is_overdue,
        may_type=state.may_be_typed,
        reason=notes.latest(ref(batch), "reason") if batch and returned else "",
        typed_by=by,
        against=[releasing.reason_of(one).message for one in against],
        is_early=now < state.shift.starts_at,
        may_set_aside=state.may_be_typed and not state.typed_rows and not _all_done(state),
    )


def _all_done(state: SheetState) -> bool:
    return any(row.done for row in state.rows)


def _state(state: SheetState) -> tuple[str, str]:
    if state.batch is not None:
        stands = BatchState(state.batch.state)
        return str(BATCH_STATE_LABELS[stands]), TONES[stands]
    if _all_done(state):
        return str(BATCH_STATE_LABELS[BatchState.RELEASED]), TONES[BatchState.RELEASED]
    return _("还没有录"), "neutral"


def _line(state: SheetState, row: SheetRow, window: Window) -> Line:
    number, signup = row.printed.number, row.printed.signup
    line = Line(
        number=number,
        code=row_code(state.shift.public_id, state.sheet.number, number),
        name=signup.person.name if signup else "",
        role=str(PLACE_ROLE_LABELS[PlaceRole(signup.role)]) if signup else "",
        is_blank=row.is_blank,
        came=row.typed.came,
        went=row.typed.went,
        written=row.typed.name,
        phone=row.typed.phone,
        scanned=_("、").join(_span(stay) for stay in row.stays),
        wrong=[words.wrong(one, window) for one in row.read.wrong],
        note=_note(row),
        together=_together(row),
    )
    if row.done is None:
        return line
    done, tone = words.outcome(row.done, window)
    span = f"{row.done.came}-{row.done.went}"
    return replace(line, done=f"{span} {done}", done_tone=tone)


def _span(stay: Stay) -> str:
    until = filters.hour(stay.out_at) if stay.out_at else "…"
    return f"{filters.hour(stay.in_at)}-{until}"


def _note(row: SheetRow) -> str:
    """Return what is to be known of a row though nothing is wrong with it."""
    if row.typed.is_empty:
        return ""
    found = []
    if row.is_blank and row.typed.name:
        found.append(_found(row))
    if row.read.in_at is not None and not row.typed.went:
        found.append(_("没有写几点走：按没有签退处理，要再确认。"))
    if row.stays and not row.read.wrong:
        found.append(_("扫过码：和扫码的合并，不重复计。"))
    if row.beside:
        spans = _("、").join(filters.span(one.starts_at, one.ends_at) for one in row.beside)
        found.append(_("和另一条记录（%(spans)s）重叠，重叠的部分不重复计。", spans=spans))
    return " ".join(found)


def _found(row: SheetRow) -> str:
    if row.entry is None or row.entry.person_id is None:
        return _("没有找到登记的人：先记成临时来访，确认是谁以后才计。")
    person = people.person(row.entry.person_id)
    name, phone = filters.masked_name(person.name), filters.masked_phone(person.phone)
    return _("找到登记的人：%(name)s %(phone)s", name=name, phone=phone)


def _together(row: SheetRow) -> str:
    """Return what the stays are once the row is released: scanned and written united."""
    read = row.read
    if read.wrong or (read.in_at is None and read.out_at is None):
        return ""
    marks = [*_marks(row.stays)]
    if read.in_at is not None:
        marks.append(Mark(Direction.IN, Way.PAPER, read.in_at, "this"))
    if read.out_at is not None:
        marks.append(Mark(Direction.OUT, Way.PAPER, read.out_at, "this"))
    return _("、").join(_span(stay) for stay in derive(marks))


def _marks(stays: Sequence[Stay]) -> Sequence[Mark]:
    """Return scans that make these stays again."""
    found = []
    for stay in stays:
        found.append(Mark(Direction.IN, Way.MANUAL, stay.in_at))
        if stay.out_at is not None:
            found.append(Mark(Direction.OUT, stay.closed_by or Way.MANUAL, stay.out_at))
    return found
