"""The desk's pages of teams: who sees which, requests, roles, phones, closing."""

import pytest
from sqlalchemy import select

from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.people import queries_teams
from portal.people.models_teams import MemberState, Team, TeamRole
from portal.records.audit import AuditEntry
from portal.teams import actions, members
from tests.support.queries import count_queries
from tests.teams.given import a_team, does, joined, leads


@pytest.fixture
def station(make):
    return make.station()


@pytest.fixture
def team(station):
    return a_team(station, "金牌帮帮团")


@pytest.fixture
def leader(make, team):
    person = make.person()
    leads(team, person)
    return person


def base(team):
    return f"/desk/teams/{team.public_id}"


def who_is(name, make, station, team):
    def leading(other, role=TeamRole.LEADER):
        person = make.person()
        leads(other, person, role)
        return person

    return {
        "resident": make.person,
        "leader": lambda: leading(team),
        "deputy": lambda: leading(team, TeamRole.DEPUTY),
        "leader_of_another_here": lambda: leading(a_team(station)),
        "manager": lambda: make.manager(station),
        "manager_above": lambda: make.manager(make.centre()),
        "manager_elsewhere": lambda: make.manager(make.station()),
        "officer": lambda: make.holder(Role.CAMPAIGN_OFFICER, make.centre()),
        "administrator": lambda: make.holder(Role.ADMINISTRATOR, make.centre()),
    }[name]()


@pytest.mark.parametrize(
    ("who", "runs", "keeps"),
    [
        ("resident", 403, 403), ("leader", 200, 404), ("deputy", 200, 404),
        ("leader_of_another_here", 404, 404), ("manager", 200, 200), ("manager_above", 200, 200),
        ("manager_elsewhere", 404, 404), ("officer", 404, 404), ("administrator", 200, 200),
    ],
)  # fmt: skip
def test_who_runs_and_who_keeps_a_team(make, browser, team, who, runs, keeps):
    member = make.person()
    joined(team, member)
    browser.sign_in(who_is(who, make, team.station, team))
    of_member = f"{base(team)}/members/{member.public_id}"
    for path in ("", "/print", "/shifts"):
        assert browser.get(base(team) + path).status_code == runs
    for path in ("", "/removal"):
        assert browser.get(of_member + path).status_code == runs
    for path in ("/edit", "/closing"):
        assert browser.get(base(team) + path).status_code == keeps


def test_a_visitor_is_asked_to_sign_in(browser, team):
    assert browser.get(base(team)).status_code == 303


@pytest.mark.parametrize(("who", "status"), [("resident", 403), ("officer", 403), ("leader", 200),
                                             ("manager", 200)])  # fmt: skip
def test_who_has_a_list(make, browser, station, team, who, status):
    browser.sign_in(who_is(who, make, station, team))
    assert browser.get("/desk/teams").status_code == status


def test_the_leader_answers_requests(make, browser, team, leader):
    first, second = make.person("张一"), make.person("张二")
    does(members.ask, team, first)
    does(members.ask, team, second)
    browser.sign_in(leader)
    assert "2 人申请入队" in browser.get("/desk").text
    page = browser.get(base(team)).text
    assert "张一" in page
    of = f"{base(team)}/members/"
    assert browser.post(f"{of}{first.public_id}/acceptance").status_code == 303
    refusal = f"{of}{second.public_id}/refusal"
    assert browser.post(refusal, {"reason": ""}).status_code == 422
    assert browser.post(refusal, {"reason": "人满了"}).status_code == 303
    states = [queries_teams.member(team.id, one.id).state for one in (first, second)]
    assert states == [MemberState.MEMBER, MemberState.DECLINED]
    assert browser.post(f"{of}{second.public_id}/acceptance").status_code == 404


def test_what_waits_for_a_leader_and_for_who_keeps_a_team_that_nobody_leads(
    make, browser, station, team, leader
):
    lonely = a_team(station)
    does(members.ask, team, make.person())
    does(members.ask, lonely, make.person())
    does(members.ask, a_team(make.station()), make.person())
    for person in (leader, make.manager(station)):
        browser.sign_in(person)
        assert "1 人申请入队" in browser.get("/desk").text
    browser.sign_in(leader)
    page = browser.get("/desk").text
    assert "我带的队伍" in page
    assert "/desk/reviews" not in page


