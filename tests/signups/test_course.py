"""A course: all dates or none, one queue, leaving it, missing one date, dates that come later."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from portal.activities import actions as activities
from portal.activities import actions_series, queries
from portal.core import clock, engines
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Invalid, Refused
from portal.shifts.models import PlaceRole
from portal.shifts.recurrence import Freq, Rule
from portal.signups import actions, course, hooks, queries_course
from portal.signups import queries as signups
from portal.signups.models import Signup
from portal.signups.models_course import Course, CourseSignup
from tests.activities.given_series import series, shifts_of
from tests.support.factory import Factory

ROLE = PlaceRole.ATTENDEE


@pytest.fixture
def station(make):
    return make.station()


@pytest.fixture
def calligraphy(make, station):
    return series(make, station, is_course=True, places={"attendee": 2, "volunteer": 1})


def sign_up(row, person, now=None):
    return write(course.sign_up, row.id, person.id, actor=SYSTEM, now=now or clock.now())


def states(row, person):
    """Return the states of the person's sign-ups for its dates."""
    found = [signups.latest(shift.id, person.id) for shift in shifts_of(row)]
    return [one.state if one else None for one in found]


def taken(row):
    db.session.expire_all()
    return db.session.get_one(Course, row.id).taken


def test_one_sign_up_takes_all_dates_and_twice_is_once(make, calligraphy):
    person = make.person()
    first, second = sign_up(calligraphy, person), sign_up(calligraphy, person)
    assert first.id == second.id
    assert states(calligraphy, person) == ["confirmed"] * 5
    assert taken(calligraphy) == 1
    assert hooks.check() == []


def test_a_single_date_of_a_course_is_not_to_be_had(make, calligraphy):
    shift, person = shifts_of(calligraphy)[0], make.person()
    with pytest.raises(Refused) as refused:
        write(actions.sign_up, shift.id, person.id, ROLE, actor=SYSTEM, now=clock.now())
    assert refused.value.codes == ("whole_course",)


def test_one_clash_refuses_the_whole_and_names_its_date(make, station, calligraphy):
    person, dates = make.person(), shifts_of(calligraphy)
    busy = make.shift(station, starts_at=dates[3].starts_at + timedelta(minutes=30))
    write(actions.sign_up, busy.id, person.id, ROLE, actor=SYSTEM, now=clock.now())
    with pytest.raises(Refused) as refused:
        sign_up(calligraphy, person)
    assert refused.value.codes == ("clash",)
    assert f"{clock.local_day(dates[3].starts_at).day}日" in refused.value.message
    db.session.rollback()
    assert states(calligraphy, person) == [None] * 5
    assert taken(calligraphy) == 0


def test_the_queue_is_of_the_course_and_a_place_goes_round(make, calligraphy):
    people = [make.person() for _ in range(4)]
    rows = [sign_up(calligraphy, person) for person in people]
    assert [row.state for row in rows] == ["confirmed", "confirmed", "waitlisted", "waitlisted"]
    assert list(queries_course.positions(rows).values()) == [1, 2]
    write(course.withdraw, rows[0].id, "", actor=SYSTEM, now=clock.now())
    assert set(states(calligraphy, people[0])) == {"withdrawn"}
    assert db.session.get(CourseSignup, rows[2].id).state == "offered"
    assert taken(calligraphy) == 2
    late = db.session.get(CourseSignup, rows[2].id).offered_until + timedelta(minutes=1)
    write(course.lapse, rows[2].id, actor=SYSTEM, now=late)
    write(course.accept, rows[3].id, actor=SYSTEM, now=late)
    assert states(calligraphy, people[3]) == ["confirmed"] * 5
    assert taken(calligraphy) == 2
    with pytest.raises(Refused):
        write(course.accept, rows[2].id, actor=SYSTEM, now=late)
    assert hooks.check() == []


def test_missing_one_date_keeps_the_course_and_the_date_can_be_taken_again(make, calligraphy):
    person, shift = make.person(), shifts_of(calligraphy)[1]
    row = sign_up(calligraphy, person)
    missed = signups.live(shift.id, person.id)
    write(actions.withdraw, missed.id, "", actor=SYSTEM, now=clock.now())
    assert states(calligraphy, person).count("confirmed") == 4
    assert db.session.get(CourseSignup, row.id).state == "confirmed"
    write(course.bring, calligraphy.offering_id, actor=SYSTEM, now=clock.now())
    assert signups.live(shift.id, person.id) is None
    write(course.rejoin, row.id, shift.id, actor=SYSTEM, now=clock.now())
    assert states(calligraphy, person) == ["confirmed"] * 5
    assert hooks.check() == []


