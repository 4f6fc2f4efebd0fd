"""Who may do what with projects."""

from __future__ import annotations

from portal.core.access import Actor, Role
from portal.shifts.models_projects import Project

KEEPERS = (Role.STATION_MANAGER, Role.CAMPAIGN_OFFICER, Role.ADMINISTRATOR)


def keeps_projects(actor: Actor) -> bool:
    """Managers of some station, campaign officers, and administrators."""
    return actor.holds_any(*KEEPERS)


def may_keep(actor: Actor, project: Project) -> bool:
    """The same at the project's own station or above."""
    return actor.holds_any(*KEEPERS, at=project.station_id)
