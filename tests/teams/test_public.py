"""The public list, a team's page, asking to join, the own teams."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.ref import Ref
from portal.hours import actions as hours
from portal.hours.models import Source
from portal.org.models import Level, Vocabulary
from portal.org.queries import term
from portal.people import consents, queries_teams
from portal.people.models_consents import Channel, ConsentKind
from portal.people.models_teams import MemberState
from portal.records import search
from portal.teams import actions, hooks, members, queries
from tests.support.queries import count_queries
from tests.teams.given import a_team, does, joined, leads


@pytest.fixture
def station(make):
    return make.station()


def credited(person, station, minutes, *, at, source):
    given = hours.Credit(
        person_id=person.id, shift_id=None, station_id=station.id,
        kind_id=term(Vocabulary.ACTIVITY_KIND, "care").id, starts_at=at,
        ends_at=at + timedelta(minutes=minutes), minutes=minutes, source=Source.WISH,
        source_ref=Ref("wish_help", source), rule={},
    )  # fmt: skip
    return write(hours.credit, given, actor=SYSTEM, now=clock.now())


def test_the_list_is_narrowed_by_subtree_kind_and_words(make, browser):
    street = make.station("东湾街道实践所", level=Level.INSTITUTE)
    below, other = make.station(parent=street), make.station()
    a_team(below, "小红帽义工队", kind="red_armband")
    a_team(other, "金牌帮帮团", kind="service")

    def found(query=""):
        page = browser.get(f"/teams?{query}").text
        return {name for name in ("小红帽义工队", "金牌帮帮团") if name in page}

    assert found() == {"小红帽义工队", "金牌帮帮团"}
    assert found(f"station={street.public_id}") == {"小红帽义工队"}
    assert found("kind=service") == {"金牌帮帮团"}
    assert found("q=红帽") == {"小红帽义工队"}
    assert found("q=没有这样的") == set()
    assert found("station=unknown&kind=unknown") == {"小红帽义工队", "金牌帮帮团"}
    assert "没有这个站点" in browser.get("/teams?station=unknown").text


def test_an_empty_list_says_so(browser, app):
    assert "还没有登记队伍" in browser.get("/teams").text


def test_visitors_get_the_same_bytes_without_a_cookie(make, browser, station):
    team = a_team(station)
    for path in ("/teams", f"/teams/{team.public_id}"):
        answer = browser.get(path)
        assert "Set-Cookie" not in answer.headers
        etag = answer.headers["ETag"]
        assert browser.get(path, headers={"If-None-Match": etag}).status_code == 304


def test_the_leader_is_named_masked_and_only_with_consent(make, browser, station):
    team, leader = a_team(station), make.person("欧阳小兰")
    leads(team, leader)
    page = browser.get(f"/teams/{team.public_id}").text
    assert "欧" not in page
    write(consents.give, leader.id, ConsentKind.PUBLICATION, Channel.WEB, actor=SYSTEM,
          now=clock.now())  # fmt: skip
    page = browser.get(f"/teams/{team.public_id}").text
    assert "欧*" in page
    assert "欧阳" not in page


def test_hours_are_those_of_the_present_members_since_they_joined(make, station):
    team, now = a_team(station), clock.now()
    joined_at = now - timedelta(days=10)
    persons = [make.person() for _ in range(3)]
    joined(team, *persons, now=joined_at)
    credited(persons[0], station, 60, at=now - timedelta(days=3), source=1)
    credited(persons[0], station, 90, at=now - timedelta(days=30), source=2)
    taken_back = credited(persons[1], station, 45, at=now - timedelta(days=2), source=3)
    credited(make.person(), station, 30, at=now - timedelta(days=2), source=4)
    assert queries.minutes(team.id) == 105
    write(hours.reverse, taken_back.id, actor=SYSTEM, now=now)
    assert queries.minutes(team.id) == 60
    does(members.leave, team, persons[0])
    assert queries.minutes(team.id) == 0


def test_hours_of_very_few_people_are_not_public(make, browser, station):
    team = a_team(station)
    joined(team, make.person(), make.person())
    assert "服务时长" not in browser.get(f"/teams/{team.public_id}").text
    joined(team, make.person())
    assert "服务时长" in browser.get(f"/teams/{team.public_id}").text


def test_somebody_asks_and_withdraws(make, browser, station):
    team, person = a_team(station), make.person()
    page = browser.get(f"/teams/{team.public_id}").text
    assert f"/login?next=/teams/{team.public_id}" in page
    browser.sign_in(person)
    assert browser.post(f"/teams/{team.public_id}/requests").status_code == 303
    assert "等队长答复" in browser.get(f"/teams/{team.public_id}").text
    assert team.name in browser.get("/me/teams").text
    leaving = f"/me/teams/{team.public_id}/leaving"
    assert "撤回入队申请" in browser.get(leaving).text
    assert browser.post(leaving).status_code == 303
    assert queries_teams.member(team.id, person.id).state == MemberState.LEFT
    assert browser.post(leaving).status_code == 404


def test_why_somebody_was_declined_is_read_by_them_alone(make, browser, station):
    team, person = a_team(station), make.person()
    does(members.ask, team, person)
    does(members.decline, team, person, "名额满了，明年再来")
    browser.sign_in(person)
    assert "名额满了，明年再来" in browser.get("/me/teams").text
    browser.sign_in(make.person())
    assert "名额满了" not in browser.get("/me/teams").text


def test_a_closed_team_is_shown_nowhere(make, browser, station):
    team = a_team(station, "金牌帮帮团")
    write(actions.close, team.id, actor=SYSTEM, now=clock.now())
    assert browser.get(f"/teams/{team.public_id}").status_code == 404
    assert "金牌帮帮团" not in browser.get("/teams").text
    assert "金牌帮帮团" not in browser.get("/search?q=金牌").text
    browser.sign_in(make.person())
    assert browser.post(f"/teams/{team.public_id}/requests").status_code == 404


def test_the_search_finds_teams_also_those_from_before(make, browser, station):
    team = a_team(station, "金牌帮帮团")
    assert "金牌帮帮团" in browser.get("/search?q=金牌").text
    search.drop(Ref("team", team.id))
    db.session.commit()
    hooks.due(clock.now())
    assert "金牌帮帮团" in browser.get("/search?q=金牌").text


def test_a_long_list_asks_no_more(make, browser, station):
    def cost(path):
        db.session.expire_all()  # what this test still remembers is asked for as well
        with count_queries() as seen:
            browser.get(path)
        return len(seen)

    person = make.person()
    browser.sign_in(person)
    first = a_team(station)
    joined(first, person, make.person(), make.person())
    paths = ("/teams", "/me/teams", f"/teams/{first.public_id}")
    before = [cost(path) for path in paths]
    for _ in range(29):
        team = a_team(make.station())
        joined(team, person, make.person())
        joined(first, make.person())
    assert [cost(path) for path in paths] == before
