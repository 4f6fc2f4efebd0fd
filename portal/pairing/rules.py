"""Pure decisions about pairing: steps, what is agreed, which unit is near, what is late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from portal.core.i18n import lazy_gettext as _l
from portal.pairing.models import LIVE, RUNNING, ItemState, JointState, ProjectState, Side

# What the first steps are recorded as; there is no state before them.
PAIR, PROPOSE, PLAN, ASK, LINK = "pair", "propose", "plan", "ask", "link"

PROJECT_STEPS: dict[tuple[ProjectState, str], ProjectState] = {
    (ProjectState.PROPOSED, "agree"): ProjectState.PLANNED,
    (ProjectState.PLANNED, "start"): ProjectState.UNDER_WAY,
    (ProjectState.PLANNED, "finish"): ProjectState.DONE,
    (ProjectState.UNDER_WAY, "finish"): ProjectState.DONE,
    **{(state, "give_up"): ProjectState.GIVEN_UP for state in LIVE},
}

JOINT_STEPS: dict[tuple[JointState, str], JointState] = {
    (JointState.ASKED, "link"): JointState.LINKED,
    (JointState.DECLINED, "link"): JointState.LINKED,
    (JointState.DECLINED, "ask"): JointState.ASKED,
    (JointState.ASKED, "decline"): JointState.DECLINED,
    (JointState.LINKED, "decline"): JointState.DECLINED,
}


def first_state(side: Side, *, has_need: bool, has_resource: bool) -> ProjectState:
    """Return how a project begins: planned when it takes up what the other side wrote itself.

    Who wrote a need (offered a resource) has agreed to it already; anything else is a proposal.
    """
    agreed = has_resource if side == Side.COMMUNITY else has_need
    return ProjectState.PLANNED if agreed else ProjectState.PROPOSED


def item_state(*, is_withdrawn: bool, project: ProjectState | None) -> ItemState:
    """Return where a need or a resource stands, by the project that takes it up."""
    if project == ProjectState.DONE:
        return ItemState.DONE
    if project in LIVE:
        return ItemState.MATCHED
    return ItemState.WITHDRAWN if is_withdrawn else ItemState.OPEN


def is_overdue(state: ProjectState, planned_on: date, today: date) -> bool:
    """Return whether what both agreed to is not done by its day."""
    return state in RUNNING and planned_on < today


# --- near and convenient (就近就便) ---------------------------------------------------------------


class Nearness(IntEnum):
    """How near a unit lies to a community, the nearest first."""

    SAME_COMMUNITY = 0
    SAME_STREET = 1
    ELSEWHERE = 2
    NOT_SAID = 3


NEARNESS_LABELS = {
    Nearness.SAME_COMMUNITY: _l("就在这个社区"),
    Nearness.SAME_STREET: _l("在同一个街道"),
    Nearness.ELSEWHERE: _l("在别的街道"),
    Nearness.NOT_SAID: _l("没有登记在哪里"),
}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something lies: its community and its street, as far as they are known."""

    community_id: int | None = None
    street_id: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit or a community that might be paired; `pairings`: how many it has now."""

    id: str
    name: str
    spot: Spot
    pairings: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A candidate, and why it stands where it stands."""

    candidate: Candidate
    nearness: Nearness


def nearness(one: Spot, other: Spot) -> Nearness:
    """Return how near the two lie. A community right below the centre has no street."""
    if one == Spot() or other == Spot():
        return Nearness.NOT_SAID
    if one.community_id is not None and one.community_id == other.community_id:
        return Nearness.SAME_COMMUNITY
    same_street = one.street_id is not None and one.street_id == other.street_id
    return Nearness.SAME_STREET if same_street else Nearness.ELSEWHERE


def ranked(to: Spot, candidates: Iterable[Candidate]) -> list[Suggestion]:
    """Return the candidates: same community, same street, then the rest; fewest pairings first."""
    found = [Suggestion(one, nearness(to, one.spot)) for one in candidates]
    return sorted(
        found,
        key=lambda one: (one.nearness, one.candidate.pairings, one.candidate.name),
    )
