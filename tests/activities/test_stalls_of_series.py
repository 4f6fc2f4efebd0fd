"""Stalls from the new form on, and for all later dates of a series, whoever holds a place kept."""

from datetime import timedelta

import pytest

from portal.activities import actions_stalls, queries
from portal.activities.actions_series import Scope
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Invalid
from portal.shifts import hooks as shift_hooks
from portal.shifts import queries as shifts
from portal.shifts import queries_series
from portal.shifts.actions import NewPlace
from portal.shifts.models import PlaceRole
from portal.signups import actions, hooks
from tests.activities.given_series import series, shifts_of
from tests.activities.test_publishing import fields

ROLE = PlaceRole.VOLUNTEER


@pytest.fixture
def station(make):
    return make.station()


@pytest.fixture
def desk(make, browser, station):
    return browser.sign_in(make.manager(station))


def places(shift):
    db.session.expire_all()
    return sorted((one.label, one.capacity) for one in shifts.places(shift.id))


def set_places(shift, wanted, scope=Scope.LATER):
    wanted = [(id_, NewPlace(ROLE, number, label)) for id_, number, label in wanted]
    now = clock.now()
    return write(actions_stalls.set_places, shift.id, wanted, scope, actor=SYSTEM, now=now)


def ids(shift):
    return {one.label: one.id for one in shifts.places(shift.id)}


def test_the_new_form_leads_to_the_stalls_and_from_one_date_to_all(desk, station):
    first = clock.today() + timedelta(days=7)
    asked = fields(
        station, then="stalls", day=first.isoformat(), repeat="WEEKLY", count="3", sure="1"
    )
    answer = desk.post("/desk/activities/new", asked)
    address = answer.headers["Location"]
    assert address.endswith("/places")
    page = desk.get(address).text
    assert "这一次和以后的都改" in page
    sent = {
        "place0-was": "volunteer:", "place0-label": "义诊", "place0-role": "volunteer",
        "place0-capacity": "3", "place1-label": "理发", "place1-role": "volunteer",
        "place1-capacity": "2", "scope": "later",
    }  # fmt: skip
    answer = desk.post(address, sent)
    activity = queries.activity_by_id(answer.headers["Location"].rsplit("/", 1)[1])
    found = [places(one) for one in shifts.shifts_of(activity.id)]
    assert found == [[("义诊", 3), ("理发", 2)]] * 3
    row = queries_series.of_offering(activity.id)
    assert [(one.label, one.capacity) for one in queries_series.places_of(row.id)] == [
        ("义诊", 3), ("理发", 2),
    ]  # fmt: skip


def test_later_dates_follow_but_never_lose_anybody(make, station):
    row = series(make, station, places={"volunteer": 4})
    one, two, three, alone, last = shifts_of(row)
    assert set_places(alone, [(None, 9, "单独")], Scope.ONE) == 1
    assert set_places(one, [(ids(one)[""], 3, "义诊"), (None, 2, "理发")]) == 4
    for person in [make.volunteer(station) for _ in range(2)]:
        write(actions.sign_up, two.id, person.id, ROLE, actor=SYSTEM, now=clock.now())
    (held,) = {place.label for place in shifts.places(two.id) if place.taken == 2}
    assert held == "义诊"
    changed = set_places(one, [(ids(one)["理发"], 5, "剪发"), (None, 1, "修表")])
    assert changed == 4
    new = [("修表", 1), ("剪发", 5)]
    assert places(one) == places(three) == places(last) == sorted(new)
    assert places(two) == sorted([*new, ("义诊", 3)])
    assert places(alone) == [("单独", 9)]
    set_places(three, [(ids(three)["剪发"], 2, "剪发")])
    assert places(two) == sorted([*new, ("义诊", 3)])
    assert places(three) == places(last) == [("剪发", 2)]
    assert [*shift_hooks.check(), *hooks.check()] == []


def test_seats_of_a_course_are_not_changed_by_date(make, station):
    row = series(make, station, is_course=True, places={"attendee": 6, "volunteer": 1})
    shift = shifts_of(row)[0]
    seats = next(one for one in shifts.places(shift.id) if one.role == PlaceRole.ATTENDEE)
    wanted = [(seats.id, NewPlace(PlaceRole.ATTENDEE, 2))]
    with pytest.raises(Invalid, match="整门"):
        write(actions_stalls.set_places, shift.id, wanted, Scope.ONE, actor=SYSTEM, now=clock.now())
