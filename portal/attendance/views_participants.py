"""The desk's page that says as what somebody on the roster takes part."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField

from portal.attendance import participants
from portal.attendance.views import bp
from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Refused
from portal.core.forms import Form, choices, needed
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.core.web import changed, invalid, page
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole, Shift
from portal.signups import policy
from portal.signups import queries as signups
from portal.signups.models import KINDS_OF, PARTICIPANT_LABELS, ParticipantKind, Signup


class KindForm(Form):
    """As what the person takes part."""

    kind = RadioField(_l("以什么身份参加"), [needed(_l("请选一项"))])


@bp.route("/desk/shifts/<shift>/signups/<signup>/kind", methods=["GET", "POST"])
@allowed(policy.may_withdraw, shift=shifts.shift_by_id, signup=signups.signup_by_id)
def desk_kind(shift: Shift, signup: Signup) -> ResponseReturnValue:
    """Set as what the person takes part; the change is logged."""
    form = KindForm()
    kinds = KINDS_OF[PlaceRole(signup.role)]
    form.kind.choices = choices((kind.value, PARTICIPANT_LABELS[kind]) for kind in kinds)
    values: dict[str, Any] = {"form": form, "shift": shift, "signup": signup}
    if request.method == "GET":
        form.kind.data = signup.participant
        return page("attendance/kind.html", **values)
    if not form.validate():
        return invalid("attendance/kind.html", **values)
    kind, name = ParticipantKind(form.kind.data), signup.person.name
    try:
        write(participants.set_kind, signup.id, kind, actor=current_actor(), now=clock.now())
    except Refused as refused:
        return page("attendance/kind.html", status=409, reasons=refused.reasons, **values)
    flash(_("%(name)s 的身份已经改好。", name=name), "success")
    return changed(url_for("attendance.desk_shift", shift=shift.public_id))
