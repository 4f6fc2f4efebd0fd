from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import write
from portal.services import actions, actions_desk, queries_office
from tests.services.given import a_team, done, filed, offered, rate
from tests.support.queries import count_queries


@pytest.fixture
def street(make):
    return make.station("东湾实践所", level="institute")


@pytest.fixture
def station(make, street):
    return make.station("和平实践站", parent=street)


def test_who_reads_the_office_page(make, browser, station):
    for role in (Role.STATION_MANAGER, Role.TEAM_LEADER):
        person = make.holder(role, station)
        assert browser.sign_in(person).get("/office/orders").status_code == 403
    for role in (Role.CAMPAIGN_OFFICER, Role.ADMINISTRATOR):
        person = make.holder(role, make.centre())
        assert browser.sign_in(person).get("/office/orders").status_code == 200
    assert "/office/orders" in browser.get("/office").text


def test_a_streets_officer_sees_the_street_alone(make, browser, street, station):
    beside = make.station("旁边实践站")
    filed(offered(station, title="这里的服务"))
    filed(offered(beside, title="旁边的服务"))
    browser.sign_in(make.holder(Role.CAMPAIGN_OFFICER, street))
    page = browser.get("/office/orders").text
    assert "这里的服务" in page
    assert "旁边的服务" not in page
    assert "旁边实践站" not in page
    assert browser.get(f"/office/orders?station={beside.public_id}").status_code == 404
    assert browser.get(f"/office/orders?station={station.public_id}").status_code == 200


def test_counts_are_of_the_subtree_and_each_leads_to_its_orders(make, browser, street, station):
    service = offered(station)
    first, second = filed(service), filed(service)
    write(actions.withdraw, second.id, "", actor=SYSTEM, now=clock.now())
    row, _held = done(service, a_team(station))
    rate(row, 4)
    since = clock.now() - timedelta(days=1)
    ids = frozenset({street.id, station.id})
    assert queries_office.by_state(ids, since) == {"filed": 1, "withdrawn": 1, "rated": 1}
    shown = {one.name: one for one in queries_office.by_station(ids, since)}
    assert [(one.filed, one.untouched, one.done) for one in shown.values()] == [(3, 1, 1)] * 2
    assert queries_office.ratings(ids, since) == {5: 0, 4: 1, 3: 0, 2: 0, 1: 0}
    browser.sign_in(make.holder(Role.CAMPAIGN_OFFICER, make.centre()))
    page = browser.get("/office/orders?state=filed").text
    assert first.public_id in page
    assert second.public_id not in page


def test_the_median_is_of_the_steps_that_were_taken(make, station):
    service, now = offered(station), clock.now()
    for hours in (1, 3, 50):
        at = now - timedelta(hours=hours)
        row = filed(service, now=at)
        write(actions_desk.review, row.id, actor=SYSTEM, now=at + timedelta(hours=hours))
    filed(service)
    times = queries_office.medians(frozenset({station.id}), now - timedelta(days=9))
    assert times.review == pytest.approx(3, abs=0.01)
    assert (times.answer, times.done) == (None, None)


def test_what_is_overdue_stands_on_the_offices_first_page(make, browser, station):
    officer = make.holder(Role.CAMPAIGN_OFFICER, make.centre())
    assert "没有超期的点单" in browser.sign_in(officer).get("/office").text
    row = filed(offered(station, title="上门理发"), now=clock.now() - timedelta(days=40))
    page = browser.get("/office").text
    assert "上门理发" in page
    assert row.public_id in browser.get("/office/orders?late=1").text
    assert row.public_id not in browser.get("/office/orders").text
    assert row.public_id in browser.get("/office/orders?days=90").text


def test_the_page_asks_as_often_for_thirty_as_for_one(make, browser, station):
    browser.sign_in(make.holder(Role.CAMPAIGN_OFFICER, make.centre()))
    browser.get("/office/orders")
    counts = []
    for more in (1, 29):
        for _n in range(more):
            filed(offered(make.station()))
        with count_queries() as seen:
            browser.get("/office/orders")
        counts.append(len(seen))
    assert counts[0] == counts[1]
