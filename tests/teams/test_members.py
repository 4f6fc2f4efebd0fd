"""Who is in a team and who leads it: every step, and the role that follows from leading."""

import pytest
from sqlalchemy import select

from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.people import queries as people
from portal.people import queries_teams as queries
from portal.people.models_teams import MemberState, TeamMember, TeamRole
from portal.records.outbox import OutboxRow
from portal.teams import actions, hooks, members, rules
from tests.teams.given import a_team, does, joined, leads

VERBS = {"ask", "accept", "decline", "leave", "remove"}


@pytest.fixture
def station(make):
    return make.station()


@pytest.fixture
def team(station):
    return a_team(station)


def told():
    rows = db.session.scalars(select(OutboxRow).where(OutboxRow.kind == "notice"))
    return [(row.payload["person_id"], row.payload["kind"]) for row in rows]


def holds(person, station):
    return people.actor_of(person).holds(Role.TEAM_LEADER, station.id)


@pytest.mark.parametrize("state", list(MemberState))
@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_step_is_there_or_refused(make, team, state, verb):
    person = make.person()
    db.session.add(TeamMember(team_id=team.id, person_id=person.id, state=state, at=clock.now()))
    db.session.commit()
    words = ("太远",) if verb in {"decline", "remove"} else ()
    after = rules.STEPS.get((state, verb), state)
    harmless = {
        ("ask", MemberState.REQUESTED), ("ask", MemberState.MEMBER),
        ("accept", MemberState.MEMBER), ("decline", MemberState.DECLINED),
        ("leave", MemberState.LEFT), ("leave", MemberState.DECLINED),
        ("remove", MemberState.LEFT),
    }  # fmt: skip
    if (state, verb) in rules.STEPS or (verb, state) in harmless:
        does(getattr(members, verb), team, person, *words)
    else:
        with pytest.raises(Refused) as refused:
            does(getattr(members, verb), team, person, *words)
        assert refused.value.codes == ("wrong_state",)
    db.session.expire_all()
    assert queries.member(team.id, person.id).state == after


def test_the_leader_is_asked_else_who_keeps_the_station(make, station, team):
    manager, leader = make.manager(station), make.person()
    first, second = make.person(), make.person()
    does(members.ask, team, first)
    assert told() == [(manager.id, "team_asked")]
    leads(team, leader)
    before = len(told())
    does(members.ask, team, second)
    assert told()[before:] == [(leader.id, "team_asked")]


def test_a_closed_team_takes_nobody(make, team):
    write(actions.close, team.id, actor=SYSTEM, now=clock.now())
    with pytest.raises(Refused) as refused:
        does(members.ask, team, make.person())
    assert refused.value.codes == ("closed",)


def test_a_person_may_be_in_several_teams(make, station):
    person = make.person()
    for team in (a_team(station), a_team(station), a_team(make.station())):
        joined(team, person)
    assert len(queries.of_person(person.id, MemberState.MEMBER)) == 3


# --- leading -------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [TeamRole.LEADER, TeamRole.DEPUTY])
def test_who_leads_has_the_role_at_the_station_and_a_desk(make, station, team, role):
    person = make.person()
    leads(team, person, role)
    assert holds(person, station)
    assert people.actor_of(person).has_desk
    leads(team, person, TeamRole.MEMBER)
    assert not people.actor_of(person).is_staff


def test_there_is_one_leader(make, station, team):
    first, second = make.person(), make.person()
    leads(team, first)
    leads(team, second)
    assert queries.leading_ids(team.id) == {second.id}
    assert queries.member(team.id, first.id).role == TeamRole.MEMBER
    assert not holds(first, station)


def test_the_role_stays_while_another_team_of_the_station_is_led(make, station, team):
    person, other = make.person(), a_team(station)
    leads(team, person)
    leads(other, person)
    does(members.leave, team, person)
    assert holds(person, station)
    does(members.remove, other, person, "搬走了")
    assert not holds(person, station)


def test_leading_here_is_not_leading_there(make, station, team):
    """The role is the same at the station; whose team it is, the row of the member says."""
    person, other = make.person(), a_team(station)
    leads(team, person)
    joined(other, person)
    assert queries.leading_ids(other.id) == frozenset()
    assert [row.id for row in queries.led_by(person.id)] == [team.id]


def test_a_closed_team_is_led_by_nobody(make, station, team):
    person = make.person()
    leads(team, person)
    write(actions.close, team.id, actor=SYSTEM, now=clock.now())
    assert not holds(person, station)
    assert queries.led_by(person.id) == []
    write(actions.reopen, team.id, actor=SYSTEM, now=clock.now())
    assert holds(person, station)


def test_who_is_not_in_the_team_is_not_appointed(make, team):
    person = make.person()
    does(members.ask, team, person)
    with pytest.raises(Refused) as refused:
        does(members.appoint, team, person, TeamRole.LEADER)
    assert refused.value.codes == ("not_member",)


def test_a_leader_without_the_role_is_found_by_the_check(make, team):
    assert hooks.check() == []
    person = make.person()
    joined(team, person)
    queries.member(team.id, person.id).role = TeamRole.LEADER
    db.session.commit()
    (line,) = hooks.check()
    assert f"team {team.id}" in line


def test_the_same_team_made_twice_is_one(station):
    assert a_team(station, "金牌帮帮团").id == a_team(station, "金牌帮帮团").id


def test_the_administrator_gives_no_leaders_role_and_takes_none_that_is_needed(
    make, browser, station, team
):
    person = make.person()
    leads(team, person)
    browser.sign_in(make.holder(Role.ADMINISTRATOR, make.centre()))
    assert 'value="team_leader"' not in browser.get("/admin/roles").text
    query = f"person={person.public_id}&role=team_leader&station={station.public_id}"
    answer = browser.get(f"/admin/roles/revocation?{query}")
    assert answer.status_code == 409
    assert "还带着队伍" in answer.text
