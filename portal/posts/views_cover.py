"""The desk finds somebody else for a duty on its holder's behalf: asks who can, or hands it over."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.web import changed, page
from portal.posts import choosing
from portal.posts.blueprint import bp
from portal.posts.forms import VolunteerForm
from portal.shifts import queries as shifts
from portal.shifts.models import OfferingType, Shift
from portal.signups import cover, policy, queries_cover
from portal.signups import queries as signups
from portal.signups.models import Signup

_one = allowed(policy.may_withdraw, shift=shifts.shift_by_id, signup=signups.signup_by_id)


@bp.get("/desk/shifts/<shift>/signups/<signup>/cover")
@_one
def desk_cover(shift: Shift, signup: Signup) -> ResponseReturnValue:
    """Show the two ways, and the request where one is out."""
    return _show(signup, _form(shift))


@bp.post("/desk/shifts/<shift>/signups/<signup>/cover")
@_one
def desk_ask_cover(shift: Shift, signup: Signup) -> ResponseReturnValue:
    """Ask all volunteers who can take the duty; its holder is told."""
    form = _form(shift)
    try:
        write(cover.ask, signup.id, None, actor=current_actor(), now=clock.now())
    except Refused as refused:
        return _show(signup, form, refused.reasons, 409)
    flash(
        _("已经替 %(name)s 问出去了。有人接之前，这一班还是他的。", name=signup.person.name),
        "success",
    )
    return changed(_roster(shift, signup))


@bp.post("/desk/shifts/<shift>/signups/<signup>/cover/assignment")
@_one
def desk_assign_cover(shift: Shift, signup: Signup) -> ResponseReturnValue:
    """Hand the duty to somebody who said that they will come; both are told."""
    form = _form(shift)
    person = choosing.chosen(form)
    if person is None:
        return _show(signup, form, status=422)
    try:
        row = write(cover.assign, signup.id, person.id, actor=current_actor(), now=clock.now())
    except Refused as refused:
        return _show(signup, form, refused.reasons, 409)
    flash(_("换好了，这一班由 %(name)s 来。两个人都会收到通知。", name=person.name), "success")
    return changed(_roster(shift, row))


# --- parts ---------------------------------------------------------------------------------------


def _form(shift: Shift) -> VolunteerForm:
    if shift.offering.type != OfferingType.SERVICE_POST:
        abort(404)
    form = VolunteerForm()
    choosing.offer(form, shift.station_id)
    return form


def _show(
    signup: Signup, form: VolunteerForm, reasons: Sequence[Reason] = (), status: int = 200
) -> ResponseReturnValue:
    return page(
        "posts/desk_cover.html",
        status=status,
        shift=signup.shift,
        signup=signup,
        request=queries_cover.open_for(signup.id),
        form=form,
        reasons=reasons,
    )


def _roster(shift: Shift, row: Signup) -> str:
    return f"{url_for('attendance.desk_shift', shift=shift.public_id)}#signup-{row.public_id}"
