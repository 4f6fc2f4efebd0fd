"""Many at once: one pledges, the others read that it is taken, nobody meets an error."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from portal.core import clock, engines
from portal.core.access import SYSTEM
from portal.core.db import write
from portal.core.errors import Refused
from portal.wishes import actions_pledges, hooks, queries
from portal.wishes import queries_pledges as pledges
from portal.wishes.actions_pledges import Promise
from tests.conftest import PROFILE
from tests.signups.test_races import at_once, look_afresh
from tests.support.client import Browser
from tests.support.factory import Factory
from tests.wishes.given import pledge, published, wanted

pytestmark = pytest.mark.race
CROWD = 64
# As many requests as a server works on at a time; the others wait at its door.
SERVED_AT_ONCE = 12
ROUNDS = 20 if PROFILE == "full" else 3


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Who is served is the question here, not how fast this machine is."""
    monkeypatch.setattr(engines, "LOCK_SECONDS", 30)


@pytest.fixture
def make(own_app):
    return Factory()


@pytest.fixture
def crowd(make):
    return [make.person(account=False).id for _ in range(CROWD)]


def pledging(wish_id, person_id, now, part=0):
    promise = Promise(person_id, clock.local_day(now) + timedelta(days=3), part)

    def job():
        try:
            row = write(actions_pledges.pledge, wish_id, promise, actor=SYSTEM, now=now)
        except Refused as refused:
            return refused.codes[0]
        return str(row.state)

    return job


def test_a_wish_goes_to_exactly_one_of_many(own_app, make, crowd):
    station = make.station()
    for _ in range(ROUNDS):
        wish = published(station)
        now = clock.now()
        results = Counter(at_once(own_app, [pledging(wish.id, one, now) for one in crowd]))
        look_afresh()
        assert results == {"active": 1, "taken": CROWD - 1}
        assert (queries.wish(wish.id).state, len(pledges.all_of(wish.id))) == ("pledged", 1)
        first = pledges.all_of(wish.id)[0]
        write(actions_pledges.deliver, first.id, "", actor=SYSTEM, now=clock.now())
    assert hooks.check() == []


def test_two_hundred_press_at_once_and_those_who_come_second_read_who_has_it(own_app, make):
    """The whole way over the address: one wins, the rest read the masked name and three others."""
    station = make.station()
    wish = published(station, wanted=wanted("repair"))
    others = {published(station, wanted=wanted("repair")).public_id for _ in range(3)}
    address = f"/wishes/{wish.public_id}/pledge"
    day = (clock.today() + timedelta(days=3)).isoformat()

    def pressing(browser, token):
        fields = {"promised_on": day, "part": "0", "team": "", "csrf_token": token}
        return lambda: browser.client.post(address, data=fields)

    browsers = [Browser(own_app).sign_in(make.person(f"钱{n:03d}")) for n in range(200)]
    jobs = [pressing(one, one.token()) for one in browsers]
    with ThreadPoolExecutor(SERVED_AT_ONCE) as server:
        answers = list(server.map(lambda job: job(), jobs))
    look_afresh()
    assert Counter(one.status_code for one in answers) == {303: 1, 409: 199}
    for one in answers:
        if one.status_code == 409:
            assert "钱*" in one.text
            assert all(other in one.text for other in others)
    assert len(pledges.all_of(wish.id)) == 1
    assert hooks.check() == []


def test_the_parts_of_a_wish_go_to_as_many_as_there_are(own_app, make, crowd):
    wish = published(make.station(), parts=("书包", "文具", "辅导"))
    now = clock.now()
    results = Counter(at_once(own_app, [pledging(wish.id, one, now) for one in crowd]))
    look_afresh()
    assert results == {"active": 3, "taken": CROWD - 3}
    assert len({row.part_id for row in pledges.all_of(wish.id)}) == 3
    assert queries.wish(wish.id).state == "pledged"
    assert hooks.check() == []


def test_one_person_pressing_often_has_one_pledge(own_app, make):
    wish, person = published(make.station(), parts=("书包", "文具")), make.person()
    results = at_once(own_app, [pledging(wish.id, person.id, clock.now())] * 16)
    look_afresh()
    assert set(results) == {"active"}
    assert (len(pledges.all_of(wish.id)), queries.wish(wish.id).taken) == (1, 1)


def test_the_cap_holds_for_one_person_in_many_tabs(own_app, make):
    station, person = make.station(), make.person()
    jobs = [pledging(published(station).id, person.id, clock.now()) for _n in range(8)]
    results = Counter(at_once(own_app, jobs))
    look_afresh()
    assert results == {"active": 3, "too_many": 5}
    assert pledges.count_active(person.id) == 3


def test_giving_back_and_pledging_at_once_loses_nothing(own_app, make, crowd):
    station = make.station()
    for _ in range(ROUNDS):
        wish, now = published(station), clock.now()
        held = pledge(wish, make.person(account=False))

        def give_back(pledge_id=held.id, now=now):
            row = write(actions_pledges.give_back, pledge_id, "", actor=SYSTEM, now=now)
            return str(row.state)

        jobs = [pledging(wish.id, one, now) for one in crowd[:15]]
        results = Counter(at_once(own_app, [*jobs[:7], give_back, *jobs[7:]]))
        look_afresh()
        now_held = pledges.holding(wish.id)
        assert results["returned"] == 1
        assert results["active"] == len(now_held) <= 1
        assert queries.wish(wish.id).state == ("pledged" if now_held else "published")
        for row in now_held:
            write(actions_pledges.deliver, row.id, "", actor=SYSTEM, now=clock.now())
    assert hooks.check() == []
