"""The campaign office's page: figures by station, the wishes behind them, nothing personal."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import Role
from portal.org.models import Level
from portal.wishes import queries_office as office
from portal.wishes.actions import Contact
from tests.support.queries import count_queries
from tests.wishes.given import deliver, pledge, published

DAY = timedelta(days=1)


@pytest.fixture
def street(make):
    return make.station("东湾实践所", level=Level.INSTITUTE)


@pytest.fixture
def station(make, street):
    return make.station("和平社区实践站", parent=street)


def standing(*stations, days=365):
    now = clock.now()
    found = office.standings([one.id for one in stations], now - days * DAY, now, clock.today())
    return [found[one.id] for one in stations]


def test_rate_median_and_ages_are_counted_in_the_subtree(make, street, station):
    now = clock.now()
    for days in (1, 8, 40):
        published(station, now=now - days * DAY)
    for days in (2, 4, 9):
        wish = published(station, now=now - 20 * DAY)
        row = pledge(wish, make.person(), days=30, now=now - 19 * DAY)
        deliver(row, now=now - (20 - days) * DAY)
    published(make.station(), now=now - 3 * DAY)
    above, own, centre = standing(street, station, make.centre())
    for one in (above, own):
        assert (one.published, one.fulfilled, one.rate, one.median_days) == (6, 3, 50, 4.0)
        assert (one.young, one.waiting, one.old, one.overdue) == (1, 1, 1, 0)
    assert (centre.published, centre.young, centre.unclaimed) == (7, 2, 4)
    assert standing(make.station())[0].rate is None


def test_old_wishes_count_as_waiting_and_not_in_the_rate(station):
    published(station, now=clock.now() - 60 * DAY)
    (one,) = standing(station, days=30)
    assert (one.published, one.rate, one.old) == (0, None, 1)


def test_a_broken_promise_is_shown(make, browser, station):
    wish = published(station, now=clock.now() - 9 * DAY)
    pledge(wish, make.person("钱多多"), days=2, now=clock.now() - 8 * DAY)
    browser.sign_in(make.holder(Role.CAMPAIGN_OFFICER, make.centre()))
    page = browser.get("/office/wishes?show=overdue").text
    assert wish.number in page
    assert "钱多多" not in page
    assert wish.number not in browser.get("/office/wishes").text


def test_who_may_and_how_far_down(make, browser, street, station):
    beside = make.station("西岭实践所", level=Level.INSTITUTE)
    mine, other = published(station), published(make.station(parent=beside))
    officer = make.holder(Role.CAMPAIGN_OFFICER, street)
    browser.sign_in(officer)
    page = browser.get("/office/wishes").text
    assert mine.number in page
    assert other.number not in page
    assert browser.get(f"/office/wishes?station={station.public_id}").status_code == 200
    for hidden in (beside, make.centre()):
        assert browser.get(f"/office/wishes?station={hidden.public_id}").status_code == 404
    for person in (make.person(), make.manager(station)):
        assert browser.sign_in(person).get("/office/wishes").status_code == 403
    browser.sign_in(make.holder(Role.AUDITOR, make.centre()))
    page = browser.get("/office/wishes").text
    assert mine.number in page
    assert other.number in page


def test_what_climbed_and_an_empty_list(make, browser, station):
    published(station)
    browser.sign_in(make.holder(Role.CAMPAIGN_OFFICER, make.centre()))
    assert "现在没有这样的心愿" in browser.get("/office/wishes?show=raised").text


def test_nothing_personal_is_on_it(make, browser, station):
    published(station, wisher=Contact("李桂兰", "13500001111"))
    browser.sign_in(make.holder(Role.ADMINISTRATOR, make.centre()))
    page = browser.get("/office/wishes").text
    assert "李桂兰" not in page
    assert "1350000" not in page


def test_few_and_many_ask_the_same(make, browser, street, station):
    browser.sign_in(make.holder(Role.CAMPAIGN_OFFICER, make.centre()))
    published(station)
    browser.get("/office/wishes")
    with count_queries() as few:
        browser.get("/office/wishes")
    for _ in range(30):
        published(make.station(parent=street))
        make.station()
    browser.get("/office/wishes")
    with count_queries() as many:
        browser.get("/office/wishes")
    assert len(many) == len(few)
