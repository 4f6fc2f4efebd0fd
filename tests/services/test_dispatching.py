from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Invalid, Refused
from portal.people import queries_teams
from portal.people.actions import grant_role
from portal.people.models import VolunteerState
from portal.people.models_teams import TeamRole
from portal.records import notes
from portal.records.audit import AuditEntry
from portal.services import actions, actions_dispatch, hooks, moves
from portal.services import queries_dispatches as dispatches
from portal.services.actions_dispatch import Help
from tests.services.given import (
    ADDRESS,
    NAME,
    PHONE,
    a_leader,
    a_team,
    a_unit,
    accept,
    claim,
    done,
    finish,
    fresh,
    holding,
    join,
    offered,
    order_of,
    sent,
    told,
    verbs_of,
)


@pytest.fixture
def station(make):
    return make.station()


@pytest.fixture
def service(station):
    return offered(station)


def refused(action, *args, actor=SYSTEM):
    with pytest.raises(Refused) as caught:
        write(action, *args, actor=actor, now=clock.now())
    return caught.value


# --- who may answer ------------------------------------------------------------------------------


def test_leaders_answer_for_a_team_and_liaisons_for_a_unit(make, station, service):
    team, other = a_team(station), a_team(station)
    leader, member = a_leader(make, team, station), make.person()
    join(team, member)
    join(team, a_leader(make, other, station))
    liaison = make.person()
    unit = a_unit(liaison=liaison)
    assert list(dispatches.doers_of(sent(service, team=team))) == [leader.id]
    assert list(dispatches.doers_of(sent(service, unit=unit))) == [liaison.id]
    assert list(dispatches.doers_of(sent(service))) == []
    assert [one.id for one in queries_teams.led_by(leader.id)] == [team.id]
    assert [row.team_id for row in dispatches.theirs(leader.id)] == [team.id]
    assert [row.unit_id for row in dispatches.theirs(liaison.id)] == [unit.id]
    assert list(dispatches.theirs(member.id)) == []
    assert dispatches.count_waiting(leader.id) == 1


def test_a_leader_of_a_street_who_is_in_no_team_of_it_answers_for_none(make, station):
    team = a_team(station)
    make.holder("team_leader", make.centre())
    assert list(dispatches.doers_of(sent(offered(station), team=team))) == []


# --- accept, decline -----------------------------------------------------------------------------


def test_a_leader_accepts_and_promises_a_day(make, station, service):
    team, asker = a_team(station), make.person()
    leader = a_leader(make, team, station)
    held = sent(service, team=team, asker_id=asker.id)
    accept(held, actor=make.actor(leader))
    accept(held, actor=make.actor(leader))
    row = order_of(held)
    day = clock.today() + timedelta(days=3)
    assert (row.state, row.due_on) == ("accepted", day)
    assert (fresh(held).person_id, fresh(held).promised_on) == (leader.id, day)
    assert verbs_of(row) == ["file", "review", "dispatch", "accept"]
    assert told(leader) == ["order_dispatched"]
    assert told(asker) == ["order_reviewed", "order_accepted"]


def test_the_desk_accepts_for_a_team_without_naming_itself(make, station, service):
    held = sent(service, team=a_team(station))
    accept(held, actor=make.actor(make.manager(station)))
    assert (fresh(held).state, fresh(held).person_id) == ("accepted", None)


@pytest.mark.parametrize("days", [-1, 31])
def test_no_day_of_the_past_and_none_too_far_off_is_promised(station, service, days):
    held = sent(service, team=a_team(station))
    with pytest.raises(Invalid) as caught:
        accept(held, days=days)
    assert caught.value.field == "promised_on"
    assert fresh(held).state == "offered"


@pytest.mark.parametrize("first", [False, True])
def test_what_is_declined_goes_back_to_the_desk_with_the_reason(make, station, service, first):
    manager, asker = make.manager(station), make.person()
    held = sent(service, unit=a_unit(), asker_id=asker.id)
    if first:
        accept(held)
    for _twice in range(2):
        write(actions_dispatch.decline, held.id, "人手不够", actor=SYSTEM, now=clock.now())
    row = order_of(held)
    assert (row.state, fresh(held).state, holding(row)) == ("reviewed", "declined", [])
    assert notes.latest(moves.ref(row), "decline") == "人手不够"
    assert told(manager) == ["order_returned"]
    assert told(asker)[1:] == (["order_accepted", "order_declined"] if first else [])
    assert hooks.check() == []


def test_what_lies_open_is_neither_accepted_nor_declined(service):
    held = sent(service)
    with pytest.raises(Refused):
        accept(held)
    assert refused(actions_dispatch.decline, held.id, "").codes == ("wrong_state",)


# --- claim ---------------------------------------------------------------------------------------


def test_the_first_registered_volunteer_gets_an_open_order(make, station, service):
    held = sent(service)
    first, second = make.volunteer(station, name="陈乐群"), make.volunteer(station)
    claim(held, make.actor(first))
    claim(held, make.actor(first))
    assert (order_of(held).state, fresh(held).person_id) == ("accepted", first.id)
    with pytest.raises(Refused) as caught:
        claim(held, make.actor(second))
    assert caught.value.codes == ("taken",)
    assert "陈*" in caught.value.message
    assert "陈乐群" not in caught.value.message


