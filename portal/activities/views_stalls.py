"""The places of one shift: stalls (摊位) by name, each with its own number."""

from __future__ import annotations

from typing import Any

from flask import flash, request
from flask.typing import ResponseReturnValue

from portal.activities import actions_stalls, forms_stalls, policy
from portal.activities.actions_series import Scope
from portal.activities.blueprint import bp
from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Invalid, Reason
from portal.core.i18n import gettext as _
from portal.core.web import changed, page
from portal.shifts import queries as shifts
from portal.shifts import queries_series
from portal.shifts.models import Shift
from portal.signups import panel, queries


@bp.route("/desk/shifts/<shift>/places", methods=["GET", "POST"])
@allowed(policy.may_keep_activity_shift, shift=shifts.shift_by_id)
def places(shift: Shift) -> ResponseReturnValue:
    """Name stalls and set their numbers; who holds a place keeps it."""
    there = shifts.places(shift.id)
    lines = forms_stalls.lines(there, sent=request.method == "POST")
    of_series, form = queries_series.of_shift(shift.id), forms_stalls.ScopeForm()
    reasons: list[Reason] = []
    if request.method == "POST":
        fits = [form.validate(), *(line.validate() for line in lines)]
        if all(fits):
            wanted = forms_stalls.wanted(lines, there)
            try:
                count = write(
                    actions_stalls.set_places, shift.id, wanted, Scope(form.scope.data),
                    actor=current_actor(), now=clock.now(),
                )  # fmt: skip
            except Invalid as wrong:
                reasons.append(Reason("places", wrong.message))
            else:
                flash(_("已保存，改了 %(n)d 场。", n=count), "success")
                return changed(shift.offering.desk_path)
    shown = queries.places_of([shift.id]).get(shift.id, [])
    values: dict[str, Any] = {
        "shift": shift,
        "form": form,
        "of_series": of_series,
        "lines": lines[: len(there) + forms_stalls.SPARE_LINES],
        "now_taken": [panel.place_shown(one) for one in shown],
        "reasons": reasons,
    }
    is_wrong = reasons or any(line.errors for line in lines)
    return page("activities/places.html", status=422 if is_wrong else 200, **values)
