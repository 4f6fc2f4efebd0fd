"""The own teams: where one is in, where one asked, and leaving."""

from __future__ import annotations

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor, signed_in
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.web import changed, page
from portal.people import queries_teams
from portal.people.models_teams import (
    LEADING,
    MEMBER_STATE_LABELS,
    TEAM_ROLE_LABELS,
    MemberState,
    TeamMember,
)
from portal.records import notes
from portal.teams import members, queries
from portal.teams.blueprint import bp

_SHOWN = (MemberState.MEMBER, MemberState.REQUESTED, MemberState.DECLINED, MemberState.LEFT)


@bp.get("/me/teams")
@allowed(signed_in)
def mine() -> ResponseReturnValue:
    """List the own teams: what one is there, or why not."""
    person_id = current_actor().person_id or 0
    rows = queries_teams.of_person(person_id, *_SHOWN)
    told = {note.kind: note.text for note in reversed(notes.of(Ref("person", person_id)))}
    return page(
        "teams/mine.html",
        rows=rows,
        reasons={row.team_id: told.get(members.note_kind(row.team_id), "") for row in rows},
        states=MEMBER_STATE_LABELS,
        roles=TEAM_ROLE_LABELS,
        leading=LEADING,
    )


@bp.route("/me/teams/<team>/leaving", methods=["GET", "POST"])
@allowed(signed_in)
def leave(team: str) -> ResponseReturnValue:
    """Ask first, then leave; the records stay."""
    row = _own(team)
    if request.method == "GET":
        return page("teams/leave.html", team=row.team, is_request=row.state == "requested")
    write(members.leave, row.team_id, row.person_id, actor=current_actor(), now=clock.now())
    flash(_("已经退出。"), "success")
    return changed(url_for("teams.mine"))


def _own(public_id: str) -> TeamMember:
    team = queries.open_team(public_id)
    row = queries_teams.member(team.id, current_actor().person_id or 0) if team else None
    if row is None or row.state not in {MemberState.MEMBER, MemberState.REQUESTED}:
        abort(404)
    return row
