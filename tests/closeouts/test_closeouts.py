"""Close-outs: told once, put right while the days are open; not told is not nought."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from portal.attendance import actions_headcounts as heads_actions
from portal.attendance import queries_headcounts as headcounts
from portal.attendance.models_headcounts import Headcount, Method
from portal.attendance.rules_headcounts import Heads, Mark
from portal.closeouts import actions, actions_photos, hooks, queries, queries_open
from portal.closeouts.actions_photos import Shot
from portal.closeouts.models import CloseoutPhoto, Shown
from portal.closeouts.rules import NOTHING, Told
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Invalid
from portal.org import actions as org_actions
from portal.posts import actions_logs
from portal.posts.actions_logs import Logged
from portal.records import files, notes
from portal.records.files import StoredFile
from portal.shifts.models import ShiftState
from tests.closeouts.given import NOON, counter, notices, over, tell
from tests.figures.written import write_visit
from tests.posts.given import duties, published, tried
from tests.wishes import pictures

ESTIMATED = Heads(120, Method.ESTIMATED, "值班的老李")


@pytest.fixture(autouse=True)
def noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def station(make):
    return make.station()


@pytest.fixture
def shift(make, station):
    return over(make, station, open_crowd=True)


def waiting(station, now=NOON):
    found = queries_open.waiting_at([station.id], now)
    return found.count, found.late


# --- telling -------------------------------------------------------------------------------------


def test_what_was_told_stands_there_and_the_same_again_is_the_same(shift):
    told = Told(quality=4, remark="很认真", amounts={counter("waste"): 3250}, heads=ESTIMATED)
    row, _codes = tell(shift, told)
    assert (row.version, row.due_on) == (1, date(2026, 12, 4))
    assert actions.told_of(row) == told
    assert tell(shift, told)[0].id == row.id
    assert headcounts.of([shift.id])[shift.id].number == 120
    assert hooks.check() == []


def test_putting_right_is_a_new_version_and_the_old_one_stays(shift):
    tell(shift, quality=2)
    tell(shift, seen=1, quality=5, heads=ESTIMATED)
    assert [row.quality for row in queries.versions(shift.id)] == [5, 2]


def test_who_comes_second_sees_what_the_first_told(make, station, shift, browser):
    path = f"/desk/shifts/{shift.public_id}/closeout"
    tell(shift, quality=5, heads=ESTIMATED)
    assert tell(shift, quality=3)[1] == ("meanwhile",)
    browser.sign_in(make.manager(station))
    typed = {"seen": "0", "number": "80", "method": "counted", "quality": "5", "then": "report"}
    page = browser.post(path, typed)
    assert page.status_code == 409
    assert "现场清点约 120 人次（估计）" in page.text
    assert 'value="80"' in page.text
    assert 'name="seen" type="hidden" value="1"' in page.text
    assert browser.post(path, {**typed, "seen": "1"}).status_code == 303
    assert headcounts.of([shift.id])[shift.id].number == 80


@pytest.mark.parametrize(
    ("change", "code"), [({"state": ShiftState.CALLED_OFF}, "called_off"), ({}, "too_early")]
)
def test_neither_of_what_was_called_off_nor_before_the_end(make, station, change, code):
    row = over(make, station, ago=timedelta(minutes=-30))
    for name, value in change.items():
        setattr(row, name, value)
    db.session.commit()
    assert tell(row, quality=4)[1] == (code,)


# --- the days for it -----------------------------------------------------------------------------

# The shift ends on Friday 20 November: ten working days later is Friday 4 December.
EDGES = [
    (date(2026, 12, 4), (1, 0)),
    (date(2026, 12, 5), (1, 1)),
    (date(2027, 1, 18), (1, 1)),
    (date(2027, 1, 20), (0, 0)),  # too long ago: nobody is asked any more
]


@pytest.mark.parametrize(("day", "found"), EDGES)
def test_it_is_asked_for_until_the_tenth_working_day_and_is_late_then(station, shift, day, found):
    assert waiting(station, clock.day_start(day) + timedelta(hours=23)) == found


def test_a_holiday_that_is_imported_later_moves_the_last_day(station, shift):
    saturday = clock.day_start(date(2026, 12, 5)) + timedelta(hours=1)
    assert waiting(station, saturday) == (1, 1)
    days = [(date(2026, 12, 1), False, "测试节")]
    write(org_actions.import_calendar, 2026, days, "测试", actor=SYSTEM, now=NOON)
    assert waiting(station, saturday) == (1, 0)
    assert tell(shift, quality=3, now=saturday)[0].due_on == date(2026, 12, 7)
    monday = clock.day_start(date(2026, 12, 7))
    assert tell(shift, seen=1, quality=4, now=monday + timedelta(hours=23))[1] == ()
    assert tell(shift, seen=2, quality=5, now=monday + timedelta(days=1))[1] == ("over",)


def test_a_late_one_may_be_put_right_on_the_same_day(shift):
    late = datetime(2026, 12, 20, 1, tzinfo=UTC)
    assert tell(shift, quality=3, now=late)[1] == ()
    assert tell(shift, seen=1, quality=4, now=late + timedelta(hours=2))[1] == ()
    assert tell(shift, seen=2, quality=5, now=late + timedelta(days=1))[1] == ("over",)


def test_the_station_is_reminded_once_when_two_working_days_are_left(make, station, shift):
    manager = make.manager(station)
    over(make, station)
    wednesday = clock.day_start(date(2026, 12, 2))
    hooks.due(wednesday - timedelta(minutes=1))
    assert notices(manager) == []
    for hours in (1, 2):
        hooks.due(wednesday + timedelta(hours=hours))
    assert notices(manager) == [("closeout_due", 2)]


# --- not told, nought, nothing -------------------------------------------------------------------

SAID = [
    (None, None),
    (NOTHING, None),
    (Told(quality=4), None),
    (Told(heads=Heads(0, Method.COUNTED)), 0),
    (Told(heads=ESTIMATED), 120),
]


@pytest.mark.parametrize(("told", "number"), SAID)
def test_not_told_and_nothing_to_tell_are_not_nought(browser, station, shift, told, number):
    if told:
        tell(shift, told)
    assert waiting(station) == (0 if told else 1, 0)
    found = headcounts.of([shift.id]).get(shift.id)
    assert (found.number if found else None) == number
    page = browser.get(f"/activities/{shift.offering.public_id}").text
    assert ("现场人数未填报" in page) == (number is None)
    assert ("现场清点 0 人次" in page) == (number == 0)
    assert ("签到 0 人次 · 现场清点约 120 人次（估计）" in page) == (number == 120)


def test_the_log_of_a_duty_is_not_asked_a_second_time(browser, make, station):
    duty = duties(published(station))[0]
    end = NOON - timedelta(hours=1)
    duty.starts_at, duty.ends_at = end - timedelta(hours=1), end
    db.session.commit()
    assert waiting(station) == (0, 0)  # nobody came, so there is nothing to tell
    visitor = make.volunteer(station)
    write_visit(duty, visitor, minutes=60)
    assert waiting(station) == (1, 0)
    browser.sign_in(make.manager(station))
    assert f"/shifts/{duty.public_id}/duty-log" in browser.get("/desk/closeouts").text
    write(actions_logs.record, duty.id, Logged(12, {}), actor=SYSTEM, now=NOON)
    assert waiting(station) == (0, 0)
    page = browser.get(f"/desk/shifts/{duty.public_id}/closeout").text
    assert "服务 12 人" in page
    assert "counter_" not in page


# --- heads ---------------------------------------------------------------------------------------


def marks(*amounts, start=0):
    return [
        Mark(f"00000000-0000-4000-8000-{start + n:012d}", amount, NOON)
        for n, amount in enumerate(amounts)
    ]


def test_a_tally_sent_again_counts_once_and_a_number_takes_its_place(shift):
    sent = marks(1, 5, -1, 5)
    for part in (sent[:2], sent, sent[1:], sent):
        total = write(heads_actions.tally, shift.id, part, actor=SYSTEM, now=NOON)
    assert total == headcounts.of([shift.id])[shift.id].number == 10
    write(heads_actions.state, shift.id, ESTIMATED, actor=SYSTEM, now=NOON)
    write(heads_actions.tally, shift.id, marks(5, start=50), actor=SYSTEM, now=NOON)
    assert headcounts.of([shift.id])[shift.id].number == 120
    assert db.session.query(Headcount).count() == 1


def test_a_tally_that_comes_to_nothing_says_nothing(shift):
    write(heads_actions.tally, shift.id, marks(1, -1), actor=SYSTEM, now=NOON)
    assert headcounts.of([shift.id]) == {}


def test_the_tally_page_takes_taps_by_script_and_without(make, browser, station, shift):
    browser.sign_in(make.manager(station))
    path = f"/desk/shifts/{shift.public_id}/tally"
    one = {"mark_id": marks(1)[0].mark_id, "amount": 5, "counted_at": "2026-11-20T03:00:00Z"}
    bad = [{**one, "amount": amount} for amount in (0, 51, "5", True)] + [{"mark_id": "x"}, 3]
    for _again in range(2):
        answer = browser.send_json(path, {"marks": [one, *bad]}).json
        assert answer == {"total": 5, "accepted": [one["mark_id"]]}
    assert browser.send_json(path, {"marks": 3}).status_code == 400
    tap = {"mark_id": marks(1, start=9)[0].mark_id, "amount": "1"}
    assert [browser.post(path, tap).status_code for _twice in range(2)] == [303, 303]
    assert ">6</strong>" in browser.get(path).text
    for amount in ("--1", "", "900"):
        assert browser.post(path, {**tap, "amount": amount}).status_code == 422
    stated = {"number": "130", "method": "estimated", "counted_by": "老李"}
    assert browser.post(f"/desk/shifts/{shift.public_id}/headcount", stated).status_code == 303
    assert browser.post(f"/desk/shifts/{shift.public_id}/headcount", {}).status_code == 422
    # The number that is known is not typed a second time.
    assert 'value="130"' in browser.get(f"/desk/shifts/{shift.public_id}/closeout").text


def test_heads_are_counted_from_shortly_before_until_the_records_close(make, station):
    row = over(make, station, ago=timedelta(hours=-3), open_crowd=True)  # begins in two hours
    moments = (
        row.starts_at - timedelta(minutes=61),
        row.starts_at - timedelta(minutes=60),
        clock.day_start(date(2026, 12, 5)),
    )
    assert [
        tried(heads_actions.state, row.id, ESTIMATED, actor=SYSTEM, now=moment)[1]
        for moment in moments
    ] == [("too_early",), (), ("too_late",)]


# --- photos, privacy -----------------------------------------------------------------------------


def test_photos_are_few_and_go_with_whoever_sent_them(make, station, shift):
    manager = make.manager(station)
    actor = make.actor(manager)
    shot = Shot(files.picture(pictures.jpeg()), Shown.AGREED)
    for _one in range(3):
        write(actions_photos.add, shift.id, shot, actor=actor, now=NOON)
    with pytest.raises(Invalid):
        write(actions_photos.add, shift.id, shot, actor=actor, now=NOON)
    row, _codes = tell(shift, actor=actor, quality=4, remark="张大爷帮了忙", heads=ESTIMATED)
    assert len(hooks.export(manager.id)["closeouts"]) == 1
    assert len(hooks.export(manager.id)["headcounts"]) == 1
    write(hooks.erase, manager.id, actor=SYSTEM, now=NOON)
    assert notes.of(actions.ref(row)) == []
    assert actions.told_of(row).heads == Heads(120, Method.ESTIMATED)
    for table in (CloseoutPhoto, StoredFile):
        assert db.session.scalars(select(table)).all() == []
