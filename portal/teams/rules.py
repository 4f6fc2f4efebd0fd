"""Pure decisions about teams: the steps of a membership."""

from __future__ import annotations

from portal.people.models_teams import MemberState

# Who has no row yet asks for the first time.
ASK = "ask"

STEPS: dict[tuple[MemberState, str], MemberState] = {
    (MemberState.REQUESTED, "accept"): MemberState.MEMBER,
    (MemberState.REQUESTED, "decline"): MemberState.DECLINED,
    (MemberState.REQUESTED, "leave"): MemberState.LEFT,
    (MemberState.MEMBER, "leave"): MemberState.LEFT,
    (MemberState.MEMBER, "remove"): MemberState.LEFT,
    (MemberState.DECLINED, ASK): MemberState.REQUESTED,
    (MemberState.LEFT, ASK): MemberState.REQUESTED,
}

# Of fewer people's hours one could tell who gave them.
FEWEST_FOR_HOURS = 3