def test_a_leader_appoints_deputies_but_no_leader(make, browser, team, leader):
    person = make.person()
    joined(team, person)
    path = f"{base(team)}/members/{person.public_id}"
    browser.sign_in(leader)
    assert 'value="leader"' not in browser.get(path).text
    assert browser.post(path, {"role": "leader"}).status_code == 422
    assert browser.post(path, {"role": "deputy"}).status_code == 303
    assert queries_teams.leading_ids(team.id) == {leader.id, person.id}


def test_a_deputy_does_not_touch_the_leader(make, browser, team, leader):
    deputy = make.person()
    leads(team, deputy, TeamRole.DEPUTY)
    browser.sign_in(deputy)
    path = f"{base(team)}/members/{leader.public_id}"
    assert browser.post(path, {"role": "member"}).status_code == 404
    assert browser.post(f"{path}/removal", {"reason": "x"}).status_code == 404


def test_the_manager_appoints_the_leader(make, browser, station, team, leader):
    person = make.person()
    joined(team, person)
    browser.sign_in(make.manager(station))
    path = f"{base(team)}/members/{person.public_id}"
    assert browser.post(path, {"role": "leader"}).status_code == 303
    assert queries_teams.leading_ids(team.id) == {person.id}


def test_a_leader_who_steps_down_is_led_away(make, browser, team):
    deputy = make.person()
    leads(team, deputy, TeamRole.DEPUTY)
    browser.sign_in(deputy)
    path = f"{base(team)}/members/{deputy.public_id}"
    assert browser.post(path, {"role": "member"}).location == "/me/teams"
    assert browser.get(base(team)).status_code == 403


def test_phones_are_masked_until_somebody_asks_which_is_logged(make, browser, team, leader):
    person = make.person(phone="13812345678")
    joined(team, person)
    browser.sign_in(leader)
    for path in ("", "/print"):
        page = browser.get(base(team) + path).text
        assert "138****5678" in page
        assert "13812345678" not in page
    assert "13812345678" in browser.post(f"{base(team)}/reveal").text
    query = select(AuditEntry.subject_id, AuditEntry.actor_id).filter_by(verb="person.reveal")
    assert set(db.session.execute(query).tuples()) == {
        (person.id, leader.id), (leader.id, leader.id),
    }  # fmt: skip


def test_a_manager_makes_changes_and_closes_a_team(make, browser, station):
    browser.sign_in(make.manager(station))
    form = {"name": "晨光队", "kind": "youth", "station": station.public_id, "slogan": "早"}
    assert browser.post("/desk/teams/new", {**form, "name": ""}).status_code == 422
    made = browser.post("/desk/teams/new", form)
    team = db.session.scalars(select(Team).filter_by(name="晨光队")).one()
    assert made.location == base(team)
    assert 'value="晨光队"' in browser.get(f"{base(team)}/edit").text
    browser.post(f"{base(team)}/edit", {**form, "name": "晨光志愿队", "kind": "vanguard"})
    db.session.refresh(team)
    assert (team.name, team.kind.code, team.station_id) == ("晨光志愿队", "vanguard", station.id)
    assert "解散 晨光志愿队" in browser.get(f"{base(team)}/closing").text
    browser.post(f"{base(team)}/closing")
    assert "晨光志愿队" not in browser.get("/desk/teams").text
    assert "晨光志愿队" in browser.get("/desk/teams?gone=1").text
    assert browser.post(f"{base(team)}/reopening").status_code == 303
    assert "晨光志愿队" in browser.get("/desk/teams").text


def test_a_team_is_made_at_ones_own_station_only(make, browser, station):
    browser.sign_in(make.manager(station))
    other = make.station()
    form = {"name": "晨光队", "kind": "youth", "station": other.public_id}
    assert browser.post("/desk/teams/new", form).status_code == 422


def test_a_closed_team_is_run_by_no_leader(make, browser, station, team, leader):

    leads(a_team(station), leader)
    write(actions.close, team.id, actor=SYSTEM, now=clock.now())
    browser.sign_in(leader)
    assert browser.get(base(team)).status_code == 404


def test_long_lists_ask_no_more(make, browser, station, team):
    browser.sign_in(make.manager(station))
    joined(team, make.person())
    does(members.ask, team, make.person())

    def cost():
        found = []
        for path in ("/desk/teams", base(team), f"{base(team)}/print"):
            with count_queries() as seen:
                browser.get(path)
            found.append(len(seen))
        return found

    before = cost()
    for _ in range(29):
        a_team(station)
        joined(team, make.person())
        does(members.ask, team, make.person())
    assert cost() == before
