"""The desk: a day, not a menu; for each role what it has to do, and nothing of other stations."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.people.models import VolunteerState
from portal.shifts.models import OfferingState


@pytest.fixture
def station(make):
    return make.station("幸福社区实践站")


@pytest.fixture
def desk(make, browser, station):
    return browser.sign_in(make.manager(station))


def add(make, station, title, hours, **columns):
    activity = make.activity(station, title=title, **columns)
    return make.shift(activity=activity, starts_at=clock.now() + timedelta(hours=hours))


def test_an_empty_day(desk):
    page = desk.get("/desk").text
    for sentence in ("现在没有正在进行的场次。", "没有要处理的。", "一周内没有安排。"):
        assert sentence in page
    assert "幸福社区实践站" in page
    assert 'href="/desk/activities/new"' in page


def test_now_soon_and_what_is_not_ours(desk, make, station):
    on_now = add(make, station, "进行中的", -1)
    soon = add(make, station, "后天的", 48)
    add(make, station, "下个月的", 24 * 30)
    add(make, station, "草稿", 1, state=OfferingState.DRAFT)
    add(make, make.station(), "别站的", -1)
    page = desk.get("/desk").text
    now, _, later = page.partition("需要处理")
    assert "进行中的" in now
    assert f"/desk/shifts/{on_now.public_id}/board?direction=in" in now
    assert "后天的" in later
    assert f"/desk/shifts/{soon.public_id}" in later
    for title in ("下个月的", "草稿", "别站的"):
        assert title not in page


def test_what_waits_for_a_decision(desk, make, station, browser):
    for _ in range(3):
        make.volunteer(station, state=VolunteerState.SUBMITTED)
    make.volunteer(make.station(), state=VolunteerState.SUBMITTED)
    add(make, station, "待审的", 5, state=OfferingState.IN_REVIEW)
    page = desk.get("/desk").text
    assert "3 份等待处理" in page
    assert "项等待审核" not in page  # of the own station others decide
    browser.sign_in(make.manager(make.centre()))
    page = browser.get("/desk").text
    assert "4 份等待处理" in page
    assert "1 项等待审核" in page


@pytest.mark.parametrize(
    ("role", "status", "plans"),
    [("station_manager", 200, True), ("administrator", 200, True),
     ("campaign_officer", 200, False), ("team_leader", 200, False), ("auditor", 403, False)],
)  # fmt: skip
def test_who_has_a_desk(browser, make, role, status, plans):
    browser.sign_in(make.holder(role, make.centre()))
    response = browser.get("/desk")
    assert response.status_code == status
    assert ('href="/desk/activities/new"' in response.text) is plans
    assert ('href="/desk/people"' in response.text) is plans
