"""A sheet as it stands: printed rows, what is typed beside them, what was scanned, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.arrivals import queries_paper as paper
from portal.arrivals import rules_paper as rules
from portal.arrivals.models_paper import BatchState, PaperBatch, PaperEntry
from portal.arrivals.rules_paper import Read, Typed, Window
from portal.attendance import queries_sheets as sheets
from portal.attendance.models_sheets import PaperRow, PaperSheet
from portal.attendance.rules import MAY_ENTER
from portal.attendance.rules_stays import Stay, derive
from portal.core import clock
from portal.hours import queries as ledger
from portal.hours.rules import Span
from portal.org.queries import add_working_days
from portal.records import settings
from portal.shifts.models import Shift
from portal.signups.models import SignupState


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row with all that is known of it. `done`: released before, in an earlier batch."""

    printed: PaperRow
    typed: Typed
    entry: PaperEntry | None
    stays: Sequence[Stay]
    read: Read
    done: PaperEntry | None
    # Records elsewhere that stand in the way of some of the time.
    beside: Sequence[Span] = ()

    @property
    def is_blank(self) -> bool:
        """Whether somebody may have been written down by hand."""
        return self.printed.signup_id is None

    @property
    def person_id(self) -> int | None:
        """Who it is, as far as that is known."""
        if self.printed.signup is not None:
            return self.printed.signup.person_id
        return self.entry.person_id if self.entry else None


@dataclass(frozen=True, slots=True)
class SheetState:
    """The whole sheet."""

    shift: Shift
    sheet: PaperSheet
    batch: PaperBatch | None
    rows: Sequence[SheetRow]
    due_on: date
    is_overdue: bool

    @property
    def may_be_typed(self) -> bool:
        """Whether rows can be typed now."""
        is_open = self.batch is None or BatchState(self.batch.state) in rules.TYPED_IN
        return is_open and not self.is_overdue

    @property
    def typed_rows(self) -> list[SheetRow]:
        """The rows of this batch on which something was typed."""
        return [row for row in self.rows if not row.typed.is_empty]


def due_on(shift: Shift) -> date:
    """Return the last day of typing and releasing (product rule 2); later there is the make-up."""
    return add_working_days(clock.local_day(shift.ends_at), settings.get("record_working_days"))


def window(shift: Shift, now: datetime) -> Window:
    """Return what the times of the shift's sheets are judged by."""
    return Window(
        shift.starts_at,
        shift.ends_at,
        settings.get("check_in_early_minutes"),
        settings.get("check_out_late_minutes"),
        ledger.terms(clock.local_day(shift.starts_at)).day_cap,
        now,
    )


def state(shift: Shift, sheet: PaperSheet, now: datetime) -> SheetState:
    """Return the sheet as it stands, in a constant number of queries."""
    batches = paper.batches_of(sheet.id)
    is_open = bool(batches) and batches[-1].state != BatchState.RELEASED
    open_one = batches[-1] if is_open else None
    entries = paper.entries_of([batch.id for batch in batches])
    mine = {row.number: row for row in entries if open_one and row.batch_id == open_one.id}
    done = {row.number: row for row in entries if row.number not in mine and row.outcome}
    marks, judged_by = paper.marks_on(shift.id), window(shift, now)
    printed_rows = sheets.rows_of(sheet.id)
    somebody = {row.signup.person_id for row in printed_rows if row.signup}
    somebody |= {row.person_id for row in mine.values() if row.person_id}
    beside = paper.beside(somebody, shift.id, judged_by.opens_at, judged_by.closes_at)

    def row_of(printed: PaperRow) -> SheetRow:
        entry, signup = mine.get(printed.number), printed.signup
        person_id = signup.person_id if signup else entry.person_id if entry else None
        stays = derive(marks.get(person_id or 0, []))
        typed = typed_of(printed.number, entry)
        may_enter = signup is None or SignupState(signup.state) in MAY_ENTER
        read = rules.read_row(typed, judged_by, stays, is_blank=signup is None, may_enter=may_enter)
        known = _in_the_way(beside.get(person_id or 0, ()), read)
        return SheetRow(printed, typed, entry, stays, read, done.get(printed.number), known)

    last = due_on(shift)
    return SheetState(
        shift,
        sheet,
        open_one,
        [row_of(printed) for printed in printed_rows],
        last,
        clock.local_day(now) > last,
    )


def _in_the_way(records: Sequence[Span], read: Read) -> list[Span]:
    """Return the records elsewhere that overlap what is written."""
    if read.in_at is None or read.out_at is None:
        return []
    return [one for one in records if one.starts_at < read.out_at and one.ends_at > read.in_at]


def typed_of(number: int, entry: PaperEntry | None) -> Typed:
    """Return what was typed of a row."""
    if entry is None:
        return Typed(number)
    return Typed(number, entry.came, entry.went, entry.name, entry.phone)


def people_on(state: SheetState) -> frozenset[int]:
    """Return everybody whom the sheet names, printed or found, by the record kept now."""
    return paper.kept_ids({row.person_id for row in state.rows if row.person_id})


def typists(
    entries: Mapping[int, PaperEntry] | Sequence[PaperEntry], batch: PaperBatch
) -> set[int]:
    """Return who typed something of a batch, or handed it in."""
    rows = entries.values() if isinstance(entries, Mapping) else entries
    return {one for one in (batch.submitted_by_id, *(row.typed_by_id for row in rows)) if one}
