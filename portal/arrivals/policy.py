"""Who may type, release, confirm and admit what came on other ways than a scan."""

from __future__ import annotations

from portal.arrivals.models_walk_ins import WalkIn
from portal.core.access import Actor, Role
from portal.shifts.models import Offering, OfferingType, Shift
from portal.signups.policy import keeps_roster_at, may_keep_roster

LOOKS = (Role.STATION_MANAGER, Role.CAMPAIGN_OFFICER, Role.ADMINISTRATOR)


def leads(actor: Actor, shift: Shift) -> bool:
    """Who leads what the shift belongs to."""
    return actor.is_signed_in and actor.person_id == shift.offering.leader_id


def may_type(actor: Actor, shift: Shift) -> bool:
    """Who keeps the roster, and the leader."""
    return may_keep_roster(actor, shift) or leads(actor, shift)


def may_see_paper(actor: Actor, shift: Shift) -> bool:
    """Who may type, and campaign officers, who may release."""
    return may_type(actor, shift) or actor.holds(Role.CAMPAIGN_OFFICER, shift.station_id)


def sees_sheets(actor: Actor) -> bool:
    """Who looks after the sheets of some station; a leader finds the list empty, and not closed."""
    return actor.holds_any(*LOOKS, Role.TEAM_LEADER)


def may_confirm(actor: Actor, shift: Shift) -> bool:
    """Who keeps the roster, and the leader: they see who is there."""
    return may_type(actor, shift)


def may_claim(actor: Actor, post: Offering) -> bool:
    """Whoever is signed in; whether they hold a place there, the rules of a scan say."""
    return actor.is_signed_in


def may_settle(actor: Actor, shift: Shift, walk_in: WalkIn) -> bool:
    """Who keeps the roster of the shift that somebody walked into."""
    return walk_in.shift_id == shift.id and may_keep_roster(actor, shift)


def may_print_claim_poster(actor: Actor, offering: Offering) -> bool:
    """Who keeps the rosters of a post's station; other offerings have boards and no such poster."""
    return offering.type == OfferingType.SERVICE_POST and keeps_roster_at(
        actor, offering.station_id
    )
