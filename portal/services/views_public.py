"""The public menu, a service with its order form, and filing an order."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from flask import Response, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, ids
from portal.core.access import Actor, current_actor, public, public_with
from portal.core.copies import cached
from portal.core.db import write
from portal.core.errors import Invalid
from portal.core.failures import too_many
from portal.core.i18n import gettext as _
from portal.core.security import within
from portal.core.tables import page_number
from portal.core.web import changed, invalid, page
from portal.org import queries as org
from portal.people import queries as people
from portal.records import limits
from portal.services import actions, asking, contact, queries_menu, rules, words
from portal.services.actions import Asker, NewOrder
from portal.services.blueprint import bp
from portal.services.forms import OrderForm
from portal.services.models import Service
from portal.services.models_orders import DayPart, Order, OrderWay

SEARCHES_A_SECOND = 20
_KEY = re.compile(r"[2-9a-hjkmnp-z]{20}")


@bp.get("/services")
@public
def menu() -> ResponseReturnValue:
    """The menu of all stations, twenty a page."""
    if request.args.get("q") and not within("search", SEARCHES_A_SECOND):
        abort(429)
    return cached(_menu)


def _menu() -> Response:
    asked = asking.read(request.args)
    found = queries_menu.listed(asked.filter, page_number(), clock.today())
    return page(
        "services/menu.html",
        asked=asked,
        found=found,
        cards=[words.card(row) for row in found.rows],
        stations=org.station_choices(),
        categories=queries_menu.category_choices(),
    )


@bp.get("/services/<service>")
@public_with(service=queries_menu.service_by_id)
def show(service: Service) -> ResponseReturnValue:
    """One service: what it is, for whom, what to bring, and the form that orders it."""
    form = _form(service, current_actor())
    return page("services/show.html", **_values(service, form))


def _values(row: Service, form: OrderForm | None) -> dict[str, Any]:
    return {
        "service": row,
        "place": words.place(row),
        "takes": words.takes(row),
        "provider": words.provider(row),
        "form": form,
    }


def _form(row: Service, actor: Actor) -> OrderForm | None:
    """Return the form, filled in with what is known of who is signed in; none when not in use."""
    if not rules.may_be_ordered(row.in_use_from, row.in_use_until, row.closed_at, clock.today()):
        return None
    form = OrderForm(key=ids.code(20))
    form.fit(row)
    if request.method == "GET" and actor.person_id:
        person = people.person(actor.person_id)
        form.name.data, form.phone.data = person.name, person.phone
    return form


@bp.post("/services/<service>/order")
@public_with(service=queries_menu.service_by_id)
def order(service: Service) -> ResponseReturnValue:
    """Order it, with or without an account; the station looks at it before anybody comes."""
    actor, now = current_actor(), clock.now()
    form = _form(service, actor)
    if form is None:
        flash(_("这项服务现在不能点。可以看看别的服务，或者打电话问站点。"), "warning")
        return changed(url_for("services.show", service=service.public_id))
    if not form.validate():
        return invalid("services/show.html", **_values(service, form))
    wait = limits.seconds_to_wait(limits.ORDER_ADDRESS, _address(), now=now)
    if wait:
        return too_many(wait, _("从这里提交的太多了，请过一会儿再试，或者打电话告诉我们。"))
    given = told(form, service, asker_id=actor.person_id)
    try:
        row = write(_file_counted, given, _address(), actor=actor, now=now)
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return invalid("services/show.html", **_values(service, form))
    flash(_("点好了，站点会尽快看，再派人来办。"), "success")
    if actor.person_id is not None:
        return changed(url_for("services.my_show", order=row.public_id))
    return changed(url_for("services.followed", token=contact.followed(row)))


def told(
    form: OrderForm, service: Service, *, way: OrderWay = OrderWay.WEB, asker_id: int | None = None
) -> NewOrder:
    """Return what a valid form says."""
    key = str(form.key.data or "")
    return NewOrder(
        service_id=service.id,
        form_key=key if _KEY.fullmatch(key) else ids.code(20),
        asker=Asker(form.name.data, form.phone.data or "", form.home_address, form.note.data or ""),
        at_home=form.at_home,
        wished_on=form.wished_on.data,
        day_part=DayPart(form.day_part.data),
        way=way,
        asker_id=asker_id,
    )


def _file_counted(given: NewOrder, address: str, *, actor: Actor, now: datetime) -> Order:
    limits.count(limits.ORDER_ADDRESS, address, now=now)
    return actions.file(given, actor=actor, now=now)


def _address() -> str:
    return request.remote_addr or ""
