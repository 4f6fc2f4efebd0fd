"""The administrator's pages: stations, and who holds which role where."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Actor, Role, allowed, current_actor
from portal.core.db import write
from portal.core.errors import Invalid, Reason, Refused
from portal.core.forms import choices
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.org import actions, forms
from portal.org import queries as org
from portal.org.forms import StationForm
from portal.org.models import LEVEL_LABELS, Station, Vocabulary
from portal.people import actions as people_actions
from portal.people import queries as people
from portal.people import queries_teams as teams
from portal.people.forms import RoleForm
from portal.people.models import ROLE_LABELS

bp = Blueprint("admin", __name__)


def administers(actor: Actor) -> bool:
    """Administrators, of whatever part of the tree."""
    return actor.holds(Role.ADMINISTRATOR)


def administers_station(actor: Actor, station: Station) -> bool:
    """Administrators of the station or one above it."""
    return actor.holds(Role.ADMINISTRATOR, station.id)


def _own() -> frozenset[int]:
    return current_actor().stations(Role.ADMINISTRATOR)


# --- stations ------------------------------------------------------------------------------------


@bp.get("/admin")
@allowed(administers)
def index() -> ResponseReturnValue:
    """The station tree, each with the way to change it and to add one below."""
    rows = [row for row in org.all_stations() if row.id in _own()]
    return page("site/admin.html", rows=rows)


@bp.route("/admin/stations/<station>/below", methods=["GET", "POST"])
@allowed(administers_station, station=org.station_by_id)
def add_station(station: Station) -> ResponseReturnValue:
    """Add a station below this one."""
    form = _with_choices(StationForm())
    values: dict[str, Any] = {"form": form, "above": station, "station": None}
    if request.method == "GET":
        return page("site/admin_station.html", **values)
    if not form.validate():
        return invalid("site/admin_station.html", **values)
    actor, now = current_actor(), clock.now()
    try:
        row = write(actions.create_station, station.id, _details(form), actor=actor, now=now)
    except Invalid as error:
        form.add_error(error.field, error.message)
        return invalid("site/admin_station.html", **values)
    flash(_("加好了：%(name)s", name=row.name), "success")
    return changed(url_for("admin.index"))


@bp.route("/admin/stations/<station>", methods=["GET", "POST"])
@allowed(administers_station, station=org.station_by_id)
def change_station(station: Station) -> ResponseReturnValue:
    """Change what a station is made of; its place in the tree stays."""
    form = _with_choices(StationForm(), station)
    values: dict[str, Any] = {"form": form, "above": None, "station": station}
    if request.method == "GET":
        _fill_in(form, station)
        return page("site/admin_station.html", **values)
    form.level.data = station.level
    if not form.validate():
        return invalid("site/admin_station.html", **values)
    write(
        actions.change_station,
        station.id,
        _details(form),
        actor=current_actor(),
        now=clock.now(),
    )
    flash(_("已保存。"), "success")
    return changed(url_for("admin.index"))


def _with_choices(form: StationForm, row: Station | None = None) -> StationForm:
    form.level.choices = choices(LEVEL_LABELS.items())
    kept = [row.point_type.code] if row and row.point_type else []
    types = [(one.code, one.label) for one in org.terms(Vocabulary.POINT_TYPE, *kept)]
    form.point_type.choices = choices([("", _("不是点")), *types])
    return form


def _fill_in(form: StationForm, row: Station) -> None:
    for name in ("name", "level", "community", "address", "directions", "phone", "summary"):
        form[name].data = getattr(row, name)
    form.population.data = row.population
    form.point_type.data = row.point_type.code if row.point_type else ""
    hours = org.opening_hours(row.id)
    for weekday, field in enumerate(form.days()):
        field.data = forms.spans_text([one for one in hours if one.weekday == weekday])


def _details(form: StationForm) -> actions.StationDetails:
    names = ("name", "level", "community", "address", "directions", "phone", "summary")
    texts: dict[str, Any] = {name: form[name].data or "" for name in names}
    point_type = org.term(Vocabulary.POINT_TYPE, form.point_type.data or "")
    return actions.StationDetails(
        point_type_id=point_type.id if point_type else None,
        population=form.population.data or 0,
        hours=form.hours(),
        **texts,
    )


# --- roles ---------------------------------------------------------------------------------------


@bp.route("/admin/roles", methods=["GET", "POST"])
@allowed(administers)
def roles() -> ResponseReturnValue:
    """List who holds which role where, and grant one to somebody with an account."""
    form = RoleForm()
    # A leader's role follows from leading a team (decision 017).
    given = ((role, label) for role, label in ROLE_LABELS.items() if role != Role.TEAM_LEADER)
    form.role.choices = choices(given)
    own = [row for row in org.all_stations() if row.id in _own()]
    form.station.choices = choices([(row.public_id, row.name) for row in own])
    values: dict[str, Any] = {"form": form, "labels": ROLE_LABELS}
    if request.method == "GET":
        return page("site/admin_roles.html", grants=people.live_grants(_own()), **values)
    account = people.account_by_phone(str(form.phone.data)) if form.validate() else None
    if account is None and not form.errors:
        form.add_error("phone", _("这个手机号还没有账号。请对方先注册。"))
    station = org.station_by_id(form.station.data or "")
    if account is None or station is None:
        return invalid("site/admin_roles.html", grants=people.live_grants(_own()), **values)
    write(
        people_actions.grant_role,
        account.person_id,
        Role(form.role.data),
        station.id,
        actor=current_actor(),
        now=clock.now(),
    )
    flash(_("已授予。对方下次打开页面就有了。"), "success")
    return changed(url_for("admin.roles"))


@bp.route("/admin/roles/revocation", methods=["GET", "POST"])
@allowed(administers)
def revoke() -> ResponseReturnValue:
    """Take a role back, after asking; never the own administration, so that nobody locks up."""
    names = ("person", "role", "station")
    grant = people.live_grant(*(request.values.get(name, "") for name in names))
    if grant is None or grant.station_id not in _own():
        abort(404)
    if grant.person_id == current_actor().person_id and grant.role == Role.ADMINISTRATOR:
        abort(403)
    if grant.role == Role.TEAM_LEADER and teams.leads_at(grant.person_id, grant.station_id):
        message = _("他还带着队伍。请先在队伍里改他的职务，角色就收回了。")
        raise Refused(Reason("leads_team", message, _("看队伍"), "/desk/teams"))
    if request.method == "GET":
        label = ROLE_LABELS[Role(grant.role)]
        return page("site/admin_revoke.html", grant=grant, label=label)
    write(people_actions.revoke_role, grant.id, actor=current_actor(), now=clock.now())
    flash(_("已收回，马上生效。"), "success")
    return changed(url_for("admin.roles"))
