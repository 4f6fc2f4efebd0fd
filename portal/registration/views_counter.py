"""The counter: the application on somebody's behalf, and the sheet of paper it is copied from."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.people.actions import NewPerson
from portal.people.models import Volunteer
from portal.people.models_consents import CONSENT_LABELS, SEALED_KINDS, Channel, ConsentKind
from portal.records import settings
from portal.registration import actions, policy, queries, rules, words
from portal.registration.forms import DeskApplicationForm
from portal.registration.views import bp


@bp.route("/desk/volunteers/new", methods=["GET", "POST"])
@allowed(policy.keeps_volunteers)
def desk_new() -> ResponseReturnValue:
    """Send the form in for somebody; who did it and for whom are both written down."""
    options = queries.options()
    form = DeskApplicationForm(data=_own_station(options) if request.method == "GET" else None)
    form.offer(options, settings.get("id_number"))
    if request.method == "GET":
        return page("registration/desk_new.html", form=form)
    if not form.validate():
        return invalid("registration/desk_new.html", form=form)
    given = form.application(options, Channel(form.channel.data))
    details = NewPerson(given.name, form.phone.data or None, given.birth_on, given.station_id)
    actor = current_actor()
    try:
        row = write(actions.apply_for, details, given, actor=actor, now=clock.now())
    except Invalid as error:
        form.add_error(error.field, error.message)
        return invalid("registration/desk_new.html", form=form)
    flash(_("已经替 %(name)s 登记。", name=given.name), "success")
    return changed(_where_it_shows(row))


def _own_station(options: queries.Options) -> dict[str, Any]:
    """Return the community to begin with: the first one that the actor keeps."""
    actor = current_actor()
    own = (code for code, row in options.stations.items() if policy.may_keep(actor, row.id))
    return {"station": next(own, "")}


def _where_it_shows(row: Volunteer) -> str:
    if policy.may_decide(current_actor(), row):
        return url_for("registration.desk_show", volunteer=row.public_id)
    return url_for("registration.desk_index")


@bp.get("/desk/volunteers/paper")
@allowed(policy.keeps_volunteers)
def desk_paper() -> ResponseReturnValue:
    """Show the empty form as a sheet to print."""
    options = queries.options()
    return page(
        "registration/desk_paper.html",
        options=options,
        id_number_wanted=settings.get("id_number"),
        weekdays=[words.slot_words(day * rules.PARTS).split()[0] for day in range(rules.WEEKDAYS)],
        consents=[
            CONSENT_LABELS[kind]
            for kind in ConsentKind
            if kind not in SEALED_KINDS
            if kind != ConsentKind.ID_NUMBER or settings.get("id_number") != "off"
        ],
        back_href=url_for("registration.desk_index"),
    )
