"""The desk's pages of teams: the list, one team, new, change, close."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.forms import choices
from portal.core.i18n import gettext as _
from portal.core.tables import page_number
from portal.core.web import changed, invalid, page
from portal.org import queries as org
from portal.org.models import Station, Vocabulary
from portal.people import queries_teams
from portal.people.models_teams import TEAM_ROLE_LABELS, MemberState
from portal.teams import actions, policy, queries, roll
from portal.teams.actions import Details
from portal.teams.blueprint import bp
from portal.teams.forms import NewTeamForm, ReasonForm, TeamForm
from portal.teams.policy import Kept

_one = allowed(policy.may_run, team=queries.kept_by_id)
_kept = allowed(policy.may_keep, team=queries.kept_by_id)


@bp.get("/desk/teams")
@allowed(policy.has_teams)
def desk_index() -> ResponseReturnValue:
    """List the teams one keeps (closed ones apart), and those one leads."""
    actor = current_actor()
    gone = request.args.get("gone") == "1"
    stations = actor.stations(*policy.KEEPERS)
    found = queries.listed(queries.Filter(stations, closed=gone), page_number())
    chips = [
        {"text": _("在用"), "href": url_for("teams.desk_index"), "current": not gone},
        {"text": _("已解散"), "href": url_for("teams.desk_index", gone=1), "current": gone},
    ]
    return page(
        "teams/desk_index.html",
        keeps=policy.keeps_teams(actor),
        found=found,
        led=queries.led_by(actor.person_id or 0),
        chips=chips,
    )


@bp.route("/desk/teams/new", methods=["GET", "POST"])
@allowed(policy.keeps_teams)
def desk_new() -> ResponseReturnValue:
    """Create a team at one of the own stations."""
    form = NewTeamForm()
    own = _own_stations()
    form.station.choices = choices([(row.public_id, row.name) for row in own])
    _offer_kinds(form)
    if request.method == "GET":
        return page("teams/desk_form.html", form=form, team=None)
    if not form.validate():
        return invalid("teams/desk_form.html", form=form, team=None)
    station = next(row for row in own if row.public_id == form.station.data)
    actor, now = current_actor(), clock.now()
    row = write(actions.create, station.id, _details(form), actor=actor, now=now)
    flash(_("队伍建好了。有人申请后，请任命队长。"), "success")
    return changed(url_for("teams.desk_show", team=row.public_id))


@bp.get("/desk/teams/<team>")
@_one
def desk_show(team: Kept) -> ResponseReturnValue:
    """Who is in the team, who asks, what the team can take."""
    return page("teams/desk_show.html", **_shown(team))


@bp.post("/desk/teams/<team>/reveal")
@_one
def desk_reveal(team: Kept) -> ResponseReturnValue:
    """Show the members' phones; each is written down."""
    write(roll.reveal, team.team.id, actor=current_actor(), now=clock.now())
    return page("teams/desk_show.html", **{**_shown(team), "revealed": True})


def _shown(team: Kept) -> dict[str, Any]:
    return {
        "team": team.team,
        "members": queries_teams.rows_of(team.team.id, MemberState.MEMBER),
        "requests": queries_teams.rows_of(team.team.id, MemberState.REQUESTED),
        "roles": TEAM_ROLE_LABELS,
        "revealed": False,
        "may_keep": policy.may_keep(current_actor(), team),
        "form": ReasonForm(formdata=None),
    }


@bp.get("/desk/teams/<team>/print")
@_one
def desk_print(team: Kept) -> ResponseReturnValue:
    """Show the roll to print: names, roles and room to sign, phones masked."""
    rows = queries_teams.rows_of(team.team.id, MemberState.MEMBER)
    back = url_for("teams.desk_show", team=team.team.public_id)
    return page(
        "teams/print.html", team=team.team, members=rows, roles=TEAM_ROLE_LABELS, back_href=back
    )


@bp.route("/desk/teams/<team>/edit", methods=["GET", "POST"])
@_kept
def desk_edit(team: Kept) -> ResponseReturnValue:
    """Change what a team says of itself; its station stays."""
    row = team.team
    form = TeamForm()
    _offer_kinds(form, row.kind.code if row.kind else "")
    if request.method == "GET":
        for name in ("name", "brand", "slogan", "summary"):
            form[name].data = getattr(row, name)
        form.kind.data = row.kind.code if row.kind else ""
        return page("teams/desk_form.html", form=form, team=row)
    if not form.validate():
        return invalid("teams/desk_form.html", form=form, team=row)
    write(actions.change, row.id, _details(form), actor=current_actor(), now=clock.now())
    flash(_("已保存。"), "success")
    return changed(url_for("teams.desk_show", team=row.public_id))


@bp.route("/desk/teams/<team>/closing", methods=["GET", "POST"])
@_kept
def desk_close(team: Kept) -> ResponseReturnValue:
    """Ask first, then close the team."""
    if request.method == "GET":
        return page("teams/desk_close.html", team=team.team)
    write(actions.close, team.team.id, actor=current_actor(), now=clock.now())
    flash(_("队伍已经解散，记录都保留。"), "success")
    return changed(url_for("teams.desk_index"))


@bp.post("/desk/teams/<team>/reopening")
@_kept
def desk_reopen(team: Kept) -> ResponseReturnValue:
    """Open a closed team again."""
    row = write(actions.reopen, team.team.id, actor=current_actor(), now=clock.now())
    flash(_("队伍已经恢复。"), "success")
    return changed(url_for("teams.desk_show", team=row.public_id))


# --- parts ---------------------------------------------------------------------------------------


def _own_stations() -> list[Station]:
    station_ids = current_actor().stations(*policy.KEEPERS)
    return [row for row in org.all_stations() if row.id in station_ids]


def _offer_kinds(form: TeamForm, kept: str = "") -> None:
    kinds = org.terms(Vocabulary.TEAM_KIND, kept)
    form.kind.choices = choices([(row.code, row.label) for row in kinds])


def _details(form: TeamForm) -> Details:
    kind = org.term(Vocabulary.TEAM_KIND, form.kind.data)
    if kind is None:
        abort(422)
    return Details(
        name=str(form.name.data),
        kind_id=kind.id,
        brand=form.brand.data or "",
        slogan=form.slogan.data or "",
        summary=form.summary.data or "",
    )
