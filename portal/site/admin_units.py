"""The administrator's pages of civilized units: the list, each unit, who answers for it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Actor, Role, allowed, current_actor
from portal.core.db import write
from portal.core.errors import Invalid, Refused
from portal.core.i18n import gettext as _
from portal.core.tables import page_number
from portal.core.web import changed, invalid, page
from portal.org import actions_units as actions
from portal.org import queries as org
from portal.org import queries_units as queries
from portal.org import rules_units as rules
from portal.org.actions_units import UnitDetails
from portal.org.forms_units import LiaisonForm, UnitForm, UnitListForm
from portal.org.models_units import UNIT_KIND_LABELS, CivilizedUnit, UnitKind
from portal.people import queries as people
from portal.people import units

bp = Blueprint("admin_units", __name__)


def administers(actor: Actor) -> bool:
    """Administrators, of whatever part of the tree."""
    return actor.holds(Role.ADMINISTRATOR)


def administers_unit(actor: Actor, unit: CivilizedUnit) -> bool:
    """Administrators of where the unit lies; of the whole tree when that is not known."""
    place = unit.station_id if unit.station_id is not None else queries.centre_id()
    return place is not None and actor.holds(Role.ADMINISTRATOR, place)


_one = allowed(administers_unit, unit=queries.unit_by_id)


def _own() -> frozenset[int]:
    return current_actor().stations(Role.ADMINISTRATOR)


def _has_all() -> bool:
    return queries.centre_id() in _own()


@bp.get("/admin/units")
@allowed(administers)
def index() -> ResponseReturnValue:
    """List the units, twenty a page, by place, kind and words."""
    asked = {name: request.args.get(name, "") for name in ("station", "kind", "q", "closed")}
    within = org.station_by_id(asked["station"]) if asked["station"] else None
    found = queries.listed(
        queries.UnitFilter(
            station_ids=None if _has_all() else _own(),
            within_id=within.id if within else None,
            kind=UnitKind(asked["kind"]) if asked["kind"] in set(UnitKind) else None,
            words=asked["q"].strip()[:40],
            closed=asked["closed"] == "1",
        ),
        page_number(),
    )
    ids = [row.id for row in found.rows]
    speakers: dict[int, list[str]] = {}
    for one in units.liaisons_of(ids):
        speakers.setdefault(one.unit_id, []).append(one.person.name)
    return page(
        "site/admin_units.html",
        found=found,
        asked=asked,
        speakers=speakers,
        communities=queries.paired_communities(ids),
        kinds=UNIT_KIND_LABELS,
        places=queries.places(_own()),
        chosen=sum(bool(asked[name]) for name in ("station", "kind", "closed")),
    )


@bp.route("/admin/units/new", methods=["GET", "POST"])
@allowed(administers)
def new() -> ResponseReturnValue:
    """Add a unit."""
    form = _offered(UnitForm())
    values: dict[str, Any] = {"form": form, "unit": None}
    if request.method == "GET":
        return page("site/admin_unit.html", **values)
    if not form.validate():
        return invalid("site/admin_unit.html", **values)
    try:
        row = write(actions.create_unit, _details(form), actor=current_actor(), now=clock.now())
    except Invalid as error:
        form.add_error(error.field, error.message)
        return invalid("site/admin_unit.html", **values)
    flash(_("加好了：%(name)s。下一步可以指定联络员。", name=row.name), "success")
    return changed(url_for("admin_units.liaisons", unit=row.public_id))


@bp.route("/admin/units/<unit>", methods=["GET", "POST"])
@_one
def change(unit: CivilizedUnit) -> ResponseReturnValue:
    """Change what a unit is made of."""
    form = _offered(UnitForm())
    values: dict[str, Any] = {"form": form, "unit": unit}
    if request.method == "GET":
        for name in ("name", "kind", "address", "phone"):
            form[name].data = getattr(unit, name)
        form.station.data = unit.station.public_id if unit.station else ""
        form.seen.data = queries.as_seen(unit)
        return page("site/admin_unit.html", **values)
    if not form.validate():
        return invalid("site/admin_unit.html", **values)
    actor, now = current_actor(), clock.now()
    try:
        write(actions.change_unit, unit.id, _details(form), actor=actor, now=now)
    except Invalid as error:
        form.add_error(error.field, error.message)
        return invalid("site/admin_unit.html", **values)
    except Refused as refused:
        # As they typed it, to be sent over what is there now.
        form.seen.data = queries.as_seen(unit)
        return page("site/admin_unit.html", status=409, reasons=refused.reasons, **values)
    flash(_("已保存。"), "success")
    return changed(url_for("admin_units.index"))


def _offered(form: UnitForm) -> UnitForm:
    form.offer(queries.places(_own()), may_be_nowhere=_has_all())
    return form


def _details(form: UnitForm) -> UnitDetails:
    place = org.station_by_id(form.station.data) if form.station.data else None
    return UnitDetails(
        name=str(form.name.data),
        kind=UnitKind(form.kind.data),
        station_id=place.id if place else None,
        address=str(form.address.data or ""),
        phone=str(form.phone.data or ""),
        seen=str(form.seen.data or ""),
    )


@bp.route("/admin/units/<unit>/closing", methods=["GET", "POST"])
@_one
def close(unit: CivilizedUnit) -> ResponseReturnValue:
    """Close a unit, after asking."""
    if request.method == "GET":
        return page("site/admin_unit_closing.html", unit=unit)
    write(units.close, unit.id, actor=current_actor(), now=clock.now())
    flash(_("已停用，不再出现在选单里。"), "success")
    return changed(url_for("admin_units.index"))


@bp.post("/admin/units/<unit>/reopening")
@_one
def reopen(unit: CivilizedUnit) -> ResponseReturnValue:
    """Take a closing back."""
    write(actions.reopen_unit, unit.id, actor=current_actor(), now=clock.now())
    flash(_("已恢复。联络员要重新指定。"), "success")
    return changed(url_for("admin_units.change", unit=unit.public_id))


# --- who answers for it --------------------------------------------------------------------------


@bp.route("/admin/units/<unit>/liaisons", methods=["GET", "POST"])
@_one
def liaisons(unit: CivilizedUnit) -> ResponseReturnValue:
    """List who answers for the unit, and appoint somebody with an account."""
    form = LiaisonForm()
    if request.method == "GET":
        return _liaisons(unit, form)
    if unit.closed_at is not None:
        abort(404)
    if not form.validate():
        return _liaisons(unit, form, status=422)
    account = people.account_by_phone(str(form.phone.data))
    if account is None or account.disabled_at is not None:
        form.add_error("phone", _("这个手机号还没有账号。请对方先注册。"))
        return _liaisons(unit, form, status=422)
    actor, now = current_actor(), clock.now()
    write(units.appoint, unit.id, account.person_id, actor=actor, now=now)
    flash(_("已指定。对方在“我的”里能看到这个单位。"), "success")
    return changed(url_for("admin_units.liaisons", unit=unit.public_id))


def _liaisons(unit: CivilizedUnit, form: LiaisonForm, status: int = 200) -> Response:
    rows = units.liaisons_of([unit.id])
    return page("site/admin_liaisons.html", status=status, unit=unit, form=form, rows=rows)


@bp.route("/admin/units/<unit>/liaisons/dismissal", methods=["GET", "POST"])
@_one
def dismiss(unit: CivilizedUnit) -> ResponseReturnValue:
    """End that somebody answers for the unit, after asking."""
    asked = request.values.get("person", "")
    rows = units.liaisons_of([unit.id])
    person = next((one.person for one in rows if one.person.public_id == asked), None)
    if person is None:
        abort(404)
    if request.method == "GET":
        return page("site/admin_dismissal.html", unit=unit, person=person)
    write(units.dismiss, unit.id, person.id, actor=current_actor(), now=clock.now())
    flash(_("已撤下，马上生效。"), "success")
    return changed(url_for("admin_units.liaisons", unit=unit.public_id))


# --- a list of them ------------------------------------------------------------------------------


@bp.route("/admin/units/import", methods=["GET", "POST"])
@allowed(administers)
def take_list() -> ResponseReturnValue:
    """Check a pasted list line by line; take it in when asked to and nothing is wrong."""
    form = UnitListForm()
    values: dict[str, Any] = {"form": form, "lines": [], "most": rules.LONGEST_LIST}
    if request.method == "GET":
        return page("site/admin_unit_list.html", **values)
    form.take_file()
    if not form.validate():
        return invalid("site/admin_unit_list.html", **values)
    lines = rules.read_list(str(form.text.data), queries.known(_own()))
    if not lines or len(lines) > rules.LONGEST_LIST:
        form.add_error("text", _("一次 1 到 %(n)d 行", n=rules.LONGEST_LIST))
        return invalid("site/admin_unit_list.html", **values)
    if not _has_all():
        lines = [rules.must_have_place(line) for line in lines]
    values |= _counted(lines)
    if "take" not in request.form or values["faulty"]:
        status = 422 if values["faulty"] else 200
        return page("site/admin_unit_list.html", status=status, **values)
    count = write(actions.import_units, lines, actor=current_actor(), now=clock.now())
    flash(_("导入了 %(n)d 个单位。", n=count), "success")
    return changed(url_for("admin_units.index"))


def _counted(lines: list[rules.UnitLine]) -> dict[str, Any]:
    states = [line.state for line in lines]
    return {
        "lines": lines,
        "kinds": UNIT_KIND_LABELS,
        **{state.value: states.count(state) for state in rules.LineState},
    }
