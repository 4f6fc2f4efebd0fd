"""Clauses: who may. Membership lies behind the branch, not behind the station tree."""

from __future__ import annotations

from dataclasses import dataclass

from portal.core.access import Actor, Role
from portal.membership.models import CommunityTie, MembershipImport, MembershipRequest
from portal.org.models_party import PartyBranch
from portal.people.models_party import PartyMember


@dataclass(frozen=True, slots=True)
class Kept:
    """A branch, with the ids of who keeps it (or one above) and of the branches from it down."""

    row: PartyBranch
    keepers: frozenset[int]
    branch_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Arranged:
    """A branch with the station it lies at, itself or by one above; None: at no place."""

    row: PartyBranch
    station_id: int | None


def keeps(actor: Actor, branch: Kept) -> bool:
    """Secretaries of the branch or of one above it."""
    return actor.person_id in branch.keepers


def keeps_request(actor: Actor, branch: Kept, asked: MembershipRequest) -> bool:
    """The same, for what was asked of the branch or of one below."""
    return keeps(actor, branch) and asked.branch_id in branch.branch_ids


def keeps_member(actor: Actor, branch: Kept, member: PartyMember) -> bool:
    """The same, for a member of the branch or of one below."""
    return keeps(actor, branch) and member.branch_id in branch.branch_ids


def keeps_upload(actor: Actor, branch: Kept, upload: MembershipImport) -> bool:
    """Who uploaded it, for this branch, and keeps it still."""
    is_own = upload.uploaded_by_id == actor.person_id and upload.branch_id == branch.row.id
    return is_own and keeps(actor, branch)


def arranges_branches(actor: Actor) -> bool:
    """Administrators: they make branches and name secretaries, and see no member."""
    return actor.holds(Role.ADMINISTRATOR)


def arranges(actor: Actor, branch: Arranged) -> bool:
    """Administrators of the station at which the branch lies."""
    return actor.holds(Role.ADMINISTRATOR, branch.station_id)


def welcomes(actor: Actor) -> bool:
    """Managers of some station: they welcome who reports to its community."""
    return actor.holds(Role.STATION_MANAGER)


def welcomes_helper(actor: Actor, helper: CommunityTie) -> bool:
    """The manager of the community, for who agreed to be shown and reports there still."""
    is_there = helper.shown and helper.ended_on is None
    return is_there and actor.holds(Role.STATION_MANAGER, helper.station_id)
