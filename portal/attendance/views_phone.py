"""One telephone number of the roster: asked for with a reason, shown once, logged."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from portal.attendance import actions_phone
from portal.attendance.forms_phone import WhyForm
from portal.attendance.phones import SHOWN_SECONDS, Why
from portal.attendance.views import bp
from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Reason
from portal.core.i18n import gettext as _
from portal.core.web import invalid, page
from portal.records import limits
from portal.shifts import queries as shifts
from portal.shifts.models import Shift
from portal.signups import policy
from portal.signups import queries as signups
from portal.signups.models import Signup


@bp.route("/desk/shifts/<shift>/signups/<signup>/phone", methods=["GET", "POST"])
@allowed(policy.may_withdraw, shift=shifts.shift_by_id, signup=signups.signup_by_id)
def phone(shift: Shift, signup: Signup) -> ResponseReturnValue:
    """Ask why, then show the number; that it was seen, by whom and why is written down."""
    form = WhyForm()
    values: dict[str, Any] = {"form": form, "shift": shift, "signup": signup, "number": ""}
    if request.method == "GET":
        return page("attendance/phone.html", **values)
    if not form.validate():
        return invalid("attendance/phone.html", **values)
    actor, now = current_actor(), clock.now()
    wait = limits.seconds_to_wait(limits.DESK_LOOK_UP, str(actor.person_id), now=now)
    if wait:
        reason = Reason("too_many", _("这一小时看号码的次数太多了。请稍后再试。"))
        response = page("attendance/phone.html", status=429, reasons=(reason,), **values)
        response.headers["Retry-After"] = str(wait)
        return response
    why, words = Why(form.why.data), str(form.words.data or "")
    values["number"] = write(actions_phone.reveal, signup.id, why, words, actor=actor, now=now)
    return page("attendance/phone.html", seconds=SHOWN_SECONDS, **values)
