"""Who may do what with teams."""

from __future__ import annotations

from dataclasses import dataclass

from portal.core.access import Actor, Role
from portal.people.models_teams import Team

KEEPERS = (Role.STATION_MANAGER, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Kept:
    """A team, and the records of who leads it or stands in."""

    team: Team
    leading: frozenset[int]


def keeps_teams(actor: Actor) -> bool:
    """Managers of some station, and administrators."""
    return actor.holds_any(*KEEPERS)


def has_teams(actor: Actor) -> bool:
    """Who keeps teams, and who leads one."""
    return keeps_teams(actor) or actor.holds(Role.TEAM_LEADER)


def may_keep(actor: Actor, team: Kept) -> bool:
    """Managers of the team's station (or above), and administrators."""
    return actor.holds_any(*KEEPERS, at=team.team.station_id)


def leads(actor: Actor, team: Kept) -> bool:
    """Leader and deputies of this very team, while it is open."""
    return actor.person_id in team.leading and team.team.closed_at is None


def may_run(actor: Actor, team: Kept) -> bool:
    """Who leads the team, and who keeps it."""
    return leads(actor, team) or may_keep(actor, team)
