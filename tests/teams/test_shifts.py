"""A team takes a shift: with names, all or nothing, by the same rules; what only teams take."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.people import queries as people
from portal.people.models import VolunteerState
from portal.people.models_teams import TeamRole
from portal.records.outbox import OutboxRow
from portal.shifts.models import OfferingState, PlaceRole
from portal.signups import actions, hooks, queries, queries_teams
from portal.signups import team as team_signups
from portal.teams import members
from tests.support.queries import count_queries
from tests.teams.given import a_team, does, joined, leads


@pytest.fixture
def station(make):
    return make.station()


@pytest.fixture
def team(station):
    return a_team(station)


@pytest.fixture
def leader(make, team):
    person = make.person()
    leads(team, person)
    return person


@pytest.fixture
def helpers(make, station, team):
    persons = [make.volunteer(station, name=name) for name in ("张一", "张二", "张三")]
    joined(team, *persons)
    return persons


@pytest.fixture
def shift(make, station):
    return made(make, station)


def made(make, station, places=3, days=3, **columns):
    start = clock.now().replace(microsecond=0) + timedelta(days=days)
    activity = make.activity(station, **columns)
    return make.shift(activity=activity, starts_at=start, places={"volunteer": places})


def take(shift, team, persons, leader):
    ids = [person.id for person in persons]
    actor = people.actor_of(leader)
    return write(team_signups.sign_up, shift.id, team.id, ids, actor=actor, now=clock.now())


def names(shift):
    return [row.person.name for row in queries.on_shift(shift.id)]


def path(team, shift):
    return f"/desk/teams/{team.public_id}/shifts/{shift.public_id}"


def test_the_team_takes_a_shift_and_everybody_is_told(team, leader, helpers, shift):
    take(shift, team, helpers, leader)
    assert names(shift) == ["张一", "张二", "张三"]
    rows = queries.on_shift(shift.id)
    assert queries_teams.of_team([row.id for row in rows], team.id) == {row.id for row in rows}
    assert {row.actor_id for row in rows} == {leader.id}
    told = [row.payload for row in db.session.scalars(select(OutboxRow)) if row.kind == "notice"]
    told = [one["person_id"] for one in told if one["kind"] == "signed_up_by_team"]
    assert sorted(told) == [person.id for person in helpers]


def test_one_who_cannot_keeps_all_off(make, station, team, leader, helpers, shift):
    paused = make.volunteer(station, name="李停", state=VolunteerState.PAUSED)
    joined(team, paused)
    with pytest.raises(Refused) as refused:
        take(shift, team, [*helpers[:2], paused], leader)
    assert refused.value.codes == ("wrong_state",)
    assert refused.value.message.startswith("李停：")
    assert names(shift) == []


def test_too_few_places_keep_all_off(make, station, team, leader, helpers):
    shift = made(make, station, places=2)
    with pytest.raises(Refused) as refused:
        take(shift, team, helpers, leader)
    assert refused.value.codes == ("not_enough",)
    assert names(shift) == []


@pytest.mark.parametrize("who", ["stranger", "asking", "left"])
def test_only_members_are_signed_up(make, team, leader, helpers, shift, who):
    other = make.volunteer(team.station)
    if who == "asking":
        does(members.ask, team, other)
    if who == "left":
        joined(team, other)
        does(members.leave, team, other)
    with pytest.raises(Refused) as refused:
        take(shift, team, [helpers[0], other], leader)
    assert refused.value.codes == ("not_member",)
    assert names(shift) == []


def test_who_signed_up_alone_stays_so(team, leader, helpers, shift):
    own = people.actor_of(helpers[0])
    row = write(
        actions.sign_up, shift.id, helpers[0].id, PlaceRole.VOLUNTEER, actor=own, now=clock.now()
    )
    take(shift, team, helpers, leader)
    rows = queries.on_shift(shift.id)
    assert rows[0].id == row.id
    assert row.id not in queries_teams.of_team([one.id for one in rows], team.id)
    assert hooks.check() == []


# --- what only teams take ------------------------------------------------------------------------


def test_what_only_teams_take_is_taken_by_nobody_alone(make, browser, station, helpers):
    shift = made(make, station, team_only=True)
    browser.sign_in(helpers[0])
    assert "由队伍集体报名" in browser.get(f"/activities/{shift.offering.public_id}").text
    answer = browser.post(f"/shifts/{shift.public_id}/signup", {"role": "volunteer"})
    assert answer.status_code == 409
    assert "请找队长替您报" in answer.text
    assert names(shift) == []


def test_but_by_a_team_and_by_who_keeps_the_roster(make, browser, station, team, leader, helpers):
    shift = made(make, station, team_only=True)
    take(shift, team, helpers[:2], leader)
    browser.sign_in(make.manager(station))
    fields = {"role": "volunteer", "person": helpers[2].public_id}
    assert browser.post(f"/shifts/{shift.public_id}/signup", fields).status_code == 303
    assert names(shift) == ["张一", "张二", "张三"]


def test_seats_of_it_are_for_everybody(make, station):
    activity = make.activity(station, team_only=True)
    shift = make.shift(activity=activity, places={"attendee": 2, "volunteer": 2})
    person = make.person()
    row = write(
        actions.sign_up, shift.id, person.id, PlaceRole.ATTENDEE,
        actor=people.actor_of(person), now=clock.now(),
    )  # fmt: skip
    assert row.state == "confirmed"


def test_who_has_a_place_offered_still_accepts_it(make, station, helpers):
    shift = made(make, station, places=1)
    for person in helpers[:2]:
        actor = people.actor_of(person)
        write(actions.sign_up, shift.id, person.id, PlaceRole.VOLUNTEER, actor=actor,
              now=clock.now())  # fmt: skip
    shift.offering.team_only = True
    db.session.commit()
    first, second = queries.on_shift(shift.id)
    write(actions.withdraw, first.id, "", actor=SYSTEM, now=clock.now())
    row = write(actions.accept, second.id, actor=people.actor_of(helpers[1]), now=clock.now())
    assert row.state == "confirmed"


# --- pages ---------------------------------------------------------------------------------------


def test_a_leader_fills_a_shift_on_the_page(browser, team, leader, helpers, shift):
    browser.sign_in(leader)
    assert shift.offering.title in browser.get(f"/desk/teams/{team.public_id}/shifts").text
    page = browser.get(path(team, shift)).text
    assert "张一" in page
    ids = [person.public_id for person in helpers[:2]]
    assert browser.post(path(team, shift), {"members": ids}).status_code == 303
    assert names(shift) == ["张一", "张二"]
    page = browser.get(path(team, shift)).text
    assert f'value="{ids[0]}"' not in page
    assert "取消 张一 的报名" in page


def test_nobody_ticked_is_said(browser, team, leader, helpers, shift):
    browser.sign_in(leader)
    answer = browser.post(path(team, shift), {})
    assert answer.status_code == 422
    assert "请勾选要报名的队员" in answer.text


def test_a_refusal_keeps_what_was_ticked(make, browser, station, team, leader, helpers):
    shift = made(make, station, places=1)
    browser.sign_in(leader)
    ids = [person.public_id for person in helpers[:2]]
    answer = browser.post(path(team, shift), {"members": ids})
    assert answer.status_code == 409
    assert "只剩 1 个名额" in answer.text
    assert answer.text.count(" checked") == 2


def test_a_strangers_id_is_not_usable(make, browser, team, leader, helpers, shift):
    browser.sign_in(leader)
    other = make.volunteer(team.station)
    answer = browser.post(path(team, shift), {"members": [other.public_id]})
    assert answer.status_code == 422
    assert names(shift) == []


def test_a_leader_takes_back_whom_the_team_sent_and_nobody_else(
    make, browser, team, leader, helpers, shift
):
    take(shift, team, helpers[:1], leader)
    own = people.actor_of(helpers[1])
    alone = write(
        actions.sign_up, shift.id, helpers[1].id, PlaceRole.VOLUNTEER, actor=own, now=clock.now()
    )
    browser.sign_in(leader)
    sent = queries.live(shift.id, helpers[0].id)
    to = f"{path(team, shift)}/signups/"
    assert browser.post(f"{to}{alone.public_id}/withdrawal").status_code == 404
    assert browser.post(f"{to}{sent.public_id}/withdrawal").status_code == 303
    assert names(shift) == ["张二"]


@pytest.mark.parametrize("who", ["deputy", "member", "leader_of_another"])
def test_who_may_send_a_team(make, browser, team, helpers, shift, who):
    person = make.person()
    if who == "leader_of_another":
        leads(a_team(team.station), person)
    else:
        joined(team, person)
    if who == "deputy":
        leads(team, person, TeamRole.DEPUTY)
    browser.sign_in(person)
    answer = browser.post(path(team, shift), {"members": [helpers[0].public_id]})
    assert answer.status_code == {"deputy": 303, "member": 403, "leader_of_another": 404}[who]
    assert names(shift) == (["张一"] if who == "deputy" else [])


def test_a_draft_is_taken_by_no_team(make, browser, station, team, leader):
    shift = made(make, station, state=OfferingState.DRAFT)
    browser.sign_in(leader)
    assert browser.get(path(team, shift)).status_code == 404


def test_the_teams_page_and_calendar_show_what_it_takes(
    make, browser, team, leader, helpers, shift
):
    other = made(make, team.station)
    take(shift, team, helpers, leader)
    page = browser.get(f"/teams/{team.public_id}").text
    feed = browser.get(f"/cal/teams/{team.public_id}.ics").text
    for shown in (page, feed):
        assert shift.public_id in shown or shift.offering.title in shown
        assert other.offering.title not in shown
    assert "张一" not in page + feed
    assert browser.get("/cal/teams/zzzzzzzzzz.ics").status_code == 404


def test_the_roster_names_the_team(make, browser, team, leader, helpers, shift):
    take(shift, team, helpers, leader)
    browser.sign_in(make.manager(team.station))
    assert browser.get(f"/desk/shifts/{shift.public_id}").text.count(team.name) == 3


def test_pages_of_a_large_team_ask_no_more(make, browser, team, leader, helpers, shift):
    browser.sign_in(leader)
    take(shift, team, helpers[:1], leader)

    def cost():
        found = []
        for one in (f"/desk/teams/{team.public_id}/shifts", path(team, shift)):
            with count_queries() as seen:
                browser.get(one)
            found.append(len(seen))
        return found

    before = cost()
    for n in range(29):
        joined(team, make.volunteer(team.station))
        made(make, team.station, days=4 + n)
    take(shift, team, helpers[1:], leader)
    assert cost() == before
