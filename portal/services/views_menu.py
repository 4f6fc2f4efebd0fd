"""The desk's pages of the menu: list, new, change, take out of use; and the office's categories."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.core.tables import page_number
from portal.core.web import changed, invalid, page
from portal.org import queries as org
from portal.org.models import Station
from portal.people import queries as people
from portal.services import actions_menu, policy, queries_menu, words
from portal.services.actions_menu import Details, Named
from portal.services.blueprint import bp
from portal.services.forms_menu import CategoryForm, ServiceForm
from portal.services.models import Service, ServicePlace

_one = allowed(policy.may_keep_service, service=queries_menu.service_by_id)
_TEAM, _UNIT = "team:", "unit:"


@bp.get("/desk/services")
@allowed(policy.keeps_orders)
def desk_menu() -> ResponseReturnValue:
    """List what the own stations offer; what was taken out of use apart."""
    gone = request.args.get("gone") == "1"
    station_ids = current_actor().stations(*policy.KEEPERS)
    found = queries_menu.at_stations(station_ids, page_number(), gone=gone)
    chips = [
        {"text": _("在用"), "href": url_for("services.desk_menu"), "current": not gone},
        {"text": _("已停用"), "href": url_for("services.desk_menu", gone=1), "current": gone},
    ]
    return page(
        "services/desk_menu.html",
        found=found,
        chips=chips,
        gone=gone,
        places={row.id: words.place(row) for row in found.rows},
        providers={row.id: words.provider(row) for row in found.rows},
    )


@bp.route("/desk/services/new", methods=["GET", "POST"])
@allowed(policy.keeps_orders)
def desk_service_new() -> ResponseReturnValue:
    """Put a service on the menu; with `copy` it begins as a copy of another one."""
    form = _offered(ServiceForm())
    if request.method == "GET":
        copied = queries_menu.service_by_id(request.args.get("copy", ""))
        if copied is not None:
            _fill_in(form, copied)
        form.in_use_from.data = clock.today()
        form.in_use_until.data = None
        return page("services/desk_service.html", form=form, row=None)
    if not form.validate():
        return invalid("services/desk_service.html", form=form, row=None)
    station = next(row for row in _own_stations() if row.public_id == form.station.data)
    try:
        row = write(
            actions_menu.create, station.id, _details(form), actor=current_actor(), now=clock.now()
        )
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return invalid("services/desk_service.html", form=form, row=None)
    flash(_("已经放上服务菜单。"), "success")
    return changed(url_for("services.desk_service", service=row.public_id))


def _own_stations() -> list[Station]:
    station_ids = current_actor().stations(*policy.KEEPERS)
    return [row for row in org.all_stations() if row.id in station_ids]


def _offered(form: ServiceForm) -> ServiceForm:
    stations = [(row.public_id, row.name) for row in _own_stations()]
    teams = [(f"{_TEAM}{one.public_id}", _("队伍：%(name)s", name=one.name))
             for one in people.teams()]  # fmt: skip
    units = [(f"{_UNIT}{one.public_id}", _("单位：%(name)s", name=one.name))
             for one in org.civilized_units()]  # fmt: skip
    form.offer(stations, queries_menu.category_choices(), [*teams, *units])
    return form


def _fill_in(form: ServiceForm, row: Service) -> None:
    form.process(obj=row)
    form.category.data = row.category.code
    form.station.data = row.station.public_id
    form.usual_minutes.data = row.usual_minutes or None
    form.provider.data = ""
    if row.team is not None:
        form.provider.data = f"{_TEAM}{row.team.public_id}"
    elif row.unit is not None:
        form.provider.data = f"{_UNIT}{row.unit.public_id}"


def _details(form: ServiceForm) -> Details:
    category = queries_menu.category(form.category.data)
    if category is None:
        abort(422)
    chosen = form.provider.data or ""
    team = people.team_by_id(chosen.removeprefix(_TEAM)) if chosen.startswith(_TEAM) else None
    unit = None
    if chosen.startswith(_UNIT):
        unit = org.civilized_unit_by_id(chosen.removeprefix(_UNIT))
    return Details(
        category_id=category.id,
        title=form.title.data,
        place=ServicePlace(form.place.data),
        in_use_from=form.in_use_from.data,
        summary=form.summary.data or "",
        for_whom=form.for_whom.data or "",
        bring=form.bring.data or "",
        usual_minutes=form.usual_minutes.data or 0,
        team_id=team.id if team else None,
        unit_id=unit.id if unit else None,
        open_to_claim=bool(form.open_to_claim.data),
        home_visit=bool(form.home_visit.data),
        in_use_until=form.in_use_until.data,
    )


@bp.route("/desk/services/<service>", methods=["GET", "POST"])
@_one
def desk_service(service: Service) -> ResponseReturnValue:
    """Change a service; its station stays."""
    form = _offered(ServiceForm())
    del form.station
    if request.method == "GET":
        filled = _offered(ServiceForm(formdata=None, obj=service))
        _fill_in(filled, service)
        del filled.station
        return page("services/desk_service.html", form=filled, row=service)
    if not form.validate():
        return invalid("services/desk_service.html", form=form, row=service)
    try:
        write(
            actions_menu.change, service.id, _details(form), actor=current_actor(), now=clock.now()
        )
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return invalid("services/desk_service.html", form=form, row=service)
    flash(_("已经改好。"), "success")
    return changed(url_for("services.desk_service", service=service.public_id))


@bp.post("/desk/services/<service>/closing")
@_one
def desk_service_close(service: Service) -> ResponseReturnValue:
    """Take it out of use."""
    write(actions_menu.close, service.id, actor=current_actor(), now=clock.now())
    flash(_("已经停用，不能再点。已经点的照办。"), "success")
    return changed(url_for("services.desk_menu"))


@bp.post("/desk/services/<service>/reopening")
@_one
def desk_service_reopen(service: Service) -> ResponseReturnValue:
    """Put it back on the menu."""
    write(actions_menu.reopen, service.id, actor=current_actor(), now=clock.now())
    flash(_("又可以点了。"), "success")
    return changed(url_for("services.desk_service", service=service.public_id))


# --- categories ----------------------------------------------------------------------------------


@bp.route("/office/service-categories", methods=["GET", "POST"])
@allowed(policy.is_office)
def categories() -> ResponseReturnValue:
    """The category tree: add one; with `edit`, rename one or take it out of use."""
    rows = queries_menu.all_categories()
    edited = queries_menu.category(request.args.get("edit", ""))
    form = CategoryForm() if request.method == "POST" else CategoryForm(formdata=None, obj=edited)
    form.offer([(row.code, row.label) for row in rows if row.parent_id is None and row.active])
    if edited is not None:
        del form.parent
    values: dict[str, Any] = {
        "rows": rows,
        "counts": queries_menu.counts_by_category(),
        "edited": edited,
        "form": form,
    }
    if request.method == "GET":
        return page("services/categories.html", **values)
    if not form.validate():
        return invalid("services/categories.html", **values)
    parent = None if edited else queries_menu.category(form.parent.data or "")
    named = Named(
        form.name_zh.data, form.name_en.data, parent.id if parent else None, bool(form.active.data)
    )
    actor, now = current_actor(), clock.now()
    try:
        if edited is not None:
            write(actions_menu.change_category, edited.id, named, actor=actor, now=now)
        else:
            write(actions_menu.add_category, named, actor=actor, now=now)
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return invalid("services/categories.html", **values)
    flash(_("已经保存。"), "success")
    return changed(url_for("services.categories"))
