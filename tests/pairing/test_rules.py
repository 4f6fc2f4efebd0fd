from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.errors import Refused
from portal.core.steps import next_state
from portal.pairing import rules
from portal.pairing.models import ItemState, JointState, ProjectState, Side
from portal.pairing.rules import Candidate, Nearness, Spot

P, J = ProjectState, JointState
TODAY = date(2026, 11, 28)

PROJECTS = {
    (P.PROPOSED, "agree"): P.PLANNED,
    (P.PLANNED, "start"): P.UNDER_WAY,
    (P.PLANNED, "finish"): P.DONE,
    (P.UNDER_WAY, "finish"): P.DONE,
    (P.PROPOSED, "give_up"): P.GIVEN_UP,
    (P.PLANNED, "give_up"): P.GIVEN_UP,
    (P.UNDER_WAY, "give_up"): P.GIVEN_UP,
}
JOINTS = {
    (J.ASKED, "link"): J.LINKED,
    (J.DECLINED, "link"): J.LINKED,
    (J.DECLINED, "ask"): J.ASKED,
    (J.ASKED, "decline"): J.DECLINED,
    (J.LINKED, "decline"): J.DECLINED,
}


@pytest.mark.parametrize(
    ("table", "states", "verbs", "allowed"),
    [
        (rules.PROJECT_STEPS, P, ("agree", "start", "finish", "give_up"), PROJECTS),
        (rules.JOINT_STEPS, J, ("ask", "link", "decline"), JOINTS),
    ],
)
def test_the_whole_table(table, states, verbs, allowed):
    for state, verb in product(states, verbs):
        if (state, verb) in allowed:
            assert next_state(table, state, verb) == allowed[state, verb]
        else:
            with pytest.raises(Refused):
                next_state(table, state, verb)


@pytest.mark.parametrize(
    ("side", "need", "resource", "state"),
    [
        (Side.COMMUNITY, True, True, P.PLANNED),
        (Side.COMMUNITY, False, True, P.PLANNED),
        (Side.COMMUNITY, True, False, P.PROPOSED),
        (Side.COMMUNITY, False, False, P.PROPOSED),
        (Side.UNIT, True, True, P.PLANNED),
        (Side.UNIT, True, False, P.PLANNED),
        (Side.UNIT, False, True, P.PROPOSED),
        (Side.UNIT, False, False, P.PROPOSED),
    ],
)
def test_who_wrote_it_has_agreed(side, need, resource, state):
    assert rules.first_state(side, has_need=need, has_resource=resource) == state


@pytest.mark.parametrize(
    ("is_withdrawn", "project", "state"),
    [
        (False, None, ItemState.OPEN),
        (True, None, ItemState.WITHDRAWN),
        (False, P.PROPOSED, ItemState.MATCHED),
        (False, P.PLANNED, ItemState.MATCHED),
        (False, P.UNDER_WAY, ItemState.MATCHED),
        (False, P.DONE, ItemState.DONE),
        (False, P.GIVEN_UP, ItemState.OPEN),
        (True, P.GIVEN_UP, ItemState.WITHDRAWN),
    ],
)
def test_where_an_item_stands(is_withdrawn, project, state):
    assert rules.item_state(is_withdrawn=is_withdrawn, project=project) == state


def test_only_what_was_agreed_to_is_late_and_only_after_its_day():
    yesterday = TODAY - timedelta(days=1)
    late = {state for state in P if rules.is_overdue(state, yesterday, TODAY)}
    assert late == {P.PLANNED, P.UNDER_WAY}
    assert not rules.is_overdue(P.PLANNED, TODAY, TODAY)


# --- near and convenient -----------------------------------------------------------------------------

HERE = Spot(community_id=1, street_id=10)


@pytest.mark.parametrize(
    ("spot", "expected"),
    [
        (Spot(1, 10), Nearness.SAME_COMMUNITY),
        (Spot(2, 10), Nearness.SAME_STREET),
        (Spot(None, 10), Nearness.SAME_STREET),
        (Spot(3, 11), Nearness.ELSEWHERE),
        (Spot(None, 11), Nearness.ELSEWHERE),
        (Spot(), Nearness.NOT_SAID),
    ],
)
def test_how_near(spot, expected):
    assert rules.nearness(HERE, spot) == expected
    assert rules.nearness(spot, HERE) == expected


def test_two_in_no_community_of_one_street_are_not_in_the_same_community():
    assert rules.nearness(Spot(None, 10), Spot(None, 10)) == Nearness.SAME_STREET


def test_a_community_right_below_the_centre_is_near_to_itself():
    assert rules.nearness(Spot(1, None), Spot(1, None)) == Nearness.SAME_COMMUNITY
    assert rules.nearness(Spot(1, None), Spot(2, None)) == Nearness.ELSEWHERE


def test_the_nearest_come_first_then_those_with_fewest_pairings():
    far, busy, near, street = (
        Candidate("far", "远", Spot(3, 11), 0),
        Candidate("busy", "忙", Spot(1, 10), 4),
        Candidate("near", "近", Spot(1, 10), 1),
        Candidate("street", "街", Spot(2, 10), 0),
    )
    nowhere = Candidate("nowhere", "不知", Spot(), 0)
    found = rules.ranked(HERE, [nowhere, far, busy, near, street])
    assert [one.candidate.id for one in found] == ["near", "busy", "street", "far", "nowhere"]
    assert [one.nearness for one in found] == [0, 0, 1, 2, 3]


SPOTS = st.builds(
    Spot, st.one_of(st.none(), st.integers(1, 4)), st.one_of(st.none(), st.integers(10, 12))
)
CANDIDATES = st.lists(
    st.builds(Candidate, st.uuids().map(str), st.text(max_size=4), SPOTS, st.integers(0, 9))
)


@given(to=SPOTS, candidates=CANDIDATES)
def test_nobody_is_lost_and_no_farther_one_goes_before(to, candidates):
    found = rules.ranked(to, candidates)
    assert sorted(one.candidate.id for one in found) == sorted(one.id for one in candidates)
    keys = [(one.nearness, one.candidate.pairings) for one in found]
    assert keys == sorted(keys)
    assert rules.ranked(to, reversed(candidates)) == found or len(
        {(one.nearness, one.candidate.pairings, one.candidate.name) for one in found}
    ) < len(found)
