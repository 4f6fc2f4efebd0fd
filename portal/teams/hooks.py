"""What others call by name: the index, checks, links."""

from __future__ import annotations

from datetime import datetime

from flask import url_for

from portal.core.db import db, write
from portal.people import queries_teams as members
from portal.people.models_teams import Team
from portal.records import search
from portal.teams import actions, queries

AT_ONCE = 200
_FOR_MEMBERS = {"team_accepted", "team_declined", "team_removed", "team_appointed"}


def due(now: datetime) -> None:
    """Index teams that are in no index, as after an upgrade."""
    for team_id in search.missing("team", queries.unindexed(), AT_ONCE):
        write(actions.index, team_id)


def check() -> list[str]:
    """Return one line for each leader who could not open the desk."""
    return [
        f"team {team_id}: person {person_id} leads it without the role at its station"
        for team_id, person_id in members.leaders_without_role()
    ]


def url_team(id: int, kind: str = "") -> str:  # noqa: A002  the hook's form
    """Return where a notice of this kind leads: the leader's page, or the own teams."""
    if kind in _FOR_MEMBERS:
        return url_for("teams.mine")
    return url_for("teams.desk_show", team=db.session.get_one(Team, id).public_id)
