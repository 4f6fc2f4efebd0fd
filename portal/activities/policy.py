"""Who may do what with activities."""

from __future__ import annotations

from portal.activities.models import Activity
from portal.activities.models_templates import ActivityTemplate
from portal.core.access import Actor, Role
from portal.shifts.models import OfferingState, OfferingType, Shift
from portal.shifts.models_series import Series

VISIBLE = (OfferingState.PUBLISHED, OfferingState.CALLED_OFF)


def keeps_desk(actor: Actor) -> bool:
    """Who plans at some station."""
    return actor.holds_any(Role.STATION_MANAGER, Role.ADMINISTRATOR)


def reviews_somewhere(actor: Actor) -> bool:
    """Who may review at some station."""
    return actor.holds_any(Role.STATION_MANAGER, Role.CAMPAIGN_OFFICER, Role.ADMINISTRATOR)


def may_plan(actor: Actor, activity: Activity) -> bool:
    """Managers of the activity's station (or above), and administrators."""
    return actor.holds_any(Role.STATION_MANAGER, Role.ADMINISTRATOR, at=activity.station_id)


def may_see_at_desk(actor: Actor, activity: Activity) -> bool:
    """Who plans it, or reviews it."""
    return may_plan(actor, activity) or actor.holds(Role.CAMPAIGN_OFFICER, activity.station_id)


def may_review(actor: Actor, activity: Activity) -> bool:
    """Managers of an ancestor station and campaign officers, never the author."""
    if actor.person_id == activity.created_by_id:
        return False
    if actor.holds(Role.CAMPAIGN_OFFICER, activity.station_id):
        return True
    # Who holds a role anywhere above holds it at the parent: grants are spread over the subtree.
    parent_id = activity.station.parent_id
    return parent_id is not None and actor.holds(Role.STATION_MANAGER, parent_id)


def may_read(actor: Actor, activity: Activity) -> bool:
    """Everybody once it is published; before that only its desk."""
    return activity.state in VISIBLE or may_see_at_desk(actor, activity)


def may_keep_shift(actor: Actor, shift: Shift) -> bool:
    """Who plans the shift's activity."""
    return actor.holds_any(Role.STATION_MANAGER, Role.ADMINISTRATOR, at=shift.station_id)


def may_change_template(actor: Actor, template: ActivityTemplate) -> bool:
    """Managers of the template's station (or above); the district's are the administrators'."""
    if template.station_id is None:
        return actor.is_admin
    return actor.holds_any(Role.STATION_MANAGER, Role.ADMINISTRATOR, at=template.station_id)


def may_keep_activity_shift(actor: Actor, shift: Shift) -> bool:
    """The same, of an activity's shift; the duties of a post come out of its grid."""
    return shift.offering.type == OfferingType.ACTIVITY and may_keep_shift(actor, shift)


def may_keep_series(actor: Actor, series: Series) -> bool:
    """Who plans the activity that the series is."""
    station_id = series.offering.station_id
    return actor.holds_any(Role.STATION_MANAGER, Role.ADMINISTRATOR, at=station_id)
