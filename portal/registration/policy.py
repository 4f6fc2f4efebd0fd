"""Who may do what with volunteers."""

from __future__ import annotations

from portal.core.access import Actor, Role
from portal.people.models import Volunteer


def keeps_volunteers(actor: Actor) -> bool:
    """Managers of some station, and administrators."""
    return actor.holds_any(Role.STATION_MANAGER, Role.ADMINISTRATOR)


def may_decide(actor: Actor, volunteer: Volunteer) -> bool:
    """Managers of the home station (or above), and administrators."""
    return may_keep(actor, volunteer.station_id)


def may_keep(actor: Actor, station_id: int | None) -> bool:
    """Whether the actor keeps the volunteers of a station; without one, any manager does."""
    if station_id is None:
        return keeps_volunteers(actor)
    return (
        actor.holds_any(Role.STATION_MANAGER, Role.ADMINISTRATOR, at=station_id) or actor.is_admin
    )