def test_a_leader_claims_for_the_team_they_lead_and_no_other(make, station, service):
    team, other = a_team(station, "金牌帮帮团"), a_team(station)
    leader = make.volunteer(station)
    join(team, leader, TeamRole.LEADER)
    write_role(make, leader, station)
    # A member of another team of the station; what they lead is not that team.
    join(other, leader)
    held = sent(service)
    with pytest.raises(Invalid):
        claim(held, make.actor(leader), team=other)
    claim(held, make.actor(leader), team=team)
    assert (fresh(held).team_id, fresh(held).person_id) == (team.id, leader.id)
    with pytest.raises(Refused) as caught:
        claim(held, make.actor(make.volunteer(station)))
    assert "金牌帮帮团" in caught.value.message


def write_role(make, person, station):
    write(grant_role, person.id, "team_leader", station.id, actor=SYSTEM, now=clock.now())


@pytest.mark.parametrize("state", [VolunteerState.SUBMITTED, VolunteerState.PAUSED, None])
def test_who_is_not_registered_claims_nothing(make, station, service, state):
    person = make.volunteer(station, state=state) if state else make.person()
    with pytest.raises(Refused) as caught:
        claim(sent(service), make.actor(person))
    assert caught.value.codes == ("not_registered",)


def test_nobody_claims_what_is_their_own(make, station, service):
    asker, filer = make.volunteer(station), make.volunteer(station)
    same_phone = make.volunteer(station, phone=PHONE)
    held = sent(service, asker_id=asker.id, actor=make.actor(filer))
    for person in (asker, filer, same_phone):
        with pytest.raises(Refused) as caught:
            claim(held, make.actor(person))
        assert caught.value.codes == ("own_order",)


def test_a_person_holds_only_so_many(make, station, service):
    person = make.volunteer(station)
    for _n in range(3):
        claim(sent(service), make.actor(person))
    with pytest.raises(Refused) as caught:
        claim(sent(service), make.actor(person))
    assert caught.value.codes == ("too_many",)


# --- done ----------------------------------------------------------------------------------------


def half_an_hour_ago():
    return clock.now() - timedelta(minutes=30)


def test_time_is_noted_for_those_who_were_there_alone(make, station, service):
    team, member, stranger = a_team(station), make.volunteer(station), make.volunteer(station)
    join(team, member)
    held = sent(service, team=team)
    accept(held)
    for wrong, field in (
        (Help(stranger.id, half_an_hour_ago(), 20), "helps"),
        (Help(member.id, half_an_hour_ago(), 0), "helps"),
        (Help(member.id, half_an_hour_ago(), 40), "helped_from"),
        (Help(member.id, clock.now() - timedelta(days=2), 30), "helped_from"),
    ):
        with pytest.raises(Invalid) as caught:
            finish(held, wrong)
        assert caught.value.field == field
        assert order_of(held).state == "accepted"
    finish(held, Help(member.id, half_an_hour_ago(), 20))
    assert order_of(held).state == "done"


def test_the_asker_is_given_no_time_and_a_unit_none(make, station, service):
    team, asker = a_team(station), make.volunteer(station)
    join(team, asker)
    held = sent(service, team=team, asker_id=asker.id)
    accept(held)
    with pytest.raises(Invalid):
        finish(held, Help(asker.id, half_an_hour_ago(), 20))
    liaison = make.volunteer(station)
    on_duty = sent(service, unit=a_unit(liaison=liaison))
    accept(on_duty, actor=make.actor(liaison))
    assert dispatches.helpers_of(fresh(on_duty)) == []
    with pytest.raises(Invalid):
        finish(on_duty, Help(liaison.id, half_an_hour_ago(), 20))


# --- the contact ---------------------------------------------------------------------------------


def test_the_contact_is_shown_from_accepting_to_done_and_each_look_logged(make, station, service):
    team = a_team(station)
    actor = make.actor(a_leader(make, team, station))
    held = sent(service, team=team)
    assert refused(actions_dispatch.reveal, held.id, actor=actor).codes == ("not_accepted",)
    accept(held, actor=actor)
    for _twice in range(2):
        found = write(actions_dispatch.reveal, held.id, actor=actor, now=clock.now())
        assert (found.name, found.phone, found.address) == (NAME, PHONE, ADDRESS)
    looks = db.session.query(AuditEntry).filter_by(verb="order.reveal").all()
    assert [(row.actor_id, row.subject_id) for row in looks] == [
        (actor.person_id, held.order_id)
    ] * 2
    finish(held, actor=actor)
    assert refused(actions_dispatch.reveal, held.id, actor=actor).codes == ("not_accepted",)


def test_after_recall_nothing_is_shown_any_more(make, station, service):
    team = a_team(station)
    held = sent(service, team=team)
    accept(held)
    write(actions.withdraw, held.order_id, "", actor=SYSTEM, now=clock.now())
    assert refused(actions_dispatch.reveal, held.id).codes == ("not_accepted",)


def test_done_is_told_to_the_asker(make, station, service):
    asker = make.person()
    row, _held = done(service, a_team(station), asker_id=asker.id)
    assert told(asker) == ["order_reviewed", "order_accepted", "order_done"]
    assert row.done_at is not None
