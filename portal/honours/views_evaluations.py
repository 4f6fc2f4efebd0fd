"""The desk evaluates those who served on a shift, several at once with one form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, filters
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Refused
from portal.core.forms import clean
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.web import changed, page
from portal.honours import actions_evaluations as actions
from portal.honours import policy, record
from portal.honours import queries_evaluations as queries
from portal.honours.actions_evaluations import Judgement
from portal.honours.actions_upstream import note_minors
from portal.honours.blueprint import bp
from portal.honours.record import EvaluationShown
from portal.org import queries as org
from portal.org.models import Vocabulary
from portal.people.models import Person
from portal.people.rules import is_minor
from portal.records import notes, settings
from portal.shifts import queries as shifts
from portal.shifts.models import Shift

LONGEST = 300
_one = allowed(policy.may_evaluate, shift=shifts.shift_by_id)


@dataclass(frozen=True, slots=True)
class Row:
    """One who served, with what stands of them, or what was typed and cannot be used."""

    id: str
    name: str
    quality: str
    remark: str
    shown: EvaluationShown | None
    is_own: bool
    error: str = ""


@bp.get("/desk/shifts/<shift>/evaluations")
@_one
def of_shift(shift: Shift) -> ResponseReturnValue:
    """Show who served, and how each was evaluated; that minors are among them is written down."""
    served = queries.served_on(shift.id)
    minors = [one.id for one in served.values() if is_minor(one.birth_on, clock.today())]
    if minors:
        actor, now = current_actor(), clock.now()
        write(note_minors, minors, "evaluation", shift.station_id, actor=actor, now=now)
    return page("honours/desk_evaluations.html", **_values(shift, list(served.values())))


@bp.post("/desk/shifts/<shift>/evaluations")
@_one
def enter(shift: Shift) -> ResponseReturnValue:
    """Enter what was chosen; who was given nothing stays as they are."""
    served = list(queries.served_on(shift.id).values())
    typed = {one.public_id: _typed(one) for one in served}
    too_long = {key for key, (_quality, remark) in typed.items() if len(remark) > LONGEST}
    if too_long:
        return page(
            "honours/desk_evaluations.html",
            status=422,
            **_values(shift, served, typed, too_long),
        )
    codes = {row.code: row.id for row in org.terms(Vocabulary.QUALITY)}
    said = [
        Judgement(one.id, codes[quality], remark)
        for one in served
        for quality, remark in (typed[one.public_id],)
        if quality in codes
    ]
    try:
        rows = write(actions.enter_shift, shift.id, said, actor=current_actor(), now=clock.now())
    except Refused as refused:
        values = _values(shift, served, typed)
        return page("honours/desk_evaluations.html", status=409, reasons=refused.reasons, **values)
    flash(_("记好了 %(n)d 个人的评价。", n=len(rows)), "success")
    return changed(url_for("honours.of_shift", shift=shift.public_id))


def _typed(person: Person) -> tuple[str, str]:
    quality = request.form.get(f"quality-{person.public_id}", "")
    return quality, clean(request.form.get(f"remark-{person.public_id}")) or ""


def _values(
    shift: Shift,
    served: list[Person],
    typed: dict[str, tuple[str, str]] | None = None,
    too_long: set[str] | None = None,
) -> dict[str, Any]:
    found = queries.on_shift(shift.id)
    shown = dict(zip((row.person_id for row in found), record.evaluations(found), strict=True))
    codes = {row.person_id: row.quality.code for row in found}
    said = notes.latest_of([Ref("evaluation", row.id) for row in found], actions.REMARK)
    remarks = {row.person_id: said.get(actions.ref(row), "") for row in found}
    due_on = org.add_working_days(
        clock.local_day(shift.ends_at), settings.get("record_working_days")
    )
    rows = []
    for one in served:
        before = (codes.get(one.id, ""), remarks.get(one.id, ""))
        quality, remark = (typed or {}).get(one.public_id, before)
        error = _("最多 %(max)d 个字", max=LONGEST) if one.public_id in (too_long or ()) else ""
        own = one.id == current_actor().person_id
        rows.append(Row(one.public_id, one.name, quality, remark, shown.get(one.id), own, error))
    return {
        "shift": shift,
        "rows": rows,
        "qualities": [(row.code, row.label) for row in org.terms(Vocabulary.QUALITY)],
        "is_over": shift.ends_at <= clock.now(),
        "due": filters.day(due_on),
        "is_late": clock.today() > due_on,
        "has_errors": bool(too_long),
    }
