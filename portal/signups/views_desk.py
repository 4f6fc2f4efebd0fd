"""The desk signs up whoever has no phone or cannot do it alone (代报名), and withdraws for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.people.known import Known, known
from portal.records import limits
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole, Shift
from portal.signups import behalf, cards, panel, policy, queries
from portal.signups.behalf import Asked, Placed
from portal.signups.forms_desk import BehalfForm, WhoForm, WithdrawalForForm
from portal.signups.models import SIGNUP_STATE_LABELS, Signup, SignupState
from portal.signups.models_course import CourseSignup
from portal.signups.views import bp


@bp.route("/desk/shifts/<shift>/signups/new", methods=["GET", "POST"])
@allowed(policy.may_keep_roster, shift=shifts.shift_by_id)
def desk_new(shift: Shift) -> ResponseReturnValue:
    """Sign somebody up; whoever may be on record already is asked about first."""
    actor, now = current_actor(), clock.now()
    shown = panel.panel(shift, actor, now)
    form = BehalfForm(data={"role": shown.first_free or PlaceRole.ATTENDEE.value})
    form.offer(shown)
    values: dict[str, Any] = {"form": form, "panel": shown}
    if request.method == "GET" or "edit" in request.form:
        return page("signups/desk_new.html", **values)
    if not form.validate():
        return invalid("signups/desk_new.html", **values)
    asked = form.asked(shift.id)
    again = queries.put_there(shift.id, asked.said, actor.person_id)
    found = [] if again else known(asked.said)
    who = WhoForm()
    who.offer(found)
    is_answer = "asked" in request.form
    if found and not (is_answer and who.validate()):
        return _ask_who(found, shift, status=422 if is_answer else 200, who=who, **values)
    try:
        placed = _sign_up(who.person_id(found), asked)
    except Refused as refused:
        return page("signups/desk_new.html", status=409, reasons=refused.reasons, **values)
    flash(_said(placed), "success")
    return changed(_roster_at(placed.row, shift))


@bp.route("/desk/shifts/<shift>/signups/<signup>/withdrawal", methods=["GET", "POST"])
@allowed(policy.may_withdraw, shift=shifts.shift_by_id, signup=queries.signup_by_id)
def desk_withdraw(shift: Shift, signup: Signup) -> ResponseReturnValue:
    """Ask first, then withdraw somebody from the roster; the place goes to who waits."""
    form = WithdrawalForForm()
    values: dict[str, Any] = {"form": form, "shift": shift, "signup": signup}
    if request.method == "GET":
        return page("signups/desk_withdrawal.html", **values)
    if not form.validate():
        return invalid("signups/desk_withdrawal.html", **values)
    actor, now = current_actor(), clock.now()
    write(behalf.withdraw_for, signup.id, form.reason.data, actor=actor, now=now)
    flash(_("已经替 %(name)s 取消报名。", name=signup.person.name), "success")
    return changed(_roster(shift))


@bp.get("/desk/shifts/<shift>/signups/<signup>/card")
@allowed(policy.may_withdraw, shift=shifts.shift_by_id, signup=queries.signup_by_id)
def desk_card(shift: Shift, signup: Signup) -> ResponseReturnValue:
    """Show the card to print for somebody without a phone."""
    return page("signups/card.html", **cards.ready(signup), back_href=_roster_at(signup, shift))


# --- parts ---------------------------------------------------------------------------------------


def _ask_who(
    found: Sequence[Known], shift: Shift, *, status: int, **values: Any
) -> ResponseReturnValue:
    """Show the records found, masked; each look is counted and written down."""
    actor, now = current_actor(), clock.now()
    wait = limits.seconds_to_wait(limits.DESK_LOOK_UP, str(actor.person_id), now=now)
    if wait:
        return _too_many(wait, **values)
    write(behalf.note_look_up, [one.person.id for one in found], shift, actor=actor, now=now)
    return page("signups/desk_who.html", status=status, **values)


def _too_many(seconds: int, **values: Any) -> ResponseReturnValue:
    """Say that too many were looked up, and keep what was typed."""
    reason = Reason("too_many", _("这一小时查找已有档案的次数太多了。请稍后再试。"))
    response = page("signups/desk_new.html", status=429, reasons=(reason,), **values)
    response.headers["Retry-After"] = str(seconds)
    return response


def _sign_up(person_id: int | None, asked: Asked) -> Placed:
    actor, now = current_actor(), clock.now()
    if person_id is None:
        return write(behalf.sign_up_new, asked, actor=actor, now=now)
    return write(behalf.sign_up_known, person_id, asked, actor=actor, now=now)


def _said(placed: Placed) -> str:
    """Return what happened in a sentence: the place, the position in the queue, or nothing new."""
    row = placed.row
    name, position = row.person.name, placed.position
    if position:
        return _("名额满了，%(name)s 排在候补第 %(n)d 位。", name=name, n=position)
    if placed.is_new:
        return _("已经替 %(name)s 报名。", name=name)
    return _(
        "%(name)s 已经在名单上：%(state)s。要给同名的另一个人报名，请填手机号或出生日期。",
        name=name,
        state=SIGNUP_STATE_LABELS[SignupState(row.state)],
    )


def _roster(shift: Shift) -> str:
    return url_for("attendance.desk_shift", shift=shift.public_id)


def _roster_at(row: Signup | CourseSignup, shift: Shift) -> str:
    return f"{_roster(shift)}#signup-{row.public_id}"
