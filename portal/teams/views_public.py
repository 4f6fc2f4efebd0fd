"""The public list of teams, a team's page, and asking to join."""

from __future__ import annotations

from datetime import datetime

from flask import Response, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.activities import cards, listing
from portal.activities.queries import Filter as Shifts
from portal.core import clock
from portal.core.access import Actor, allowed, current_actor, public
from portal.core.copies import cached
from portal.core.db import write
from portal.core.failures import too_many
from portal.core.i18n import gettext as _
from portal.core.security import within
from portal.core.tables import page_number
from portal.core.web import changed, page
from portal.honours import shown as honours
from portal.honours.models import Honoured
from portal.org import queries as org
from portal.people import queries_teams as members_of
from portal.people.models_teams import MEMBER_STATE_LABELS, MemberState, Team
from portal.records import limits
from portal.teams import asking, members, queries
from portal.teams.blueprint import bp
from portal.teams.rules import FEWEST_FOR_HOURS

SEARCHES_A_SECOND = 20
COMING = 10


@bp.get("/teams")
@public
def index() -> ResponseReturnValue:
    """The teams of the district, twenty a page."""
    if request.args.get("q") and not within("search", SEARCHES_A_SECOND):
        abort(429)
    return cached(_index)


def _index() -> Response:
    asked = asking.read(request.args)
    return page(
        "teams/index.html",
        asked=asked,
        found=queries.listed(asked.filter, page_number()),
        stations=org.station_choices(),
        kinds=queries.kind_choices(),
    )


@bp.get("/teams/<team>")
@public
def show(team: str) -> ResponseReturnValue:
    """What a team is, what it has given, when it is out next."""
    return cached(lambda: _show(team))


def _show(public_id: str) -> Response:
    team = queries.open_team(public_id) or abort(404)
    now, count = clock.now(), queries.count_members(team.id)
    coming = listing.listed(Shifts(team_id=team.id), now, limit=COMING)
    own = members_of.member(team.id, current_actor().person_id or 0)
    state = MemberState(own.state) if own else None
    return page(
        "teams/show.html",
        team=team,
        leader=queries.public_leader(team.id),
        members=count,
        minutes=queries.minutes(team.id) if count >= FEWEST_FOR_HOURS else None,
        projects=queries.projects_of(team.id),
        honours=honours.of(Honoured.TEAM, team.id),
        cards=cards.ready(coming, now),
        state=state,
        state_words=MEMBER_STATE_LABELS[state] if state else "",
        may_ask=state not in {MemberState.REQUESTED, MemberState.MEMBER},
    )


def _anybody(actor: Actor, team: Team) -> bool:  # noqa: ARG001  a clause's form
    return True


@bp.post("/teams/<team>/requests")
@allowed(_anybody, team=queries.open_team)
def ask(team: Team) -> ResponseReturnValue:
    """Ask to join."""
    actor, now = current_actor(), clock.now()
    wait = limits.seconds_to_wait(limits.TEAM_ASK_PERSON, str(actor.person_id), now=now)
    if wait:
        return too_many(wait)
    write(_ask_counted, team.id, actor.person_id or 0, actor=actor, now=now)
    flash(_("已经告诉队长，答复会通知您。"), "success")
    return changed(url_for("teams.show", team=team.public_id))


def _ask_counted(team_id: int, person_id: int, *, actor: Actor, now: datetime) -> None:
    """Ask, and count it: each time the leader is told."""
    limits.count(limits.TEAM_ASK_PERSON, str(person_id), now=now)
    members.ask(team_id, person_id, actor=actor, now=now)
