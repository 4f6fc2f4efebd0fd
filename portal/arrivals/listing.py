"""The desk's list of paper sheets: which are not typed, typed, to release, released, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for

from portal.arrivals import policy, reading
from portal.arrivals import queries_paper as paper
from portal.arrivals.grid import TONES
from portal.arrivals.models_paper import BATCH_STATE_LABELS, BatchState, PaperBatch
from portal.attendance.models_sheets import PaperSheet
from portal.core import clock, filters
from portal.core.access import Actor
from portal.core.i18n import gettext as _
from portal.core.tables import PAGE_SIZE, Page
from portal.org.working_days import first_due_from
from portal.records import settings
from portal.shifts.models import Shift


@dataclass(frozen=True, slots=True)
class Row:
    """One sheet in words."""

    href: str
    title: str
    station: str
    when: str
    number: int
    state: str
    tone: str
    due: str
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """The whole page."""

    page: Page[Row]
    chips: Sequence[dict[str, object]]
    is_narrowed: bool


def listing(actor: Actor, asked: str, number: int, now: datetime) -> Listing:
    """Return one page of the sheets of the stations that the actor looks after."""
    states = {
        "none": _("还没有录"),
        **{state.value: BATCH_STATE_LABELS[state] for state in BatchState},
    }
    state = asked if asked in states else ""
    stations = actor.stations(*policy.LOOKS)
    query = paper.listed(stations, state, now, _still_open_since(now))
    rows, total = paper.page_of(query, number, PAGE_SIZE)
    today, dues = clock.local_day(now), _Dues()
    shown = [_row(sheet, batch, sheet.shift, dues, today) for sheet, batch in rows]
    here = url_for("arrivals.paper_index")
    chips: list[dict[str, object]] = [{"text": _("全部"), "href": here, "current": not state}]
    chips += [
        {"text": text, "href": f"{here}?state={value}", "current": value == state}
        for value, text in states.items()
    ]
    return Listing(Page(shown, number, total), chips, bool(state))


def row(sheet: PaperSheet, batch: PaperBatch | None, shift: Shift) -> Row:
    """Return one sheet of a shift in words."""
    return _row(sheet, batch, shift, _Dues(), clock.today())


class _Dues:
    """Until when sheets may be typed: a page has few days, each counted once."""

    def __init__(self) -> None:
        self._known: dict[date, date] = {}

    def of(self, shift: Shift) -> date:
        day = clock.local_day(shift.ends_at)
        if day not in self._known:
            self._known[day] = reading.due_on(shift)
        return self._known[day]


def _row(
    sheet: PaperSheet, batch: PaperBatch | None, shift: Shift, dues: _Dues, today: date
) -> Row:
    due, state = dues.of(shift), BatchState(batch.state) if batch else None
    is_settled = state in {BatchState.RELEASED, BatchState.UNUSED}
    return Row(
        href=url_for("arrivals.paper_sheet", shift=shift.public_id, number=sheet.number),
        title=shift.offering.title,
        station=shift.offering.station.name,
        when=filters.when(shift.starts_at, shift.ends_at),
        number=sheet.number,
        state=str(BATCH_STATE_LABELS[state]) if state else _("还没有录"),
        tone=TONES[state] if state else "neutral",
        due="" if is_settled else filters.day(due),
        is_overdue=not is_settled and today > due,
    )


def _still_open_since(now: datetime) -> datetime:
    """Return from when on a shift must have ended for its sheets still to be typed."""
    days = settings.get("record_working_days")
    return clock.day_start(first_due_from(clock.local_day(now), days))
