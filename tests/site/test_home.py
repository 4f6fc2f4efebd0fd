"""The home page: two entrances, today, the weekend; the pages of every footer."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.core import clock
from portal.site.home import weekend
from tests.support.queries import count_queries


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (date(2026, 11, 23), date(2026, 11, 28), date(2026, 11, 29)),
        (date(2026, 11, 27), date(2026, 11, 28), date(2026, 11, 29)),
        (date(2026, 11, 28), date(2026, 11, 29), date(2026, 11, 29)),
        (date(2026, 11, 29), date(2026, 12, 5), date(2026, 12, 6)),
    ],
)
def test_the_weekend_to_come(today, first, last):
    assert weekend(today) == (first, last)


def test_two_entrances_stand_first(browser, app):
    page = browser.get("/").text
    main = page.partition("<main")[2]
    assert main.index("找志愿者") < main.index("做志愿者") < main.index("今天")
    assert 'href="/stations"' in main
    assert 'href="/activities?role=volunteer"' in main


def test_today_and_the_weekend(browser, make, time_machine):
    time_machine.move_to(datetime(2026, 11, 25, 1, tzinfo=UTC), tick=False)  # a Wednesday
    station = make.station()
    for title, days in (("今天的", 0), ("明天的", 1), ("周六的", 3), ("周日的", 4), ("下周的", 6)):
        start = clock.now() + timedelta(days=days, hours=1)
        make.shift(activity=make.activity(station, title=title), starts_at=start)
    page = browser.get("/").text
    today, _, at_weekend = page.partition("<main")[2].partition("<h2>周末</h2>")
    assert "今天的" in today
    assert "明天的" not in page
    assert "周六的" in at_weekend
    assert "周日的" in at_weekend
    assert "下周的" not in page


def test_without_anything_on(browser, app):
    page = browser.get("/").text
    assert "今天没有活动了。" in page
    assert "周末还没有活动。" in page


def test_near_home_is_for_who_has_one(browser, make):
    station = make.station("幸福社区实践站")
    make.shift(activity=make.activity(station, title="家门口的"))
    assert browser.get("/").text.count("家门口的") <= 1
    browser.sign_in(make.person(station=station))
    page = browser.get("/").text
    assert "家门口的" in page


def test_it_costs_the_same_with_one_and_thirty(browser, make):
    station = make.station()
    costs = []
    for number in (1, 29):
        for n in range(number):
            start = clock.now() + timedelta(minutes=10 * n + 5)
            make.shift(station, starts_at=start)
        with count_queries() as seen:
            browser.get("/")
        costs.append(len(seen))
    assert costs[0] == costs[1]


@pytest.mark.parametrize("path", ["/feedback", "/accessibility", "/privacy", "/figures"])
def test_the_pages_of_every_footer(browser, make, path):
    make.station("幸福社区实践站")
    response = browser.get(path)
    assert response.status_code == 200
    assert "0755-0000000" in response.text


def test_every_page_has_elder_mode_and_both_languages(browser, make):
    """The switches are plain forms that come back to where one is."""
    page = browser.get("/activities?q=清洁").text
    assert page.count('action="/preferences"') == 2
    assert 'name="view" value="elder"' in page
    assert 'name="lang" value="en"' in page
    assert 'name="next" value="/activities?q=清洁"' in page
