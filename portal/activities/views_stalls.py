"""The places of one shift: stalls (摊位) by name, each with its own number."""

from __future__ import annotations

from typing import Any

from flask import flash, request
from flask.typing import ResponseReturnValue

from portal.activities import forms_stalls, policy
from portal.activities.blueprint import bp
from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Invalid, Reason
from portal.core.i18n import gettext as _
from portal.core.web import changed, page
from portal.shifts import queries as shifts
from portal.shifts.models import Shift
from portal.signups import panel, queries, stalls


@bp.route("/desk/shifts/<shift>/places", methods=["GET", "POST"])
@allowed(policy.may_keep_activity_shift, shift=shifts.shift_by_id)
def places(shift: Shift) -> ResponseReturnValue:
    """Name stalls and set their numbers; who holds a place keeps it."""
    there = shifts.places(shift.id)
    lines = forms_stalls.lines(there, sent=request.method == "POST")
    reasons: list[Reason] = []
    if request.method == "POST":
        fits = [line.validate() for line in lines]
        if all(fits):
            wanted = forms_stalls.wanted(lines, there)
            try:
                write(stalls.set_places, shift.id, wanted, actor=current_actor(), now=clock.now())
            except Invalid as wrong:
                reasons.append(Reason("places", wrong.message))
            else:
                flash(_("已保存。"), "success")
                return changed(shift.offering.desk_path)
    shown = queries.places_of([shift.id]).get(shift.id, [])
    values: dict[str, Any] = {
        "shift": shift,
        "lines": lines[: len(there) + forms_stalls.SPARE_LINES],
        "now_taken": [panel.place_shown(one) for one in shown],
        "reasons": reasons,
    }
    is_wrong = reasons or any(line.errors for line in lines)
    return page("activities/places.html", status=422 if is_wrong else 200, **values)
