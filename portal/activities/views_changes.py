"""Changing a shift of any offering, calling it off, and undoing that while nobody has been told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, request
from flask.typing import ResponseReturnValue

from portal.activities import actions, policy, queries
from portal.activities.blueprint import bp
from portal.activities.forms import CallOffForm
from portal.activities.forms_changes import ChangeForm, change_form
from portal.activities.models import Activity
from portal.core import clock
from portal.core.access import Actor, allowed, current_actor
from portal.core.db import write
from portal.core.errors import Refused
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page, safe_next
from portal.shifts import queries as shifts
from portal.shifts.models import Offering, OfferingType, Shift
from portal.signups import actions as signup_actions
from portal.signups import queries_changes
from portal.signups.models_changes import ShiftChange
from portal.signups.preview import preview


@bp.route("/desk/shifts/<shift>/change", methods=["GET", "POST"])
@allowed(policy.may_keep_shift, shift=shifts.shift_by_id)
def change_shift(shift: Shift) -> ResponseReturnValue:
    """Change time, place and places of a shift; first whom it concerns is shown, then it is done."""
    form = change_form(shifts.places(shift.id), has_place=_has_place(shift))
    if request.method == "GET":
        form.fill_from(shift)
        return page("activities/change_shift.html", form=form, shift=shift, preview=None)
    if not form.validate_for(shift, clock.now()):
        return invalid("activities/change_shift.html", form=form, shift=shift, preview=None)
    if "confirm" not in request.form:
        return _preview(form, shift)
    try:
        row = write(
            actions.change_shift, shift.id, form.wanted(), actor=current_actor(), now=clock.now()
        )
    except Refused as refused:
        return _preview(form, shift, refused)
    flash(_said(row), "success")
    return changed(shift.offering.desk_path)


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


def may_undo(actor: Actor, change: ShiftChange) -> bool:
    """Who keeps the shift that was changed."""
    return policy.may_keep_shift(actor, change.shift)


@bp.post("/desk/changes/<change>/undo")
@allowed(may_undo, change=queries_changes.change_by_id)
def undo(change: ShiftChange) -> ResponseReturnValue:
    """Undo a change while its notices wait."""
    to = safe_next(request.form.get("next"), change.shift.offering.desk_path)
    try:
        write(actions.undo, change.id, actor=current_actor(), now=clock.now())
    except Refused as refused:
        flash(_("没有撤销：") + refused.message, "error")
        return changed(to)
    flash(_("已撤销，和改之前一样。没有人收到通知。"), "success")
    return changed(to)


# --- parts ---------------------------------------------------------------------------------------


def _has_place(shift: Shift) -> bool:
    """Whether the place can be changed here: not a post's, nor one that the date has for itself."""
    return bool(shift.offering.type == OfferingType.ACTIVITY and not shift.place)


def _preview(form: ChangeForm, shift: Shift, refused: Refused | None = None) -> ResponseReturnValue:
    shown = preview(shift, form.wanted(), clock.now())
    return page(
        "activities/change_shift.html",
        status=409 if refused else 200,
        reasons=refused.reasons if refused else (),
        form=form,
        shift=shift,
        preview=shown,
    )


def _said(row: ShiftChange | None) -> str:
    if row is None:
        return _("和原来一样，没有改。")
    if row.undo_until > clock.now():
        return _("改好了。10 分钟以后通知大家，在这之前可以撤销。")
    return _("改好了，大家马上会收到通知。")


def _call_off(
    action: Callable[..., object], row_id: int, offering: Offering, shift: Shift | None = None
) -> ResponseReturnValue:
    form = CallOffForm()
    values: dict[str, Any] = {"form": form, "offering": offering, "shift": shift}
    if request.method == "GET":
        return page("activities/call_off.html", **values)
    if not form.validate():
        return invalid("activities/call_off.html", **values)
    reason, tell_now = str(form.reason.data), bool(form.tell_now.data)
    actor, now = current_actor(), clock.now()
    write(action, row_id, reason, actor=actor, now=now, tell_now=tell_now)
    flash(_("已取消，报名的人都会收到通知。"), "success")
    return changed(offering.desk_path)
