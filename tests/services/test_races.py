"""Many at once: one gets the order, the others read who has it, nobody meets an error."""

from collections import Counter
from datetime import timedelta

import pytest

from portal.core import clock, engines
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.hours.models import LedgerEntry
from portal.people.models_teams import TeamRole
from portal.services import actions, actions_closing, actions_desk, actions_dispatch, hooks
from portal.services.actions_desk import Target
from portal.services.actions_dispatch import Help
from portal.services.models_dispatches import Dispatch
from portal.services.models_orders import Order
from tests.conftest import PROFILE
from tests.services.given import (
    a_leader,
    a_team,
    asking,
    done,
    holding,
    join,
    offered,
    rate,
    reviewed,
    sent,
)
from tests.signups.test_races import at_once, look_afresh
from tests.support.factory import Factory

pytestmark = pytest.mark.race
CROWD = 24
ROUNDS = 20 if PROFILE == "full" else 3


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Who is served is the question here, not how fast this machine is."""
    monkeypatch.setattr(engines, "LOCK_SECONDS", 30)


@pytest.fixture
def make(own_app):
    return Factory()


def trying(action, *args, actor=SYSTEM):
    now = clock.now()

    def job():
        try:
            row = write(action, *args, actor=actor, now=now)
        except Refused as refused:
            return refused.codes[0]
        return str(row.state)

    return job


def until():
    return clock.today() + timedelta(days=3)


def test_of_many_volunteers_one_gets_an_open_order(own_app, make):
    station = make.station()
    service = offered(station)
    crowd = [make.actor(make.volunteer(station)) for _ in range(CROWD)]
    for _ in range(ROUNDS):
        held = sent(service)
        jobs = [trying(actions_dispatch.claim, held.id, until(), None, actor=one) for one in crowd]
        results = Counter(at_once(own_app, jobs))
        look_afresh()
        # Whoever won before may hold too many by now; the others still compete.
        assert results["accepted"] == 1
        assert results["taken"] + results["too_many"] == CROWD - 1
        assert db.session.get(Order, held.order_id).state == "accepted"
    assert hooks.check() == []


def test_two_teams_claim_one_order_and_one_wins(own_app, make):
    station = make.station()
    service = offered(station)
    teams = [a_team(station), a_team(station)]
    leaders = []
    for team in teams:
        leader = make.volunteer(station)
        join(team, leader, TeamRole.LEADER)
        leaders.append(make.actor(leader))
    for _ in range(ROUNDS):
        held = sent(service)
        jobs = [
            trying(actions_dispatch.claim, held.id, until(), team.id, actor=leader)
            for team, leader in zip(teams, leaders, strict=True)
        ]
        results = Counter(at_once(own_app, jobs))
        look_afresh()
        assert results == {"accepted": 1, "taken": 1}
        assert db.session.get(Dispatch, held.id).team_id in {team.id for team in teams}


def test_two_managers_dispatching_at_once_leave_one_live_dispatch(own_app, make):
    station = make.station()
    service = offered(station)
    teams = [a_team(station) for _ in range(6)]
    for _ in range(ROUNDS):
        row = reviewed(service)
        jobs = [trying(actions_desk.dispatch, row.id, Target(team.id), "换一家") for team in teams]
        results = Counter(at_once(own_app, jobs))
        look_afresh()
        assert results == {"offered": len(teams)}
        assert len(holding(row)) == 1
        assert db.session.query(Dispatch).filter_by(order_id=row.id).count() == len(teams)
    assert hooks.check() == []


def test_accepting_declining_and_taking_back_at_once_agree(own_app, make):
    station = make.station()
    service, team = offered(station), a_team(station)
    leader = make.actor(a_leader(make, team, station))
    for _ in range(ROUNDS):
        held = sent(service, team=team)
        jobs = [
            trying(actions_dispatch.accept, held.id, until(), actor=leader),
            trying(actions_dispatch.decline, held.id, "没空", actor=leader),
            trying(actions.withdraw, held.order_id, ""),
            trying(actions_desk.dispatch, held.order_id, Target(team.id), "再派一次"),
        ] * 3
        results = at_once(own_app, jobs)
        look_afresh()
        known = {"accepted", "declined", "withdrawn", "offered", "wrong_state"}
        assert set(results) <= known
        assert hooks.check() == []


def test_the_same_form_from_many_tabs_is_one_order(own_app, make):
    given = asking(offered(make.station()))
    results = Counter(at_once(own_app, [trying(actions.file, given)] * 12))
    look_afresh()
    assert results == {"filed": 12}
    assert db.session.query(Order).count() == 1


def test_closing_from_many_tabs_credits_once(own_app, make):
    station = make.station()
    team, person = a_team(station), make.volunteer(station)
    join(team, person)
    manager = make.actor(make.manager(station))
    given = Help(person.id, clock.now() - timedelta(minutes=40), 30)
    row, _held = done(offered(station), team, given)
    rate(row)
    at_once(own_app, [trying(actions_closing.close, row.id, "", actor=manager)] * 12)
    look_afresh()
    assert [entry.minutes for entry in db.session.query(LedgerEntry)] == [30]
    assert hooks.check() == []
