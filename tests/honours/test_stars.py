"""Star levels: at exact thresholds, recognised by another person, lost by a reversal."""

import pytest

from portal.core import clock
from portal.core.access import Role
from portal.core.db import write
from portal.core.errors import Invalid, Refused
from portal.honours import actions_stars, queries_stars, rules
from portal.honours.rules import Recognised, standing
from portal.records.settings_catalogue import BY_KEY
from tests.honours.given import credited, taken_back
from tests.support.queries import count_queries

HOURS = (100, 300, 600, 1000, 1500)


@pytest.mark.parametrize(
    ("minutes", "level"),
    [(0, 0), (5999, 0), (6000, 1), (17999, 1), (18000, 2), (36000, 3), (60000, 4), (89999, 4),
     (90000, 5), (999999, 5)],
)  # fmt: skip
def test_a_level_is_reached_at_its_hours_exactly(minutes, level):
    assert rules.level(minutes, HOURS) == level
    assert standing([minutes], HOURS, (), needs_approval=False).level == level


@pytest.mark.parametrize(
    ("entries", "recognised", "approval", "expected"),
    [
        ([6000], (), False, (1, 0, 0)),
        ([6000, -6000, 5999], (), False, (0, 0, 1)),
        ([18000, -12000], (), False, (1, 0, 2)),
        ([6000], (), True, (0, 1, 0)),
        ([18000], (Recognised(1, 100),), True, (1, 2, 0)),
        ([6000, -60], (Recognised(1, 100),), True, (0, 0, 1)),
        # The rule changed since: what was recognised holds by the hours of its day.
        ([4800], (Recognised(1, 80),), True, (1, 0, 0)),
        ([4800], (Recognised(1, 80),), False, (1, 0, 0)),
    ],
)
def test_where_somebody_stands(entries, recognised, approval, expected):
    found = standing(entries, HOURS, recognised, needs_approval=approval)
    assert (found.level, found.waiting, found.lost) == expected


@pytest.mark.parametrize("typed", ["", "100,50", "100,100", "a", "0,5", "1,2,3,4,5,6,7,8,9,10"])
def test_hours_of_levels_rise(typed):
    with pytest.raises(Invalid):
        BY_KEY["star_hours"].parse(typed)


def test_hours_of_levels_are_understood_as_typed():
    assert BY_KEY["star_hours"].parse(" 50，150、300 ") == "50,150,300"


@pytest.fixture
def given(make):
    make.set("star_hours", "2,4")
    make.set("star_approval", value=True)
    station = make.station()
    return station, make.volunteer(station, name="甘小雨"), make.shift(station)


def test_recognition_is_another_persons_and_is_lost_aloud(make, browser, given):
    station, person, shift = given
    credited(shift, person, minutes=119, days_ago=9)
    assert queries_stars.waiting(frozenset({station.id}), 1).rows == []
    entry = credited(shift, person, minutes=1, days_ago=8)
    browser.sign_in(person)
    assert "已经达到 1 星，等认定" in browser.get("/me/record").text
    browser.sign_in(make.manager(make.station()))
    assert "甘小雨" not in browser.get("/desk/stars").text
    address = f"/desk/people/{person.public_id}/stars"
    assert browser.post(address, {"level": "1"}).status_code == 404
    browser.sign_in(make.manager(station))
    assert "甘小雨" in browser.get("/desk/stars").text
    assert browser.post(address, {"level": "2"}).status_code == 409
    assert browser.post(address, {"level": "9"}).status_code == 422
    assert browser.post(address, {"level": "1"}).status_code == 303
    assert "甘小雨" not in browser.get("/desk/stars").text
    (star,) = queries_stars.live_of(person.id)
    withdrawal = f"/desk/stars/{star.public_id}/withdrawal"
    assert browser.post(withdrawal).status_code == 409
    for path in ("/me", "/me/volunteer", "/me/volunteer/card"):
        assert "1 星志愿者" in browser.sign_in(person).get(path).text
    taken_back(entry)
    assert "曾经达到 1 星" in browser.get("/me/record").text
    browser.sign_in(make.manager(station))
    assert "不再达到的" in browser.get("/desk/stars").text
    assert browser.post(withdrawal).status_code == 303
    assert queries_stars.live_of(person.id) == []
    credited(shift, person, minutes=1, days_ago=7)
    assert queries_stars.standing(person.id).waiting == 1


def test_nobody_recognises_themselves(make, given):
    _station, person, shift = given
    credited(shift, person)
    with pytest.raises(Refused) as refused:
        write(actions_stars.recognise, person.id, 1, actor=make.actor(person), now=clock.now())
    assert refused.value.codes == ("own_record",)


def test_the_list_asks_the_same_whatever_its_length(make, browser, given):
    station, person, shift = given
    browser.sign_in(make.holder(Role.CAMPAIGN_OFFICER, make.centre()))
    credited(shift, person)

    def asked():
        browser.get("/desk/stars")
        with count_queries() as seen:
            browser.get("/desk/stars")
        return len(seen)

    before = asked()
    for _ in range(29):
        credited(shift, make.volunteer(station))
    assert asked() == before
