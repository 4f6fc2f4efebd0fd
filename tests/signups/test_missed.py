"""Late cancellations and no-shows: counted openly, for a time, with an appeal, and used by no machine."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import write
from portal.core.errors import Refused
from portal.core.ref import Ref
from portal.records import notes, settings
from portal.shifts.models import PlaceRole
from portal.signups import actions, hooks, missed, queries_missed
from portal.signups.models import SignupState

SEAT = PlaceRole.ATTENDEE
DAY = timedelta(days=1)


@pytest.fixture
def now():
    return clock.now().replace(microsecond=0)


@pytest.fixture
def shift(make, now):
    return make.shift(starts_at=now + 3 * DAY, places={"attendee": 5})


def sign_up(shift, person, now):
    return write(actions.sign_up, shift.id, person.id, SEAT, actor=SYSTEM, now=now)


def late(shift, person, now, hours=20):
    row = sign_up(shift, person, now)
    at = shift.starts_at - timedelta(hours=hours)
    return write(actions.withdraw, row.id, "", actor=SYSTEM, now=at)


def kinds(person):
    return [one.kind for one in queries_missed.of([person.id])]


@pytest.mark.parametrize(
    ("hours", "setting", "expected"),
    [(20, 24, ["late_cancel"]), (24, 24, []), (30, 24, []), (30, 48, ["late_cancel"]), (1, 0, [])],
)
def test_late_is_a_setting_and_kept_as_it_was_judged(make, shift, now, hours, setting, expected):
    write(settings.change, "late_cancel_hours", setting, actor=SYSTEM, now=now)
    person = make.person()
    late(shift, person, now, hours)
    write(settings.change, "late_cancel_hours", 100, actor=SYSTEM, now=now)
    assert kinds(person) == expected


def test_after_a_change_nothing_counts_and_coming_back_neither(make, shift, now):
    moved, back, waits = make.person(), make.person(), make.person()
    late(shift, back, now)
    write(actions.sign_up, shift.id, back.id, SEAT, actor=SYSTEM, now=shift.starts_at - DAY / 2)
    row = sign_up(shift, moved, now)
    write(actions.move, shift.id, shift.starts_at, shift.ends_at + DAY / 24, actor=SYSTEM, now=now)
    write(actions.withdraw, row.id, "", actor=SYSTEM, now=shift.starts_at - DAY / 24)
    assert kinds(moved) == kinds(back) == kinds(waits) == []


def test_no_show_counts_until_somebody_came_after_all(make, shift, now):
    person = make.person()
    row = sign_up(shift, person, now)
    at = shift.ends_at + DAY
    write(actions.mark, row.id, SignupState.NO_SHOW, actor=SYSTEM, now=at)
    assert kinds(person) == ["no_show"]
    write(actions.mark, row.id, SignupState.ATTENDED, actor=SYSTEM, now=at)
    assert kinds(person) == []


def test_it_expires_and_decides_nothing(make, shift, now, browser, time_machine):
    person = make.person()
    row = late(shift, person, now)
    manager = make.manager(shift.offering.station)
    sign_up(shift, person, shift.starts_at - DAY / 24)  # nobody is refused, or put behind
    assert kinds(person) == []
    other = make.person()
    late(shift, other, now)
    next_one = make.shift(
        activity=shift.offering, starts_at=shift.starts_at + DAY, places={"attendee": 2}
    )
    time_machine.move_to(shift.starts_at, tick=False)
    assert sign_up(next_one, other, clock.now()).state == "confirmed"
    roster = browser.sign_in(manager).get(f"/desk/shifts/{next_one.public_id}").text
    assert "缺席 1 次" in roster
    elsewhere = make.shift(starts_at=shift.starts_at + 2 * DAY, places={"attendee": 2})
    sign_up(elsewhere, other, clock.now())
    theirs = browser.sign_in(make.manager(elsewhere.offering.station))
    assert "缺席" not in theirs.get(f"/desk/shifts/{elsewhere.public_id}").text
    assert shift.offering.title in browser.sign_in(other).get("/me/attendance").text
    time_machine.move_to(shift.starts_at + 181 * DAY, tick=False)
    assert shift.offering.title not in browser.sign_in(other).get("/me/attendance").text
    with pytest.raises(Refused):
        write(missed.file, row.id, "病了", actor=SYSTEM, now=clock.now())


def test_an_appeal_is_heard_by_the_station_and_not_by_oneself(
    browser, make, shift, now, time_machine
):
    station, person = shift.offering.station, make.person()
    manager = make.manager(station)
    row = late(shift, person, now)
    time_machine.move_to(shift.starts_at, tick=False)
    mine, address = browser.sign_in(person), f"/signups/{row.public_id}/appeal"
    assert mine.post(address, {"words": ""}).status_code == 422
    assert mine.post(address, {"words": "当天住院了"}).status_code == 303
    assert mine.post(address, {"words": "再说一次"}).status_code == 303
    (one,) = queries_missed.of([person.id])
    desk_path = f"/desk/appeals/{one.appeal.public_id}"
    stranger = browser.sign_in(make.manager(make.station()))
    assert stranger.get(desk_path).status_code == 404
    assert person.name not in stranger.get("/desk/appeals").text
    desk = browser.sign_in(manager)
    assert person.name in desk.get("/desk/appeals").text
    assert "当天住院了" in desk.get(desk_path).text
    assert desk.post(desk_path, {"answer": "refuse", "words": ""}).status_code == 422
    assert desk.post(desk_path, {"answer": "grant", "words": ""}).status_code == 303
    assert queries_missed.counts_at(station.id, [person.id], now - DAY) == {}
    assert "不再计" in browser.sign_in(person).get("/me/attendance").text
    assert desk.post(desk_path, {"answer": "refuse", "words": "不对"}).status_code in {
        403,
        404,
        409,
    }
    own = late(make.shift(station, starts_at=clock.now() + DAY * 2), manager, clock.now())
    appeal = write(missed.file, own.id, "我自己的", actor=SYSTEM, now=clock.now())
    with pytest.raises(Refused) as refused:
        write(missed.answer, appeal.id, "", grants=True, actor=make.actor(manager), now=now)
    assert refused.value.codes == ("own",)


def test_words_of_an_appeal_leave_with_the_person(make, shift, now):
    person = make.person()
    row = late(shift, person, now)
    appeal = write(missed.file, row.id, "当天住院了", actor=SYSTEM, now=shift.starts_at)
    assert hooks.export(person.id)["missed"][0]["words"] == "当天住院了"
    write(hooks.erase, person.id, actor=SYSTEM, now=now)
    assert notes.of(Ref("appeal", appeal.id)) == []
