"""Filing a wish on the web."""

from __future__ import annotations

from datetime import datetime

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Actor, current_actor, public
from portal.core.db import write
from portal.core.errors import Invalid
from portal.core.failures import too_many
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.people import queries as people
from portal.records import limits
from portal.wishes import actions, filing
from portal.wishes.actions import Contact, Filing
from portal.wishes.blueprint import bp
from portal.wishes.forms_filing import FilingForm
from portal.wishes.models import Filer, Wish


@bp.route("/wishes/new", methods=["GET", "POST"])
@public
def new() -> ResponseReturnValue:
    """Make a wish, with or without an account; the station calls before anybody reads of it."""
    actor, now = current_actor(), clock.now()
    form = _offered(actor)
    if request.method == "GET":
        return page("wishes/new.html", form=form)
    if not form.validate():
        return invalid("wishes/new.html", form=form)
    wait = limits.seconds_to_wait(limits.WISH_ADDRESS, _address(), now=now)
    if wait:
        return too_many(wait, _("从这里提交的太多了，请过一会儿再试，或者打电话告诉我们。"))
    try:
        row = write(_file_counted, _told(form, actor), _address(), actor=actor, now=now)
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return invalid("wishes/new.html", form=form)
    flash(
        _("收到了。心愿编号是 %(number)s，请记下来。站点会打电话核实。", number=row.number),
        "success",
    )
    return changed(url_for("wishes.track", number=row.number))


def _offered(actor: Actor) -> FilingForm:
    form = filing.offered(FilingForm())
    if request.method == "GET" and actor.person_id:
        person = people.person(actor.person_id)
        form.name.data, form.phone.data = person.name, person.phone
        home = people.home_station(actor.person_id)
        form.station.data = home.public_id if home else ""
    return form


def _told(form: FilingForm, actor: Actor) -> Filing:
    is_own = form.filer.data == Filer.WISHER
    relative = Contact(form.filer_name.data or "", form.filer_phone.data or "")
    return filing.told(
        form,
        filer=Filer(form.filer.data),
        wisher_id=actor.person_id if is_own else None,
        filer_contact=Contact() if is_own else relative,
    )


def _file_counted(given: Filing, address: str, *, actor: Actor, now: datetime) -> Wish:
    limits.count(limits.WISH_ADDRESS, address, now=now)
    return actions.file(given, actor=actor, now=now)


def _address() -> str:
    return request.remote_addr or ""
