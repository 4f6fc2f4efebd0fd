"""What a volunteer said about their volunteering, changed by themselves."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor, signed_in
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.registration import actions, queries, rules, views
from portal.registration.forms_details import DetailsForm


@views.bp.route("/me/volunteer/details", methods=["GET", "POST"])
@allowed(signed_in)
def change_details() -> ResponseReturnValue:
    """Change community, skills, kinds of service, free times and whom to call."""
    row = views.own()
    options = queries.options([term.code for term in queries.terms_of(row.id)])
    known = {**views.known_details(row), "station": row.station.public_id}
    form = DetailsForm(data=known if request.method == "GET" else None)
    form.offer(options)
    if request.method == "GET":
        if row.state not in rules.MAY_CHANGE:
            return redirect(url_for("registration.mine"), 303)
        return page("registration/details.html", form=form)
    if not form.validate():
        return invalid("registration/details.html", form=form)
    given = form.details(options)
    write(actions.change_details, row.id, given, actor=current_actor(), now=clock.now())
    flash(_("改好了。"), "success")
    return changed(url_for("registration.mine"))
