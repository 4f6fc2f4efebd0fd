"""Two tell of a shift at the same time, two phones send the same taps: on a database that commits."""

import pytest

from portal.attendance import actions_headcounts as heads
from portal.attendance import queries_headcounts as headcounts
from portal.attendance.rules_headcounts import Mark
from portal.closeouts import queries
from portal.core import clock, engines
from portal.core.access import SYSTEM
from portal.core.db import write
from tests.closeouts.given import over, tell
from tests.signups.test_races import at_once, look_afresh
from tests.support.factory import Factory

pytestmark = pytest.mark.race


def test_one_is_told_and_the_others_learn_of_it_and_taps_count_once(own_app, monkeypatch):
    monkeypatch.setattr(engines, "LOCK_SECONDS", 30)
    shift = over(Factory(), open_crowd=True)
    now = clock.now()
    taps = [Mark(f"00000000-0000-4000-8000-{number:012d}", 1, now) for number in range(5)]

    def telling(quality):
        return lambda: tell(shift, quality=quality, now=now)[1]

    def tapping():
        return write(heads.tally, shift.id, taps, actor=SYSTEM, now=now)

    found = at_once(own_app, [*(telling(1 + number) for number in range(4)), tapping, tapping])
    look_afresh()
    assert sorted(found[:4]) == [(), *[("meanwhile",)] * 3]
    assert len(queries.versions(shift.id)) == 1
    assert found[4:] == [5, 5]
    assert headcounts.of([shift.id])[shift.id].number == 5