def test_who_joins_late_gets_the_rest_and_later_dates_bring_everybody(make, calligraphy):
    dates = shifts_of(calligraphy)
    early, late = make.person(), make.person()
    sign_up(calligraphy, early)
    sign_up(calligraphy, late, now=dates[1].ends_at)
    assert states(calligraphy, late) == [None, None, *["confirmed"] * 3]
    longer = Rule(Freq.DAILY, count=7)
    write(actions_series.set_end, calligraphy.id, longer, "", actor=SYSTEM, now=clock.now())
    assert states(calligraphy, early) == ["confirmed"] * 7
    assert states(calligraphy, late)[-2:] == ["confirmed"] * 2
    assert hooks.check() == []


def test_more_places_go_to_who_waits_and_never_fewer_than_taken(make, calligraphy):
    rows = [sign_up(calligraphy, make.person()) for _ in range(3)]
    write(course.set_capacity, calligraphy.id, 3, actor=SYSTEM, now=clock.now())
    assert db.session.get(CourseSignup, rows[2].id).state == "offered"
    with pytest.raises(Invalid):
        write(course.set_capacity, calligraphy.id, 1, actor=SYSTEM, now=clock.now())
    assert hooks.check() == []


def test_calling_the_activity_off_ends_the_course(make, calligraphy):
    people = [make.person() for _ in range(3)]
    rows = [sign_up(calligraphy, person) for person in people]
    write(activities.call_off, calligraphy.offering_id, "停办", actor=SYSTEM, now=clock.now())
    db.session.expire_all()
    assert {row.state for row in rows} == {"called_off"}
    assert set(states(calligraphy, people[0])) == {"called_off"}
    assert taken(calligraphy) == 0
    assert hooks.check() == []


def test_the_pages_sign_up_leave_and_show_it_as_one(make, browser, app, station, calligraphy):
    person = make.person(birth_on=None)
    me = browser.sign_in(person)
    page = me.get(f"/series/{calligraphy.public_id}").text
    assert "报这门课" in page
    activity = queries.activity(calligraphy.offering_id)
    assert "整门课一起报名" in me.get(f"/activities/{activity.public_id}").text
    address = f"/series/{calligraphy.public_id}"
    assert me.post(f"{address}/signup", {"next": address}).status_code == 303
    mine = me.get("/me/signups").text
    assert mine.count(f"/series/{calligraphy.public_id}") == 1
    assert "这门课的 5 次" in mine
    other = type(me)(app).sign_in(make.person())
    row = queries_course.live(calligraphy.id, person.id)
    leave = f"/signups/courses/{row.public_id}/withdrawal"
    assert other.post(leave).status_code == 404
    desk = type(me)(app).sign_in(make.manager(station))
    assert person.name in desk.get(f"/desk/series/{calligraphy.public_id}/course").text
    assert me.post(leave, {"reason": "搬家"}).status_code == 303
    assert states(calligraphy, person) == ["withdrawn"] * 5


def test_the_desk_signs_somebody_without_a_phone_up_for_the_whole(
    make, browser, station, calligraphy
):
    desk = browser.sign_in(make.manager(station))
    address = f"/desk/shifts/{shifts_of(calligraphy)[0].public_id}/signups/new"
    assert "整门课一起报" in desk.get(address).text
    said = {"role": "attendee", "name": "陈阿婆", "channel": "desk", "consent": "y"}
    assert desk.post(address, said).status_code == 303
    rows = queries_course.in_course(calligraphy.id)
    assert [row.person.name for row in rows] == ["陈阿婆"]
    assert states(calligraphy, rows[0].person) == ["confirmed"] * 5


@pytest.mark.race
def test_many_at_once_get_all_dates_or_none(own_app, monkeypatch):
    monkeypatch.setattr(engines, "LOCK_SECONDS", 30)
    make = Factory()
    row = series(make, is_course=True, places={"attendee": 3})
    series_id, people = row.id, [make.person(account=False).id for _ in range(12)]
    start = Barrier(len(people))

    def ask(person_id):
        with own_app.app_context():
            start.wait()
            try:
                return write(
                    course.sign_up, series_id, person_id, actor=SYSTEM, now=clock.now()
                ).state
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(people)) as pool:
        found = Counter(pool.map(ask, people))
    assert found == {"confirmed": 3, "waitlisted": 9}
    per_person = Counter(person_id for (person_id,) in db.session.query(Signup.person_id))
    assert sorted(per_person.values()) == [5, 5, 5]
    assert hooks.check() == []
