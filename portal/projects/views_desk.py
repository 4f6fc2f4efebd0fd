"""The desk's pages of projects: list, new, change, end."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.forms import choices
from portal.core.i18n import gettext as _
from portal.core.tables import page_number
from portal.core.web import changed, invalid, page
from portal.org import queries as org
from portal.org.models import Station
from portal.people.models_teams import Team
from portal.projects import actions, policy, queries
from portal.projects.actions import Details
from portal.projects.blueprint import bp
from portal.projects.forms import NewProjectForm, ProjectForm
from portal.projects.queries import Filter
from portal.shifts.models_projects import Project

_kept = allowed(policy.may_keep, project=queries.project_by_id)


@bp.get("/desk/projects")
@allowed(policy.keeps_projects)
def desk_index() -> ResponseReturnValue:
    """List the projects of the own stations, and those they take part in; ended ones apart."""
    gone = request.args.get("gone") == "1"
    stations = current_actor().stations(*policy.KEEPERS)
    found = queries.listed(Filter(stations, closed=gone), page_number())
    chips = [
        {"text": _("进行中的"), "href": url_for("projects.desk_index"), "current": not gone},
        {"text": _("已结束的"), "href": url_for("projects.desk_index", gone=1), "current": gone},
    ]
    return page(
        "projects/desk_index.html",
        found=found,
        figures=queries.figures([row.id for row in found.rows], clock.now()),
        kept={row.id for row in found.rows if policy.may_keep(current_actor(), row)},
        chips=chips,
    )


@bp.route("/desk/projects/new", methods=["GET", "POST"])
@allowed(policy.keeps_projects)
def desk_new() -> ResponseReturnValue:
    """Create a project at one of the own stations."""
    form = NewProjectForm()
    stations = _own_stations()
    form.station.choices = choices([(row.public_id, row.name) for row in stations])
    teams = _offer(form, stations, [], [])
    if request.method == "GET":
        return page("projects/desk_form.html", form=form, project=None)
    if not form.validate():
        return invalid("projects/desk_form.html", form=form, project=None)
    station = next(row for row in stations if row.public_id == form.station.data)
    actor, now = current_actor(), clock.now()
    write(actions.create, station.id, _details(form, teams, stations), actor=actor, now=now)
    flash(_("项目建好了。发活动时可以选它。"), "success")
    return changed(url_for("projects.desk_index"))


@bp.route("/desk/projects/<project>", methods=["GET", "POST"])
@_kept
def desk_edit(project: Project) -> ResponseReturnValue:
    """Change a project; its station stays."""
    form = ProjectForm()
    stations, held = _own_stations(), list(queries.stations_of(project.id))
    carried = list(queries.teams_of(project.id))
    teams = _offer(form, stations, carried, held)
    values: dict[str, Any] = {"form": form, "project": project}
    if request.method == "GET":
        form.name.data, form.slogan.data = project.name, project.slogan
        form.summary.data = project.summary
        form.teams.data = [one.public_id for one in carried]
        form.stations.data = [one.public_id for one in held]
        return page("projects/desk_form.html", **values)
    if not form.validate():
        return invalid("projects/desk_form.html", **values)
    details = _details(form, teams, [*stations, *held])
    write(actions.change, project.id, details, actor=current_actor(), now=clock.now())
    flash(_("已保存。"), "success")
    return changed(url_for("projects.desk_index"))


@bp.route("/desk/projects/<project>/closing", methods=["GET", "POST"])
@_kept
def desk_close(project: Project) -> ResponseReturnValue:
    """Ask first, then end the project."""
    if request.method == "GET":
        return page("projects/desk_close.html", project=project)
    write(actions.close, project.id, actor=current_actor(), now=clock.now())
    flash(_("项目已经结束，活动和记录都保留。"), "success")
    return changed(url_for("projects.desk_index"))


@bp.post("/desk/projects/<project>/reopening")
@_kept
def desk_reopen(project: Project) -> ResponseReturnValue:
    """Open an ended project again."""
    write(actions.reopen, project.id, actor=current_actor(), now=clock.now())
    flash(_("项目已经恢复。"), "success")
    return changed(url_for("projects.desk_index"))


# --- parts ---------------------------------------------------------------------------------------


def _own_stations() -> list[Station]:
    station_ids = current_actor().stations(*policy.KEEPERS)
    return [row for row in org.all_stations() if row.id in station_ids]


def _offer(
    form: ProjectForm, stations: list[Station], carried: list[Team], held: list[Station]
) -> list[Team]:
    """Put in what is one's own, and what takes part already; return the teams."""
    own = queries.teams_at(frozenset(row.id for row in stations))
    teams = list({row.id: row for row in [*own, *carried]}.values())
    places = list({row.id: row for row in [*stations, *held]}.values())
    form.teams.choices = choices([(row.public_id, row.name) for row in teams])
    form.stations.choices = choices([(row.public_id, row.name) for row in places])
    return teams


def _details(form: ProjectForm, teams: list[Team], stations: list[Station]) -> Details:
    chosen = {*(form.teams.data or ()), *(form.stations.data or ())}
    return Details(
        name=str(form.name.data),
        slogan=form.slogan.data or "",
        summary=form.summary.data or "",
        team_ids=frozenset(row.id for row in teams if row.public_id in chosen),
        station_ids=frozenset(row.id for row in stations if row.public_id in chosen),
    )
