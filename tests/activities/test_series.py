"""Series: made from the form after a look at the dates, changed singly and from one on, ended."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given as cases
from hypothesis import strategies as st

from portal.activities import actions_series, queries
from portal.activities.actions_series import DateChange, Scope
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Invalid
from portal.org import actions as org_actions
from portal.shifts import hooks as shift_hooks
from portal.shifts import queries as shift_queries
from portal.shifts import queries_series
from portal.shifts import series as all_series
from portal.shifts.models import PlaceRole, ShiftState
from portal.shifts.models_series import Holidays, SeriesDate
from portal.shifts.recurrence import Freq, Rule
from portal.signups import actions as signups
from portal.signups import hooks as signup_hooks
from portal.signups import queries as signup_queries
from tests.activities.given_series import NINE, TWO_HOURS, series, shifts_of
from tests.activities.test_publishing import fields, made
from tests.support.queries import count_queries

ROLE = PlaceRole.ATTENDEE


@pytest.fixture
def station(make):
    return make.station()


@pytest.fixture
def desk(make, browser, station):
    return browser.sign_in(make.manager(station))


def starts(row):
    return [shift.starts_at for shift in shifts_of(row)]


def change(shift, *, scope=Scope.ONE, days=0, minute=NINE, length=TWO_HOURS, **more):
    day = clock.local_day(shift.starts_at) + timedelta(days=days)
    return write(
        actions_series.change_date, shift.id, DateChange(day, minute, length, **more), scope,
        actor=SYSTEM, now=clock.now(),
    )  # fmt: skip


def signed_up(make, shift):
    person = make.person(account=False)
    write(signups.sign_up, shift.id, person.id, ROLE, actor=SYSTEM, now=clock.now())
    return person


def weekly(station, **changes):
    return fields(
        station,
        repeat="WEEKLY",
        interval="",
        finish="count",
        count="6",
        skips_holidays="y",
        **changes,
    )


def test_the_dates_are_shown_before_anything_is_made(desk, station):
    answer = desk.post("/desk/activities/new", weekly(station))
    assert answer.status_code == 200
    assert "看看是哪些日子" in answer.text
    assert queries.at_stations([station.id], None, 1).total == 0
    back = desk.post("/desk/activities/new", weekly(station, edit="1"))
    assert 'value="周六清洁家园"' in back.text
    activity = made(desk.post("/desk/activities/new", weekly(station, sure="1")))
    again = made(desk.post("/desk/activities/new", weekly(station, sure="1")))
    assert again.id == activity.id
    row = queries_series.of_offering(activity.id)
    assert len(shifts_of(row)) == 6
    assert "看全部日期" in desk.get(f"/activities/{activity.public_id}").text
    assert desk.get(f"/series/{row.public_id}").status_code == 200
    assert desk.get(f"/desk/series/{row.public_id}").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"count": ""},
        {"count": "0"},
        {"count": "999"},
        {"finish": "until", "until": ""},
        {"finish": "until", "until": "2020-01-01"},
        {"interval": "99"},
        {"is_course": "y", "attendees": ""},
    ],
)
def test_a_rule_that_cannot_be_used_comes_back(desk, station, wrong):
    answer = desk.post("/desk/activities/new", {**weekly(station), **wrong})
    assert answer.status_code == 422
    assert "周六清洁家园" in answer.text


def test_a_holiday_is_skipped_and_named_and_a_year_without_list_is_marked(make, desk, station):
    """A count is made up for at the end; nothing is guessed."""
    year = clock.today().year + 1
    first = date(year, 3, 5)
    days = [(first + timedelta(days=7), False, "植树假")]
    write(org_actions.import_calendar, year, days, "测试", actor=SYSTEM, now=clock.now())
    rule = Rule(Freq.WEEKLY, days=(first.weekday(),), count=3)
    row = series(make, station, rule=rule, first=first, holidays=Holidays.SKIP)
    assert [clock.local_day(at) for at in starts(row)] == [
        first + timedelta(days=n) for n in (0, 14, 21)
    ]
    page = desk.get(f"/series/{row.public_id}").text
    assert "植树假" in page
    assert "尚无放假安排" not in page
    rule = Rule(Freq.MONTHLY, month_day=3, until=date(year + 1, 2, 28))
    far = series(make, station, rule=rule, first=date(year, 12, 3))
    assert desk.get(f"/desk/series/{far.public_id}").text.count("尚无放假安排") == 2


def test_one_date_changes_alone_and_does_not_follow_the_others(make, station):
    row = series(make, station)
    shifts = shifts_of(row)
    before = starts(row)
    assert change(shifts[1], days=1, place="城北小学", host="城北小学") == 1
    assert change(shifts[0], scope=Scope.LATER, minute=10 * 60) == 4
    after = starts(row)
    assert after[1] == before[1] + timedelta(days=1)
    assert [at - old for at, old in zip(after, before, strict=True) if at != after[1]] == [
        timedelta(hours=1)
    ] * 4
    assert shifts[1].venue == "城北小学"
    assert write(all_series.fill, row.id, actor=SYSTEM, now=clock.now()) == []


def test_this_and_later_moves_the_weekday_and_nobody_loses_the_place(make, station):
    row = series(make, station)
    shifts = shifts_of(row)
    person = signed_up(make, shifts[3])
    revision, before = shifts[3].revision, starts(row)
    move = 1 if shifts[0].starts_at.weekday() < 5 else -1
    change(shifts[2], scope=Scope.LATER, days=move, capacities={ROLE: 3})
    assert starts(row) == before[:2] + [at + timedelta(days=move) for at in before[2:]]
    assert shifts[3].revision > revision
    assert signup_queries.live(shifts[3].id, person.id).state == "confirmed"
    assert {
        place.capacity for place in shift_queries.places(shifts[4].id) if place.role == ROLE
    } == {3}
    longer = Rule(Freq.DAILY, count=8)
    write(actions_series.set_end, row.id, longer, "", actor=SYSTEM, now=clock.now())
    assert len(starts(row)) == 8
    assert starts(row)[-1] == before[-1] + timedelta(days=21 + move)


def test_the_form_of_a_date_asks_only_for_the_places_it_has(make, desk, station):
    row = series(make, station, places={"volunteer": 4})
    shift = shifts_of(row)[1]
    address = f"/desk/shifts/{shift.public_id}/edit"
    page = desk.get(address).text
    assert 'name="volunteers"' in page
    assert 'name="attendees"' not in page
    day = clock.local_day(shift.starts_at).isoformat()
    asked = {"day": day, "starts": "10:00", "ends": "11:00", "volunteers": "5", "scope": "later"}
    assert desk.post(address, {**asked, "starts": ""}).status_code == 422
    assert desk.post(address, {**asked, "place": "二楼", "host": "小学"}).status_code == 303
    assert [one.place for one in shifts_of(row)] == ["", *["二楼"] * 4]
    assert "LOCATION:二楼" in desk.get(f"/cal/series/{row.public_id}.ics").text
    assert "接待单位：小学" in desk.get(f"/cal/series/{row.public_id}.ics").text


def test_fewer_places_than_people_hold_are_refused_here_and_kept_later(make, station):
    row = series(make, station)
    shifts = shifts_of(row)
    for shift in (shifts[0], shifts[0], shifts[2], shifts[2]):
        signed_up(make, shift)
    with pytest.raises(Invalid, match="已经有 2 人"):
        change(shifts[0], capacities={ROLE: 1})
    change(shifts[1], scope=Scope.LATER, capacities={ROLE: 1})
    assert [
        place.capacity for place in shift_queries.places(shifts[2].id) if place.role == ROLE
    ] == [2]
    assert [
        place.capacity for place in shift_queries.places(shifts[3].id) if place.role == ROLE
    ] == [1]


def test_a_series_is_shortened_after_a_look_and_people_are_told(make, desk, station):
    row = series(make, station)
    shifts = shifts_of(row)
    person = signed_up(make, shifts[4])
    address = f"/desk/series/{row.public_id}/end"
    asked = {"finish": "count", "count": "3", "reason": "老师出差"}
    look = desk.post(address, asked)
    assert "1 人报名" in look.text
    assert shifts[4].state == ShiftState.PLANNED
    assert desk.post(address, {**asked, "sure": "1", "reason": ""}).status_code == 422
    assert desk.post(address, {**asked, "sure": "1"}).status_code == 303
    db.session.expire_all()
    assert [shift.state for shift in shifts] == ["planned"] * 3 + ["called_off"] * 2
    assert signup_queries.live(shifts[4].id, person.id) is None
    desk.post(
        address, {"finish": "until", "until": clock.local_day(shifts[4].starts_at).isoformat()}
    )
    assert [shift.state for shift in shifts_of(row)] == ["planned"] * 5
    assert [*shift_hooks.check(), *signup_hooks.check()] == []


def test_an_imported_holiday_is_decided_by_hand(make, desk, station):
    first = clock.today() + timedelta(days=7)
    row = series(make, station, holidays=Holidays.SKIP, first=first)
    shifts = shifts_of(row)
    hit = [clock.local_day(shifts[n].starts_at) for n in (1, 2)]
    for year in {day.year for day in hit}:
        days = [(day, False, "新假") for day in hit if day.year == year]
        write(org_actions.import_calendar, year, days, "测试", actor=SYSTEM, now=clock.now())
    page = desk.get(f"/desk/series/{row.public_id}").text
    assert page.count("新假") >= 2
    assert "可以补上" in page
    assert desk.post(f"/desk/shifts/{shifts[1].public_id}/keeping").status_code == 303
    found = actions_series.moves(row, now=clock.now())
    assert [one.date.shift_id for one in found.on_holidays] == [shifts[2].id]
    missing = len(found.missing)
    assert missing
    desk.post(f"/desk/series/{row.public_id}/dates")
    assert len(shifts_of(row)) == 5 + missing


def test_another_stations_manager_sees_nothing(make, app, desk):
    row = series(make)
    shift = shifts_of(row)[0]
    for address in (
        f"/desk/series/{row.public_id}",
        f"/desk/series/{row.public_id}/end",
        f"/desk/shifts/{shift.public_id}/edit",
        f"/desk/shifts/{shift.public_id}/places",
    ):
        assert desk.get(address).status_code == 404


def test_a_page_of_a_series_asks_as_often_for_many_dates(make, app, browser, station):
    counts = []
    for number in (2, 40):
        first = clock.today() + timedelta(days=7)
        row = series(make, station, rule=Rule(Freq.DAILY, count=number), first=first)
        browser.get(f"/series/{row.public_id}")
        with count_queries() as seen:
            browser.get(f"/series/{row.public_id}?again={number}")
        counts.append(len(seen))
    assert counts[0] == counts[1]


@cases(
    st.lists(
        st.tuples(
            st.integers(0, 4), st.sampled_from(list(Scope)), st.integers(-2, 2), st.integers(8, 12)
        ),
        min_size=1,
        max_size=4,
    )
)
def test_whatever_is_edited_sign_ups_stay_and_no_day_is_there_twice(make, app, changes):
    row = series(make, make.station())
    people = {shift.id: signed_up(make, shift) for shift in shifts_of(row)}
    for number, scope, days, hour in changes:
        try:
            change(shifts_of(row)[number], scope=scope, days=days, minute=hour * 60)
        except Invalid:
            db.session.rollback()
    assert {shift.id for shift in shifts_of(row)} >= set(people)
    for shift_id, person in people.items():
        assert signup_queries.live(shift_id, person.id).state == "confirmed"
    days = db.session.query(SeriesDate.original_on).filter_by(series_id=row.id, is_dropped=False)
    found = [day for (day,) in days]
    assert len(found) == len(set(found))
    assert queries_series.misplaced() == []
