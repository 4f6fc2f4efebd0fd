"""One's own pages: the hours, and the code for the desk's camera."""

from __future__ import annotations

from flask import flash, make_response, url_for
from flask.typing import ResponseReturnValue

from portal.attendance import actions, codes, policy, queries, records
from portal.attendance.models import Visit
from portal.attendance.views import bp
from portal.core import clock, qr
from portal.core.access import allowed, current_actor, signed_in
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.web import changed, page
from portal.hours import queries as ledger


@bp.get("/me/hours")
@allowed(signed_in)
def my_hours() -> ResponseReturnValue:
    """List every record with its source, and for each missing or zero one why."""
    shown = records.records_of(current_actor().person_id or 0, clock.now())
    terms = ledger.terms()
    rounding = records.rounding_words(terms)
    return page("attendance/hours.html", records=shown, terms=terms, rounding=rounding)


@bp.post("/me/hours/<visit>/confirmation")
@allowed(policy.owns, visit=queries.visit_by_id)
def confirm(visit: Visit) -> ResponseReturnValue:
    """Confirm the minutes of an own visit that was closed by rule."""
    write(actions.confirm, visit.id, actor=current_actor(), now=clock.now())
    flash(_("时长确认好了。"), "success")
    return changed(url_for("attendance.my_hours"))


@bp.get("/me/code")
@allowed(signed_in)
def my_code() -> ResponseReturnValue:
    """Show the own code of today, and six characters to say aloud."""
    person_id, today = current_actor().public_id, clock.today()
    spoken = codes.spoken_code(person_id, today).upper()
    return page("attendance/code.html", picture=_picture(), spoken=(spoken[:3], spoken[3:]))


@bp.get("/me/code.svg")
@allowed(signed_in)
def my_code_svg() -> ResponseReturnValue:
    """Give the own code of today as a picture."""
    response = make_response(_picture())
    response.headers["Content-Type"] = "image/svg+xml"
    return response


def _picture() -> str:
    code = codes.personal_code(current_actor().public_id, clock.today())
    return qr.svg(code, label=_("我的签到码"))
