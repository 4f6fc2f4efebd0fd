"""Many at once: one pairing, one project of a need; a unit is closed or paired, never both."""

from collections import Counter

import pytest

from portal.core import clock, engines, ids
from portal.core.access import SYSTEM
from portal.core.db import write
from portal.core.errors import Invalid, Refused
from portal.org import actions_units
from portal.pairing import actions, actions_projects, hooks
from tests.pairing.given import COMMUNITY, UNIT, Pair, pairings, unit
from tests.signups.test_races import at_once, look_afresh
from tests.support.factory import Factory

pytestmark = pytest.mark.race
CROWD = 8


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """What comes of it is the question here, not how fast this machine is."""
    monkeypatch.setattr(engines, "LOCK_SECONDS", 30)


@pytest.fixture
def make(own_app):
    return Factory()


def doing(action, *given, actor=SYSTEM):
    def job():
        try:
            write(action, *given, actor=actor, now=clock.now())
        except Refused as refused:
            return refused.codes[0]
        except Invalid as error:
            return error.field
        return "done"

    return job


def test_two_who_click_at_once_make_one_pairing(own_app, make):
    station, library = make.station(), unit()
    jobs = [doing(actions.pair, library.id, station.id) for _ in range(CROWD)]
    assert Counter(at_once(own_app, jobs)) == {"done": CROWD}
    look_afresh()
    assert len(pairings()) == 1


def test_a_need_goes_into_exactly_one_project(own_app, make):
    pair = Pair(make)
    need = pair.add(COMMUNITY)
    plan, actor = pair.plan(need=need.public_id), pair.actor(UNIT)
    jobs = [
        doing(actions_projects.propose, pair.row.id, UNIT, plan, ids.code(20), actor=actor)
        for _ in range(CROWD)
    ]
    assert Counter(at_once(own_app, jobs)) == {"done": 1, "need": CROWD - 1}
    look_afresh()
    assert hooks.check() == []


def test_a_unit_is_closed_or_paired(own_app, make):
    station, library = make.station(), unit()
    jobs = [
        doing(actions.pair, library.id, station.id),
        doing(actions_units.close_unit, library.id),
    ] * (CROWD // 2)
    results = set(at_once(own_app, jobs))
    assert results in ({"done", "still_paired"}, {"done", "closed_unit"})
    look_afresh()
    assert hooks.check() == []
