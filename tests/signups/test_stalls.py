"""Stalls of a fair: named places, each with its own number and queue; going from one to another."""

from __future__ import annotations

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Invalid, Refused
from portal.shifts import queries as shifts
from portal.shifts.actions import NewPlace
from portal.shifts.models import PlaceRole
from portal.signups import actions, hooks, queries, stalls
from portal.signups.asking import Asks
from portal.signups.models import Signup

ROLE = PlaceRole.ATTENDEE


@pytest.fixture
def station(make):
    return make.station()


@pytest.fixture
def fair(make, station):
    shift = make.shift(station, places={"attendee": 1})
    wanted = [(None, NewPlace(ROLE, 1, "义诊")), (None, NewPlace(ROLE, 1, "理发"))]
    write(stalls.set_places, shift.id, wanted, actor=SYSTEM, now=clock.now())
    return shift


def ask(shift, person, place=None):
    asks = Asks(shift.id, person.id, ROLE, place=place)
    signup_id = write(actions.give_place, asks, actor=SYSTEM, now=clock.now())
    return queries.columns(signup_id), stall(signup_id)


def stall(signup_id):
    db.session.expire_all()
    return db.session.get(Signup, signup_id).place.label


def change(signup_id, label):
    return write(stalls.change_place, signup_id, label, actor=SYSTEM, now=clock.now())


def test_a_stall_is_asked_for_by_name_or_the_first_free_one_is_given(make, fair):
    people = [make.person() for _ in range(4)]
    named, where = ask(fair, people[0], "理发")
    assert (named.state, where) == ("confirmed", "理发")
    free, where = ask(fair, people[1])
    assert (free.state, where) == ("confirmed", "义诊")
    waiting, where = ask(fair, people[2], "理发")
    assert (waiting.state, where) == ("waitlisted", "理发")
    with pytest.raises(Refused) as refused:
        ask(fair, people[3], "修表")
    assert refused.value.codes == ("no_such_place",)
    assert hooks.check() == []


def test_each_stall_has_a_queue_of_its_own(make, fair):
    people = [make.person() for _ in range(4)]
    ask(fair, people[0], "理发")
    other, _where = ask(fair, people[1], "义诊")
    one, _where = ask(fair, people[2], "理发")
    two, _where = ask(fair, people[3], "义诊")
    write(actions.withdraw, other.id, "", actor=SYSTEM, now=clock.now())
    assert queries.columns(two.id).state == "offered"
    assert queries.columns(one.id).state == "waitlisted"
    assert hooks.check() == []


def test_going_to_another_stall_frees_the_place_for_who_waits(make, fair):
    people = [make.person() for _ in range(3)]
    first, _where = ask(fair, people[0], "理发")
    waiting, _where = ask(fair, people[1], "理发")
    change(first.id, "义诊")
    assert (queries.columns(first.id).state, stall(first.id)) == ("confirmed", "义诊")
    assert queries.columns(waiting.id).state == "offered"
    third, _where = ask(fair, people[2], "义诊")
    with pytest.raises(Refused) as refused:
        change(first.id, "理发")
    assert refused.value.codes == ("full",)
    assert third.state == "waitlisted"
    assert hooks.check() == []


def test_a_place_never_vanishes_under_a_sign_up(make, fair):
    ask(fair, make.person(), "理发")
    there = {place.label: place.id for place in shifts.places(fair.id)}
    gone = [(there["义诊"], NewPlace(ROLE, 2, "义诊和量血压"))]
    with pytest.raises(Invalid, match="理发"):
        write(stalls.set_places, fair.id, gone, actor=SYSTEM, now=clock.now())
    db.session.rollback()
    kept = [*gone, (there["理发"], NewPlace(ROLE, 3, "理发"))]
    write(stalls.set_places, fair.id, kept, actor=SYSTEM, now=clock.now())
    found = [(place.label, place.capacity) for place in shifts.places(fair.id)]
    assert sorted(found) == [("义诊和量血压", 2), ("理发", 3)]
    twice = [*kept, (None, NewPlace(ROLE, 1, "理发"))]
    with pytest.raises(Invalid, match="一样"):
        write(stalls.set_places, fair.id, twice, actor=SYSTEM, now=clock.now())


def test_the_page_asks_which_stall_and_the_desk_names_them(make, browser, app, station, fair):
    me = browser.sign_in(make.person())
    path = fair.offering.path
    assert 'value="attendee:理发"' in me.get(path).text
    address = f"/shifts/{fair.public_id}/signup"
    assert me.post(address, {"role": "attendee:理发"}).status_code == 303
    page = me.get(path).text
    assert "换一个摊位" in page
    row = queries.on_shift(fair.id)[0]
    assert row.place.label == "理发"
    assert me.post(f"/signups/{row.public_id}/place", {"place": "义诊"}).status_code == 303
    other = type(me)(app).sign_in(make.person())
    assert other.post(address, {"role": "attendee", "place": "理发"}).status_code == 303
    desk = type(me)(app).sign_in(make.manager(station))
    roster = desk.get(f"/desk/shifts/{fair.public_id}").text
    assert "参加活动 · 义诊" in roster
    assert "参加活动 · 理发" in roster
    places = f"/desk/shifts/{fair.public_id}/places"
    lines = {"place0-was": "attendee:义诊", "place0-label": "义诊", "place0-role": "attendee"}
    lines |= {"place1-was": "attendee:理发", "place1-label": "理发", "place1-role": "attendee"}
    lines |= {f"place{n}-role": "volunteer" for n in range(2, 40)}
    new = {"place2-label": "小家电维修", "place2-capacity": "2"}
    assert desk.get(places).status_code == 200
    assert desk.post(places, {**lines, **new}).status_code == 422
    numbers = {"place0-capacity": "4", "place1-capacity": "1"}
    assert desk.post(places, {**lines, **numbers, **new}).status_code == 303
    assert [place.capacity for place in shifts.places(fair.id)] == [4, 1, 2]
