"""The desk's pages of shifts: one more, another time, called off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.activities import actions, policy, queries, views_desk
from portal.activities.blueprint import bp
from portal.activities.forms import ReasonForm, ShiftForm, SpanForm
from portal.activities.models import Activity
from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.shifts import queries as shifts
from portal.shifts.models import Offering, Shift
from portal.signups import actions as signup_actions


@bp.post("/desk/activities/<activity>/shifts")
@allowed(policy.may_plan, activity=queries.activity_by_id)
def add_shift(activity: Activity) -> ResponseReturnValue:
    """Add a shift."""
    form = ShiftForm()
    if not form.validate():
        return views_desk.desk_page(activity, form)
    write(actions.add_shift, activity.id, form.new_shift(), actor=current_actor(), now=clock.now())
    flash(_("加好了一场。"), "success")
    return changed(url_for("activities.desk_show", activity=activity.public_id))


@bp.route("/desk/activities/<activity>/call-off", methods=["GET", "POST"])
@allowed(policy.may_plan, activity=queries.activity_by_id)
def call_off(activity: Activity) -> ResponseReturnValue:
    """Call the whole activity off, after asking."""
    return _call_off(actions.call_off, activity.id, activity)


@bp.route("/desk/shifts/<shift>/call-off", methods=["GET", "POST"])
@allowed(policy.may_keep_shift, shift=shifts.shift_by_id)
def call_off_shift(shift: Shift) -> ResponseReturnValue:
    """Call one shift of any offering off, after asking."""
    return _call_off(signup_actions.call_off, shift.id, shift.offering, shift)


def _call_off(
    action: Callable[..., object], row_id: int, offering: Offering, shift: Shift | None = None
) -> ResponseReturnValue:
    form = ReasonForm()
    values: dict[str, Any] = {"form": form, "offering": offering, "shift": shift}
    if request.method == "GET":
        return page("activities/call_off.html", **values)
    if not form.validate():
        return invalid("activities/call_off.html", **values)
    write(action, row_id, str(form.reason.data), actor=current_actor(), now=clock.now())
    flash(_("已取消，报名的人都会收到通知。"), "success")
    return changed(offering.desk_path)


@bp.route("/desk/shifts/<shift>/move", methods=["GET", "POST"])
@allowed(policy.may_keep_shift, shift=shifts.shift_by_id)
def move_shift(shift: Shift) -> ResponseReturnValue:
    """Give a shift of any offering another span."""
    form = SpanForm()
    if request.method == "GET":
        start, end = clock.local(shift.starts_at), clock.local(shift.ends_at)
        form.day.data, form.starts.data, form.ends.data = start.date(), start.time(), end.time()
        return page("activities/move_shift.html", form=form, shift=shift)
    if not form.validate():
        return invalid("activities/move_shift.html", form=form, shift=shift)
    write(actions.move_shift, shift.id, *form.span(), actor=current_actor(), now=clock.now())
    flash(_("时间已改，报名的人都会收到通知。"), "success")
    return changed(shift.offering.desk_path)
