"""The public list: what each filter finds, and at what cost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import write
from portal.core.ref import Ref
from portal.org.models import Level
from portal.people.models import VolunteerState
from portal.records import search
from portal.shifts.models import PlaceRole
from portal.signups import actions as signups
from tests.support.queries import count_queries


def listed(browser, query: str) -> str:
    answer = browser.get(f"/activities?{query}")
    assert answer.status_code == 200
    return answer.text


def test_by_station_with_all_below_it(make, browser):
    institute = make.station("甲所", level=Level.INSTITUTE)
    inside = make.shift(make.station(parent=institute), activity=None)
    outside = make.shift(make.station())
    text = listed(browser, f"station={institute.public_id}")
    assert inside.offering.title in text
    assert f"#shift-{outside.public_id}" not in text


def test_by_kind_words_role_and_days(make, browser):
    station = make.station()
    calligraphy = make.activity(station, title="邻里书法课", kind="culture")
    write(search.put, Ref("offering", calligraphy.id), "邻里书法课")
    lesson = make.shift(activity=calligraphy, places={"attendee": 3})
    other = make.shift(station, places={"volunteer": 3}, starts_at=clock.now() + timedelta(days=9))
    near = clock.local_day(lesson.starts_at).isoformat()
    for query in ("kind=culture", "q=书法", "role=attendee", f"from={near}&to={near}"):
        text = listed(browser, query)
        assert f"#shift-{lesson.public_id}" in text, query
        assert f"#shift-{other.public_id}" not in text, query
    assert "没有找到" in listed(browser, "q=没有这样的词")


def test_only_free_places_passes_over_full_ones_and_queues(make, browser):
    station = make.station()
    full = make.shift(station, places={"volunteer": 1})
    free = make.shift(station, places={"volunteer": 1})
    person = make.volunteer(station, state=VolunteerState.REGISTERED)
    now = clock.now()
    write(signups.sign_up, full.id, person.id, PlaceRole.VOLUNTEER, actor=SYSTEM, now=now)
    text = listed(browser, "free=1")
    assert f"#shift-{free.public_id}" in text
    assert f"#shift-{full.public_id}" not in text


@pytest.mark.parametrize(
    "query", ["station=nothing", "kind=nothing", "role=king", "from=2020-99-99"]
)
def test_what_is_not_known_is_ignored_with_a_sentence(make, browser, query):
    shift = make.shift()
    text = listed(browser, query)
    assert f"#shift-{shift.public_id}" in text
    assert "notice warning" in text


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "2.5", "%00"])
def test_strange_pages_answer(make, browser, page):
    make.shift()
    assert browser.get(f"/activities?page={page}").status_code in {200, 400}


def test_a_page_of_twenty_costs_the_same_whatever_there_is(make, browser):
    station = make.station()
    counts = []
    for _round in range(2):
        make.shift(station)
        with count_queries() as few:
            browser.get("/activities?free=0")
        counts.append(len(few))
        for _n in range(29):
            make.shift(station)
    with count_queries() as many:
        text = browser.get("/activities?free=").text
    assert text.count('class="card"') == 20
    assert len(many) <= max(counts)
