"""Who leads a team answers requests and gives members their place in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Refused
from portal.core.forms import choices
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.people import queries as people
from portal.people import queries_teams
from portal.people.models_teams import TEAM_ROLE_LABELS, MemberState, TeamMember, TeamRole
from portal.teams import members, policy, queries
from portal.teams.blueprint import bp
from portal.teams.forms import ReasonForm, RoleForm
from portal.teams.policy import Kept

_one = allowed(policy.may_run, team=queries.kept_by_id)


@bp.post("/desk/teams/<team>/members/<person>/acceptance")
@_one
def accept(team: Kept, person: str) -> ResponseReturnValue:
    """Let somebody in who asked."""
    row = _row(team, person, MemberState.REQUESTED, MemberState.MEMBER)
    return _done(members.accept, row, _("%(name)s 入队了。", name=row.person.name))


@bp.route("/desk/teams/<team>/members/<person>/refusal", methods=["GET", "POST"])
@_one
def decline(team: Kept, person: str) -> ResponseReturnValue:
    """Say no to who asked, with the reason."""
    row = _row(team, person, MemberState.REQUESTED)
    form = ReasonForm()
    values: dict[str, Any] = {"form": form, "team": team.team, "member": row, "asks": True}
    if request.method == "GET":
        return page("teams/desk_ending.html", **values)
    if not form.validate():
        return invalid("teams/desk_ending.html", **values)
    return _done(members.decline, row, _("已经答复。"), str(form.reason.data))


@bp.route("/desk/teams/<team>/members/<person>/removal", methods=["GET", "POST"])
@_one
def remove(team: Kept, person: str) -> ResponseReturnValue:
    """Take somebody out of the team, with the reason."""
    row = _row(team, person, MemberState.MEMBER)
    form = ReasonForm()
    values: dict[str, Any] = {"form": form, "team": team.team, "member": row, "asks": False}
    if row.role == TeamRole.LEADER and not policy.may_keep(current_actor(), team):
        abort(404)
    if request.method == "GET":
        return page("teams/desk_ending.html", **values)
    if not form.validate():
        return invalid("teams/desk_ending.html", **values)
    return _done(members.remove, row, _("已经移出队伍。"), str(form.reason.data))


@bp.route("/desk/teams/<team>/members/<person>", methods=["GET", "POST"])
@_one
def desk_member(team: Kept, person: str) -> ResponseReturnValue:
    """Give a member a role. A leader appoints deputies; only the station appoints the leader."""
    row = _row(team, person, MemberState.MEMBER)
    form = RoleForm()
    keeps = policy.may_keep(current_actor(), team)
    if row.role == TeamRole.LEADER and not keeps:
        abort(404)
    offered = [role for role in TeamRole if keeps or role != TeamRole.LEADER]
    form.role.choices = choices((role.value, TEAM_ROLE_LABELS[role]) for role in offered)
    values: dict[str, Any] = {"form": form, "team": team.team, "member": row}
    if request.method == "GET":
        form.role.data = row.role
        return page("teams/desk_member.html", **values)
    if not form.validate():
        return invalid("teams/desk_member.html", **values)
    try:
        return _done(
            members.appoint, row, _("已经改好，本人会收到通知。"), TeamRole(form.role.data)
        )
    except Refused as refused:
        return page("teams/desk_member.html", status=409, reasons=refused.reasons, **values)


# --- parts ---------------------------------------------------------------------------------------


def _row(team: Kept, public_id: str, *states: MemberState) -> TeamMember:
    person = people.person_by_id(public_id)
    row = queries_teams.member(team.team.id, person.id) if person else None
    if row is None or row.state not in states:
        abort(404)
    return row


def _done(
    action: Callable[..., object], row: TeamMember, said: str, *words: Any
) -> ResponseReturnValue:
    team_id, address = row.team_id, url_for("teams.desk_show", team=row.team.public_id)
    write(action, team_id, row.person_id, *words, actor=current_actor(), now=clock.now())
    flash(said, "success")
    actor, team = current_actor(), queries.kept_by_id(address.rsplit("/", 1)[1])
    may_see = team is not None and policy.may_run(actor, team)
    return changed(address if may_see else url_for("teams.mine"))
