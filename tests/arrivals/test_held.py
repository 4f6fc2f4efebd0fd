"""Short stays told on paper, where the rules hold them: somebody's word settles them as any other."""

from datetime import timedelta

import pytest

from portal.arrivals.rules_paper import Typed
from portal.attendance import actions, checks, hooks, queries
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import write
from portal.hours import actions_rules
from portal.hours import queries as ledger
from portal.hours.rules import Terms
from tests.attendance.conftest import START


@pytest.fixture
def held(scene):
    """Return a volunteer's short stay: scanned in part or not at all, the rest told on a sheet."""
    day = clock.local_day(START)
    eve = clock.day_start(day - timedelta(days=1))
    write(actions_rules.adopt, Terms(short_stays="hold"), day, "试", actor=SYSTEM, now=eve)

    def stay(scanned):
        person = scene.volunteer()
        for direction, minutes in scanned:
            scene.scan(person, direction, minutes)
        sheet = scene.print()
        scene.type(sheet, Typed(1, "1400", "1430"))
        scene.release(sheet)
        [visit] = queries.visits_at(scene.shift.id, person.id)
        assert (visit.state, visit.pending, visit.out_at) == (
            "provisional", "short_stay", scene.at(30),
        )  # fmt: skip
        return person, visit

    return stay


SCANNED = [(), (("in", 0), ("out", 20)), (("in", 10),)]


@pytest.mark.parametrize("scanned", SCANNED, ids=["paper", "both", "open"])
def test_a_leader_settles_it(scene, held, scanned):
    person, visit = held(scanned)
    actor = scene.make.actor(scene.manager)
    write(actions.confirm, visit.id, actor=actor, now=clock.now())
    assert (visit.state, ledger.total(person.id)) == ("closed", 30)
    assert checks.check() == []


@pytest.mark.parametrize("scanned", SCANNED, ids=["paper", "both", "open"])
def test_it_lapses_when_nobody_does(held, scanned):
    person, visit = held(scanned)
    hooks.due(clock.day_start(visit.settle_by_on + timedelta(days=1)))
    assert (visit.state, ledger.total(person.id)) == ("lapsed", 0)
    assert checks.check() == []
