"""Who may do what with feedback."""

from __future__ import annotations

from portal.core.access import Actor, Role
from portal.feedback.models import Feedback

OFFICE_ROLES = (Role.CAMPAIGN_OFFICER, Role.ADMINISTRATOR)
ROLES = (Role.STATION_MANAGER, *OFFICE_ROLES)


def keeps_feedback(actor: Actor) -> bool:
    """Managers of some station, campaign officers and administrators."""
    return actor.holds_any(*ROLES)


def may_see(actor: Actor, feedback: Feedback) -> bool:
    """Who keeps the feedback of the station where it lies, or of one above."""
    return actor.holds_any(*ROLES, at=feedback.station_id)


def may_answer(actor: Actor, feedback: Feedback) -> bool:
    """The office always; managers what lies with them, unless it is about their own staff.

    A complaint about staff is answered above the station it is about.
    """
    if actor.holds_any(*OFFICE_ROLES, at=feedback.station_id):
        return True
    if feedback.with_office:
        return False
    manages = actor.holds(Role.STATION_MANAGER, at=feedback.station_id)
    return manages and (not feedback.about_staff or _stands_above(actor, feedback))


def _stands_above(actor: Actor, feedback: Feedback) -> bool:
    above = feedback.about_station.parent_id if feedback.about_station else None
    return above is not None and actor.holds(Role.STATION_MANAGER, at=above)


def is_own(actor: Actor, feedback: Feedback) -> bool:
    """Who filed it, under this record or the one it was merged into."""
    person = feedback.person
    return person is not None and actor.person_id in {person.id, person.merged_into_id}
