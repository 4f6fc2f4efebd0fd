from datetime import timedelta

import pytest

from portal.attendance.models import Visit
from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.core.errors import Invalid
from portal.figures import queries as figures
from portal.figures import scope
from portal.figures.rules import Span
from portal.pairing import actions, actions_projects, hooks, queries, queries_office
from tests.figures.written import write_shift, write_visit
from tests.pairing.given import COMMUNITY, UNIT, Pair, fresh, told

DAY = timedelta(days=1)


def join(pair, activity, side=COMMUNITY):
    return pair.act(side, actions_projects.join, pair.row.id, side, activity.public_id)


def tally(pair):
    return queries_office.tallies([pair.row.id], clock.now())[pair.row.id]


def test_the_unit_asks_and_the_community_decides(make):
    pair = Pair(make)
    activity = make.activity(pair.station)
    for _twice in range(2):
        joint = join(pair, activity, UNIT)
    assert joint.state == "asked"
    assert told(pair.manager) == ["pairing_asked"]
    assert (tally(pair).activities, tally(pair).asked) == (0, 1)
    for _twice in range(2):
        pair.act(COMMUNITY, actions_projects.link, joint.id)
    assert (tally(pair).activities, tally(pair).asked) == (1, 0)
    pair.act(COMMUNITY, actions_projects.decline, joint.id)
    assert tally(pair).activities == 0
    assert join(pair, activity, UNIT).state == "asked"
    assert join(pair, activity).state == "linked"
    assert hooks.check() == []


def test_only_what_this_community_has_published(make):
    pair = Pair(make)
    point = make.station(parent=pair.station, level="point")
    below = make.activity(point)
    for activity in (make.activity(make.station()), make.activity(pair.station, state="draft")):
        with pytest.raises(Invalid, match="activity"):
            join(pair, activity)
    assert join(pair, below).state == "linked"
    assert queries.may_be_joint(pair.row) == []


def test_sessions_and_attendances_are_counted_as_figures_count_them(make):
    now = clock.now().replace(microsecond=0)
    pair = Pair(make, now=now - 10 * DAY)
    activity = make.activity(pair.station)
    before = write_shift(activity, now - 30 * DAY)
    held = write_shift(activity, now - 2 * DAY)
    write_shift(activity, now + 2 * DAY)
    people = [make.volunteer(pair.station) for _ in range(3)]
    for shift, person in ((before, people[0]), (held, people[0]), (held, people[1])):
        write_visit(shift, person)
    write_visit(held, people[1], pair=2)
    write_visit(held, people[2], state="annulled")
    join(pair, activity)
    found = tally(pair)
    assert (found.sessions, found.attendances) == (1, 2)
    officer = make.actor(make.holder(Role.CAMPAIGN_OFFICER, make.centre()))
    days = Span(clock.local_day(now - 10 * DAY), clock.local_day(now))
    total = figures.total(scope.of_actor(officer), days, now=now)
    assert (total.sessions, total.attendances) == (1, 2)


def test_a_session_of_two_units_counts_once_in_all(make):
    now = clock.now().replace(microsecond=0)
    pair = Pair(make, now=now - 10 * DAY)
    other = Pair(make, station=pair.station, name="别的单位", now=now - 10 * DAY)
    activity = make.activity(pair.station)
    held = write_shift(activity, now - 2 * DAY)
    write_visit(held, make.volunteer(pair.station))
    for one in (pair, other):
        join(one, activity)
        assert (tally(one).sessions, tally(one).attendances) == (1, 1)
    summary = queries_office.summary([pair.station.id], now)
    assert (summary.activities, summary.sessions, summary.attendances) == (1, 1, 1)
    assert (summary.units, summary.communities) == (2, 1)


def test_what_comes_after_the_end_no_longer_counts(make):
    now = clock.now().replace(microsecond=0)
    pair = Pair(make, now=now - 10 * DAY)
    activity = make.activity(pair.station)
    asked = make.activity(pair.station)
    joint, waiting = join(pair, activity), join(pair, asked, UNIT)
    write(actions.end, pair.row.id, "到期了。", actor=SYSTEM, now=now - 5 * DAY)
    for day in (7, 2):
        held = write_shift(activity, now - day * DAY)
        write_visit(held, make.volunteer(pair.station))
    assert db.session.query(Visit).count() == 2
    assert (tally(pair).sessions, tally(pair).attendances) == (1, 1)
    assert (fresh(joint).state, fresh(waiting).state) == ("linked", "declined")
    assert hooks.check() == []
