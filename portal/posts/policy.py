"""Who may do what with posts, their rota and their logs."""

from __future__ import annotations

from typing import NamedTuple

from portal.core.access import Actor, Role
from portal.posts.models import Absence, ServicePost, StandingPlace
from portal.shifts.models import OfferingState, Shift
from portal.signups.models_cover import CoverRequest

VISIBLE = (OfferingState.PUBLISHED, OfferingState.CALLED_OFF)
PLANS = (Role.STATION_MANAGER, Role.ADMINISTRATOR)


class LogOf(NamedTuple):
    """A shift of a post, and who may write its log besides staff: its leader, who was on duty."""

    shift: Shift
    leader_id: int | None
    on_duty: frozenset[int]


def keeps_posts(actor: Actor) -> bool:
    """Who plans at some station."""
    return actor.holds_any(*PLANS)


def sees_posts(actor: Actor) -> bool:
    """Who plans at some station, or reviews."""
    return actor.holds_any(*PLANS, Role.CAMPAIGN_OFFICER)


def reads_coverage(actor: Actor) -> bool:
    """The office, and whoever keeps posts."""
    return actor.is_office or keeps_posts(actor)


def may_plan(actor: Actor, post: ServicePost) -> bool:
    """Managers of the post's station (or above), and administrators."""
    return actor.holds_any(*PLANS, at=post.station_id)


def may_see_at_desk(actor: Actor, post: ServicePost) -> bool:
    """Who plans it, or reviews it."""
    return may_plan(actor, post) or actor.holds(Role.CAMPAIGN_OFFICER, post.station_id)


def may_review(actor: Actor, post: ServicePost) -> bool:
    """Managers of an ancestor station and campaign officers, never the author."""
    if actor.person_id == post.created_by_id:
        return False
    if actor.holds(Role.CAMPAIGN_OFFICER, post.station_id):
        return True
    # Who holds a role anywhere above holds it at the parent: grants are spread over the subtree.
    parent_id = post.station.parent_id
    return parent_id is not None and actor.holds(Role.STATION_MANAGER, parent_id)


def may_read(actor: Actor, post: ServicePost) -> bool:
    """Everybody once it is published; before that only its desk."""
    return post.state in VISIBLE or may_see_at_desk(actor, post)


def may_end(actor: Actor, post: ServicePost, standing: StandingPlace) -> bool:
    """Who plans the post that the standing place belongs to."""
    return standing.slot.post_id == post.id and may_plan(actor, post)


def may_log(actor: Actor, shift: LogOf) -> bool:
    """Who leads the post, who was on duty, and who keeps the station."""
    own = actor.is_signed_in and actor.person_id in {shift.leader_id, *shift.on_duty}
    return own or actor.holds_any(*PLANS, at=shift.shift.station_id)


def is_own_absence(actor: Actor, absence: Absence) -> bool:
    """The volunteer who is away."""
    return actor.person_id == absence.person_id


def may_take_back(actor: Actor, cover_request: CoverRequest) -> bool:
    """Who asked, or who keeps the roster of the shift."""
    return actor.person_id == cover_request.person_id or actor.holds_any(
        *PLANS, at=cover_request.shift.station_id
    )


def may_answer(actor: Actor, cover_request: CoverRequest) -> bool:
    """Whoever is signed in; whether they may take the place, the rules of signing up say."""
    return actor.is_signed_in
