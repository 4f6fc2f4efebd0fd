"""Copying a week: what was on a week later, holidays marked, twice without doubles."""

from datetime import time, timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import write
from portal.org import actions as org_actions
from portal.shifts import queries as shifts
from tests.activities.given_series import series


@pytest.fixture
def station(make):
    return make.station()


@pytest.fixture
def desk(make, browser, station):
    return browser.sign_in(make.manager(station))


def test_ticked_shifts_are_made_again_once_and_a_holiday_is_marked(make, desk, station):
    week = clock.today() - timedelta(days=clock.today().weekday())
    noon = clock.at_local(week + timedelta(days=6), time(12))
    row = make.shift(station, starts_at=noon, places={"volunteer": 3})
    free = clock.local_day(noon) + timedelta(days=7)
    days = [(free, False, "长假")]
    write(org_actions.import_calendar, free.year, days, "测试", actor=SYSTEM, now=clock.now())
    asked = {"station": station.public_id, "week": week.isoformat()}
    page = desk.get("/desk/copy-week", query_string=asked).text
    assert "长假放假" in page
    assert " checked" not in page
    for _twice in range(2):
        answer = desk.post("/desk/copy-week", {**asked, "shift": row.public_id})
        assert answer.status_code == 303
    found = shifts.shifts_of(row.offering_id)
    assert [one.starts_at for one in found] == [row.starts_at, row.starts_at + timedelta(days=7)]
    assert [place.capacity for place in shifts.places(found[1].id)] == [3]
    assert "已经有了" in desk.get("/desk/copy-week", query_string=asked).text


def test_a_series_and_another_station_are_not_copied(make, desk, station):
    first = clock.today() + timedelta(days=7 - clock.today().weekday())
    series(make, station, first=first)
    other = make.shift(starts_at=clock.at_local(first, clock.local(clock.now()).time()))
    asked = {"station": station.public_id, "week": first.isoformat()}
    assert "这一周没有活动" in desk.get("/desk/copy-week", query_string=asked).text
    desk.post("/desk/copy-week", {**asked, "shift": other.public_id})
    assert len(shifts.shifts_of(other.offering_id)) == 1
    assert desk.get("/desk/copy-week?station=nothing").status_code == 404
