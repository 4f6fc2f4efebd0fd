"""What the pages of close-outs show: what applies to a shift, what is known, lines of the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.attendance import queries_headcounts as headcounts
from portal.attendance import queries_today, turnout
from portal.attendance.actions_headcounts import COUNTED_BY
from portal.attendance.rules_headcounts import Heads
from portal.closeouts import actions, forms, queries, words
from portal.closeouts.forms import CloseoutForm, field_name
from portal.closeouts.models import OUTCOME_LABELS, Outcome
from portal.closeouts.queries_open import Row
from portal.core import clock, filters
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.org import queries as org
from portal.org.models import Term, TermUnit, Vocabulary
from portal.org.queries import last_days
from portal.posts import queries_logs
from portal.posts.models_logs import DutyLog
from portal.records import notes, settings
from portal.shifts.models import OfferingType, Shift, ShiftState


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a shift: counters (those of its kind first), whether heads; its duty's log."""

    usual: Sequence[Term]
    others: Sequence[Term]
    units: Mapping[int, TermUnit]
    asks_heads: bool
    is_post: bool
    log: DutyLog | None

    @property
    def counters(self) -> Sequence[Term]:
        """All counters of the form."""
        return [*self.usual, *self.others]


def asked_of(shift: Shift) -> Asked:
    """Return what applies to a shift. What the log of a duty counts is not asked a second time."""
    offering = shift.offering
    is_post = offering.type == OfferingType.SERVICE_POST
    counters = [] if is_post else org.terms(Vocabulary.OUTPUT_COUNTER)
    usual = org.going_with(offering.kind_id)
    return Asked(
        usual=[term for term in counters if term.id in usual],
        others=[term for term in counters if term.id not in usual],
        units=org.units_of(term.id for term in counters),
        asks_heads=offering.open_crowd,
        is_post=is_post,
        log=queries_logs.latest(shift.id) if is_post else None,
    )


def sent(asked: Asked) -> CloseoutForm:
    """Return the form as it was sent."""
    return forms.form_of(asked.counters, asked.units, asks_heads=asked.asks_heads)


def filled(shift: Shift, asked: Asked) -> CloseoutForm:
    """Return the form with what was told before, and the heads that are counted already."""
    form = forms.form_of(asked.counters, asked.units, asks_heads=asked.asks_heads, formdata=None)
    before = queries.latest(shift.id)
    if before:
        form.seen.data = str(before.version)
        forms.fill(form, actions.told_of(before), asked.counters)
    if asked.asks_heads:
        forms.fill_heads(form, _known_heads(shift.id), told=before is not None)
    return form


def _known_heads(shift_id: int) -> Heads | None:
    found = headcounts.of([shift_id]).get(shift_id)
    if found is None:
        return None
    said = found.stated_id and notes.latest(Ref("headcount", found.stated_id), COUNTED_BY)
    return Heads(found.number, found.method, said or "")


def values(shift: Shift, asked: Asked, form: CloseoutForm, now: datetime) -> dict[str, Any]:
    """Return what the page of one shift shows besides the shift and the form."""
    versions = queries.versions(shift.id)
    due_on = actions.deadline(shift)
    is_over = now >= shift.ends_at and shift.state == ShiftState.PLANNED
    counted = headcounts.of([shift.id]).get(shift.id)
    came = queries_today.came([shift.id]).get(shift.id, 0)
    return {
        "when": filters.when(shift.starts_at, shift.ends_at),
        "asked": asked,
        "usual": [form[field_name(term)] for term in asked.usual],
        "others": [form[field_name(term)] for term in asked.others],
        "others_open": any(form[field_name(term)].data for term in asked.others),
        "turnout": turnout.in_words(came, counted, open_crowd=asked.asks_heads),
        "due_on": due_on,
        "is_late": not versions and clock.local_day(now) > due_on,
        "is_over": is_over,
        "is_open": is_over and (not versions or actions.is_open(shift, now)),
        "may_say_nothing": not versions and counted is None,
        "told": words.facts(actions.told_of(versions[0])) if versions else (),
        "told_late": bool(versions) and clock.local_day(versions[-1].at) > versions[-1].due_on,
        "history": [(row, OUTCOME_LABELS[Outcome(row.outcome)]) for row in versions],
        "photos": queries.photos_of(shift.id),
        "differences": (),
    }


# --- the list ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A shift of the list in words; `way` is what to do, and where."""

    title: str
    station: str
    when: str
    turnout: str
    state: str
    tone: str
    due: str
    way: str
    href: str


def lines(rows: Sequence[Row], now: datetime, *, done: bool) -> list[Line]:
    """Return the rows in words; as many queries whatever there are."""
    ids = [row.id for row in rows]
    came = queries_today.came(ids) if ids else {}
    counted = headcounts.of(ids) if ids else {}
    days = last_days(
        {clock.local_day(row.ends_at) for row in rows}, settings.get("record_working_days")
    )
    return [
        _line(
            row,
            turnout.in_words(came.get(row.id, 0), counted.get(row.id), open_crowd=row.open_crowd),
            days[clock.local_day(row.ends_at)],
            clock.local_day(now),
            done=done,
        )
        for row in rows
    ]


def _line(row: Row, came: str, due_on: date, today: date, *, done: bool) -> Line:
    is_late = not done and today > due_on
    state, tone = _state(row, is_late=is_late, done=done)
    is_log = row.type == OfferingType.SERVICE_POST and row.outcome is None
    path = (
        f"/shifts/{row.public_id}/duty-log" if is_log else f"/desk/shifts/{row.public_id}/closeout"
    )
    to_do = _("写值岗记录") if is_log else _("去填")
    return Line(
        title=row.title,
        station=row.station,
        when=filters.when(row.starts_at, row.ends_at),
        turnout=came,
        state=state,
        tone=tone,
        due="" if done else filters.day(due_on),
        way=_("看看") if done else to_do,
        href=path,
    )


def _state(row: Row, *, is_late: bool, done: bool) -> tuple[str, str]:
    if not done:
        return (_("超期"), "danger") if is_late else (_("要填"), "warning")
    if row.outcome is None:
        return _("值岗记录已填"), "success"
    return str(OUTCOME_LABELS[Outcome(row.outcome)]), "success"
