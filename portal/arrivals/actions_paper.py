"""Verbs on typed sheets: saved as a draft, handed in, released or returned by a second person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from portal.arrivals import queries_paper as paper
from portal.arrivals import reading
from portal.arrivals.models_paper import BatchState, PaperBatch, PaperEntry
from portal.arrivals.reading import SheetState
from portal.arrivals.rules_paper import SHORTEST_PHONE, STEPS, TYPED_IN, Typed
from portal.attendance.models_sheets import PaperSheet
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.steps import next_state
from portal.notices.actions import tell
from portal.records import audit, limits, notes, steps
from portal.shifts import queries as shifts


def ref(batch: PaperBatch) -> Ref:
    """Return what the steps, notes and audit rows of a batch hang on."""
    return Ref("paper_batch", batch.id)


def save(
    sheet_id: int, typed: Sequence[Typed], version: int, *, actor: Actor, now: datetime
) -> PaperBatch:
    """Keep what was typed as a draft, as it was typed. The same again changes nothing.

    `version` is that of the page: when somebody else saved in between, what is empty here does not
    wipe out what they typed. Raises Refused when the sheet is handed in, or too old.
    """
    sheet = _locked(sheet_id)
    shift = shifts.shift(sheet.shift_id)
    state = reading.state(shift, sheet, now)
    _must_be_open(state)
    batch = state.batch or _new(sheet_id, actor=actor, now=now)
    is_behind = batch.version != version
    before = {row.printed.number: row for row in state.rows}
    changed = 0
    for row in typed:
        known = before.get(row.number)
        if known is None or known.done or row == known.typed or (is_behind and row.is_empty):
            continue
        _put(batch, known.entry, row, is_blank=known.is_blank, actor=actor, now=now)
        changed += 1
    if changed:
        batch.version += 1
        batch.updated_at = now
        _note("save", batch, shift.station_id, actor=actor, now=now, rows=changed)
    db.session.flush()
    return batch


def submit(sheet_id: int, *, actor: Actor, now: datetime) -> PaperBatch:
    """Hand a draft in for release. Twice is harmless. Raises Refused while something is wrong."""
    sheet = _locked(sheet_id)
    shift = shifts.shift(sheet.shift_id)
    state = reading.state(shift, sheet, now)
    batch = state.batch
    if batch is not None and batch.state == BatchState.SUBMITTED:
        return batch
    _must_be_open(state)
    if batch is None or not state.typed_rows:
        raise Refused(Reason("nothing_typed", _("还没有录，至少要录一行。")))
    wrong = sum(bool(row.read.wrong) for row in state.typed_rows)
    if wrong:
        message = _("有 %(n)d 行要改，改好再提交。录的都存着。", n=wrong)
        raise Refused(Reason("wrong_rows", message))
    batch.submitted_by_id = actor.person_id
    _step(batch, "submit", shift.station_id, actor=actor, now=now)
    return batch


def take_back(sheet_id: int, *, actor: Actor, now: datetime) -> PaperBatch:
    """Take a batch back that nobody has released yet, to change it."""
    return _move(sheet_id, "take_back", actor=actor, now=now)


def give_back(sheet_id: int, reason: str, *, actor: Actor, now: datetime) -> PaperBatch:
    """Return a batch to who typed it, with the reason."""
    batch = _move(sheet_id, "return", actor=actor, now=now)
    notes.put(ref(batch), "reason", reason, actor=actor, now=now)
    if batch.submitted_by_id and batch.submitted_by_id != actor.person_id:
        tell(batch.submitted_by_id, "paper_returned", ref(batch), now=now)
    return batch


def set_aside(sheet_id: int, *, actor: Actor, now: datetime) -> PaperBatch:
    """Say that nobody wrote on the sheet. Raises Refused when something was typed of it."""
    sheet = _locked(sheet_id)
    shift = shifts.shift(sheet.shift_id)
    state = reading.state(shift, sheet, now)
    if state.typed_rows or any(row.done for row in state.rows):
        raise Refused(Reason("typed", _("这一份已经录了内容，不能记为没有用。")))
    batch = state.batch or _new(sheet_id, actor=actor, now=now)
    if batch.state != BatchState.UNUSED:
        _step(batch, "set_aside", shift.station_id, actor=actor, now=now)
    return batch


def resume(sheet_id: int, *, actor: Actor, now: datetime) -> PaperBatch:
    """Take it up again."""
    return _move(sheet_id, "resume", actor=actor, now=now)


def forget_names(batch_id: int, *, actor: Actor, now: datetime) -> None:
    """Wipe the names that were written by hand and never released."""
    batch = db.session.get_one(PaperBatch, batch_id)
    sheet = _locked(batch.sheet_id)
    for entry in paper.entries_of([batch_id]):
        entry.name = entry.phone = ""
    _note("save", batch, shifts.shift(sheet.shift_id).station_id, actor=actor, now=now)


# --- parts ---------------------------------------------------------------------------------------


def _locked(sheet_id: int) -> PaperSheet:
    """Lock the sheet: what is typed of it, and its release, come one after another."""
    sheet = locked(PaperSheet, sheet_id)
    if sheet is None:
        raise ValueError(f"no sheet {sheet_id}")
    return sheet


def _must_be_open(state: SheetState) -> None:
    if state.batch is not None and BatchState(state.batch.state) not in TYPED_IN:
        raise Refused(Reason("handed_in", _("这一份已经提交，现在不能改。要改请先收回。")))
    if state.is_overdue:
        raise Refused(overdue())


def overdue() -> Reason:
    """Return the refusal of what came too late (product rule 2)."""
    return Reason("overdue", _("过了录入的期限，签到表不能再录、再放行。要记时长，请走补录。"))


def _new(sheet_id: int, *, actor: Actor, now: datetime) -> PaperBatch:
    batch = PaperBatch(sheet_id=sheet_id, state=BatchState.DRAFT, version=0, updated_at=now)
    db.session.add(batch)
    db.session.flush()
    steps.record(ref(batch), "", "begin", BatchState.DRAFT, actor=actor, now=now)
    return batch


def _put(
    batch: PaperBatch,
    entry: PaperEntry | None,
    row: Typed,
    *,
    is_blank: bool,
    actor: Actor,
    now: datetime,
) -> None:
    if entry is None:
        entry = PaperEntry(batch_id=batch.id, number=row.number)
        db.session.add(entry)
    name, phone = (row.name, row.phone) if is_blank else ("", "")
    if (name, phone) != (entry.name, entry.phone):
        entry.person_id = _found(name, phone, actor=actor, now=now)
    entry.came, entry.went, entry.name, entry.phone = row.came, row.went, name, phone
    entry.typed_by_id = actor.person_id


def _found(name: str, phone: str, *, actor: Actor, now: datetime) -> int | None:
    """Return whom name and the end of the number mean; that somebody was looked up is logged."""
    digits = phone.replace(" ", "").replace("-", "")
    if not name or len(digits) < SHORTEST_PHONE or not (digits.isascii() and digits.isdecimal()):
        return None
    limits.count(limits.DESK_LOOK_UP, str(actor.person_id), now=now)
    person_id = paper.found_person(name, digits)
    if person_id is not None:
        audit.record("person.look_up", Ref("person", person_id), actor=actor, now=now)
    return person_id


def _move(sheet_id: int, verb: str, *, actor: Actor, now: datetime) -> PaperBatch:
    sheet = _locked(sheet_id)
    batch = paper.open_batch(sheet_id)
    if batch is None:
        raise Refused(Reason("wrong_state", _("这一份已经放行，或者还没有录。请刷新页面再看。")))
    station_id = shifts.shift(sheet.shift_id).station_id
    if (BatchState(batch.state), verb) not in STEPS and _is_done(batch, verb):
        return batch
    _step(batch, verb, station_id, actor=actor, now=now)
    return batch


def _is_done(batch: PaperBatch, verb: str) -> bool:
    """Whether the verb was carried out a moment ago: a second click is harmless."""
    rows = steps.of(ref(batch))
    return bool(rows) and rows[-1].verb == verb


def _step(batch: PaperBatch, verb: str, station_id: int, *, actor: Actor, now: datetime) -> None:
    before = BatchState(batch.state)
    batch.state = next_state(STEPS, before, verb)
    batch.updated_at = now
    steps.record(ref(batch), before, verb, batch.state, actor=actor, now=now)
    _note(verb, batch, station_id, actor=actor, now=now)


def _note(
    verb: str, batch: PaperBatch, station_id: int, *, actor: Actor, now: datetime, **details: int
) -> None:
    sheet: Mapping[str, int] = {"sheet": db.session.get_one(PaperSheet, batch.sheet_id).number}
    audit.record(
        f"paper.{verb}", ref(batch), actor=actor, now=now, station_id=station_id,
        **sheet, **details,
    )  # fmt: skip


def released(batch: PaperBatch, station_id: int, *, actor: Actor, now: datetime) -> None:
    """Note that a batch is released; `releasing.release` has done what follows."""
    batch.released_by_id, batch.released_at = actor.person_id, now
    _step(batch, "release", station_id, actor=actor, now=now)


def lock_sheet(sheet_id: int) -> PaperSheet:
    """Lock a sheet for its release."""
    return _locked(sheet_id)
