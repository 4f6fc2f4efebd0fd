"""Stations: the list in the order of the tree, and the page of one."""

from datetime import UTC, datetime

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.org import actions, queries
from portal.org.models import Level, Vocabulary
from tests.support.queries import count_queries


@pytest.fixture(autouse=True)
def wednesday_morning(time_machine):
    time_machine.move_to(datetime(2026, 11, 25, 2, tzinfo=UTC), tick=False)  # 10:00


def add(make, name, hours, **changes):
    details = actions.StationDetails(name=name, level=Level.STATION, hours=hours, **changes)
    return write(actions.create_station, make.centre().id, details, actor=SYSTEM, now=clock.now())


def test_the_list_is_in_the_order_of_the_tree(browser, make):
    first = make.station("甲所", level=Level.INSTITUTE)
    second = make.station("乙所", level=Level.INSTITUTE)
    make.station("乙站", parent=second)
    make.station("甲站", parent=first)
    page = browser.get("/stations").text.partition("<main")[2]
    places = [page.index(name) for name in ("区实践中心", "甲所", "甲站", "乙所", "乙站")]
    assert places == sorted(places)
    for depth in (0, 1, 2):
        assert f"depth-{depth}" in page


def test_whether_it_is_open_now(browser, make, time_machine):
    wednesday = ((2, 9 * 60, 12 * 60), (2, 14 * 60, 18 * 60))
    station = add(make, "上午下午站", wednesday)
    path = f"/stations/{station.public_id}"
    for hour, minute, is_open in (
        (8, 59, False), (9, 0, True), (11, 59, True), (12, 0, False), (14, 0, True), (18, 0, False),
    ):  # fmt: skip
        local = datetime(2026, 11, 25, hour, minute, tzinfo=clock.zone())
        time_machine.move_to(local, tick=False)
        page = browser.get(path).text
        assert ("正在开放" in page) is is_open, (hour, minute)
        assert ("正在开放" in browser.get("/stations").text.split("上午下午站")[1]) is is_open
    assert "09:00-12:00、14:00-18:00" in page
    time_machine.move_to(datetime(2026, 11, 26, 10, tzinfo=clock.zone()), tick=False)
    page = browser.get(path).text
    assert "现在不开放" in page
    assert "今天 不开放" in page


def test_a_page_says_what_one_needs(browser, make):
    station = add(
        make, "幸福社区实践站", ((2, 540, 1440),), community="幸福社区", address="和平路 1 号",
        directions="地铁 3 号线", phone="0755-7654321", summary="二楼有电梯。\n一楼有书。",
    )  # fmt: skip
    make.shift(activity=make.activity(station, title="清洁家园"))
    page = browser.get(f"/stations/{station.public_id}").text
    for word in (
        "幸福社区实践站", "和平路 1 号", "地铁 3 号线", 'href="tel:07557654321"', "二楼有电梯。",
        "09:00-24:00", "清洁家园", f"/cal/stations/{station.public_id}.ics",
        f"/activities?station={station.public_id}", "实践站", "区实践中心",
    ):  # fmt: skip
        assert word in page, word


def test_a_centre_shows_what_is_below_it(browser, make):
    institute = make.station("甲所", level=Level.INSTITUTE)
    below = make.station("甲站", parent=institute)
    make.shift(activity=make.activity(below, title="站里的活动"))
    page = browser.get(f"/stations/{institute.public_id}").text
    assert "站里的活动" in page
    assert f'href="/stations/{below.public_id}"' in page
    assert "近期没有活动" in browser.get(f"/stations/{make.station().public_id}").text


def test_a_closed_station_is_not_found(browser, make):
    station = make.station("关了的站")
    station.closed_at = clock.now()
    db.session.commit()
    assert browser.get(f"/stations/{station.public_id}").status_code == 404
    assert "关了的站" not in browser.get("/stations").text
    assert queries.station_by_id(station.public_id) is None


def test_without_any_station(browser, app):
    assert "还没有登记站点。" in browser.get("/stations").text


def test_it_costs_the_same_with_one_and_thirty(browser, make):
    costs = []
    for number in (1, 29):
        for _ in range(number):
            make.station()
        with count_queries() as seen:
            browser.get("/stations")
        costs.append(len(seen))
    assert costs[0] == costs[1]


def test_a_type_of_point_is_named(browser, make):
    make.centre()
    term = queries.term(Vocabulary.POINT_TYPE, "rider_rest")
    station = add(make, "骑手站", (), point_type_id=term.id)
    assert "暖蜂能量驿站" in browser.get(f"/stations/{station.public_id}").text
