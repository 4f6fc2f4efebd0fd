"""The call list: whom the site cannot tell, what to say, and what came of it."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.ref import Ref
from portal.notices.models import Notice
from portal.notices.models_reach import DeliveryState, NoticeCall
from portal.records.audit import AuditEntry
from portal.shifts.models import PlaceRole
from portal.signups import actions as signups
from tests.notices.conftest import deliveries, mails_to, relay, tell
from tests.support.queries import count_queries

SOON, LATER = timedelta(hours=5), timedelta(days=3)


@pytest.fixture
def station(make):
    return make.station()


@pytest.fixture
def manager(make, station, browser):
    row = make.manager(station)
    browser.sign_in(row)
    return row


def called_off(make, station, *people, ahead=LATER, title="义诊"):
    shift = make.shift(activity=make.activity(station, title=title), starts_at=clock.now() + ahead)
    for person in people:
        write(
            signups.sign_up, shift.id, person.id, PlaceRole.ATTENDEE, actor=SYSTEM, now=clock.now()
        )
    write(signups.call_off, shift.id, "下雨", actor=SYSTEM, now=clock.now(), tell_now=True)
    relay()
    return shift


def notice_of(person):
    return (
        db.session.query(Notice).filter_by(person_id=person.id).order_by(Notice.id.desc()).first()
    )


def names(browser, query=""):
    page = browser.get(f"/desk/calls{query}").text
    known = {row.public_id: row.person_id for row in db.session.query(Notice)}
    return {person for public_id, person in known.items() if f'id="call-{public_id}"' in page}


def test_nobody_to_call(browser, manager):
    assert "没有要打的电话" in browser.get("/desk/calls").text
    assert "电话单：" in browser.get("/desk").text
    assert "个人要打电话" not in browser.get("/desk").text


def test_who_is_on_the_list_and_who_is_not(browser, make, station, manager, monkeypatch):
    """No account; or urgent, not read and not sent. Never somebody of another station."""
    plain, reader, mailed, failed, unseen, calm, foreign = (
        make.person(account=number > 0) for number in range(7)
    )
    for person in (mailed, failed):
        mails_to(person)
    monkeypatch.setattr("portal.notices.planning.channels", lambda: ("email",))
    called_off(make, station, plain, calm, title="以后")
    called_off(make, station, reader, mailed, failed, unseen, ahead=SOON, title="今天")
    called_off(make, make.station(), foreign, ahead=SOON)
    write(lambda: setattr(notice_of(reader), "read_at", clock.now()))
    for row in deliveries():
        if row.person_id == failed.id:
            row.error = "server 451"
    db.session.commit()
    assert names(browser) == {plain.id, failed.id, unseen.id}
    for row in deliveries():
        if row.person_id == failed.id:
            row.state, row.ended_at = DeliveryState.SENT, clock.now()
    db.session.commit()
    assert names(browser) == {plain.id, unseen.id}
    assert "2 个人要打电话告诉" in browser.get("/desk").text


def test_only_the_newest_word_about_a_shift_that_is_not_over(browser, make, station, manager):
    person = make.person(account=False)
    shift = make.shift(station, starts_at=clock.now() + LATER)
    for kind in ("shift_moved", "shift_called_off", "signed_up_for", "reminder_day"):
        tell(person, kind, Ref("shift", shift.id))
    relay()
    page = browser.get("/desk/calls").text
    assert page.count('id="call-') == 1
    assert "取消了" in page
    shift = db.session.merge(shift)
    shift.starts_at, shift.ends_at = clock.now() - LATER, clock.now() - SOON
    db.session.commit()
    assert names(browser) == set()


def test_names_and_phones_are_seen_on_purpose_only(browser, make, station, manager):
    person = make.person("欧阳测试", phone="13712345678", account=False)
    called_off(make, station, person)
    path = f"/desk/calls/{notice_of(person).public_id}"
    for page in (browser.get("/desk/calls").text, browser.get(path).text):
        assert "欧*" in page
        assert "137****5678" in page
        assert "欧阳测试" not in page
        assert "13712345678" not in page
    seen = browser.post(f"{path}/reveal").text
    assert 'href="tel:13712345678"' in seen
    assert "欧阳测试" in seen
    sheet = browser.post("/desk/calls/sheet").text
    assert "13712345678" in sheet
    assert "义诊" in sheet
    found = db.session.query(AuditEntry).filter_by(verb="person.reveal", subject_id=person.id)
    assert [row.station_id for row in found] == [station.id] * 2


def test_a_call_is_written_down_and_whoever_knows_is_off_the_list(browser, make, station, manager):
    person = make.person(account=False)
    called_off(make, station, person)
    path = f"/desk/calls/{notice_of(person).public_id}"
    for _ in range(2):
        assert browser.post(f"{path}/not-reached").status_code == 303
    page = browser.get("/desk/calls").text
    assert "没打通（2 次）" in page
    assert manager.name in page
    for _ in range(2):
        assert browser.post(f"{path}/told").status_code == 303
    browser.post(f"{path}/not-reached")  # too late: the person knows
    assert names(browser) == set()
    assert names(browser, "?show=told") == {person.id}
    assert [row.outcome for row in db.session.query(NoticeCall)] == ["not_reached"] * 2 + ["told"]
    assert {row.actor_id for row in db.session.query(NoticeCall)} == {manager.id}


def test_another_stations_manager_finds_nothing(browser, make, station):
    person = make.person(account=False)
    called_off(make, station, person)
    public_id = notice_of(person).public_id
    browser.sign_in(make.manager(make.station()))
    assert names(browser) == set()
    assert browser.get(f"/desk/calls/{public_id}").status_code == 404
    for verb in ("reveal", "told", "not-reached"):
        assert browser.post(f"/desk/calls/{public_id}/{verb}").status_code == 404
    assert person.name not in browser.post("/desk/calls/sheet").text
    assert db.session.query(NoticeCall).count() == 0


def test_the_notice_of_somebody_with_an_account_is_no_way_to_their_phone(
    browser, make, station, manager
):
    person = make.person()
    called_off(make, station, person)
    assert browser.post(f"/desk/calls/{notice_of(person).public_id}/reveal").status_code == 404


def test_by_day(browser, make, station, manager):
    soon, later = make.person(account=False), make.person(account=False)
    called_off(make, station, soon, ahead=timedelta(days=2))
    called_off(make, station, later, ahead=timedelta(days=4))
    day = clock.local_day(clock.now() + timedelta(days=4)).isoformat()
    assert names(browser, f"?day={day}") == {later.id}
    assert names(browser, "?day=2026-13-01") == {soon.id, later.id}
    assert f"day={day}" in browser.get("/desk/calls").text
    sheet = browser.post("/desk/calls/sheet", {"day": day}).text
    assert later.name in sheet
    assert soon.name not in sheet


def test_it_costs_the_same_with_one_and_thirty(browser, make, station, manager):
    costs = []
    for count in (1, 29):
        for _ in range(count):
            person = make.person(account=False)
            shift = make.shift(station, starts_at=clock.now() + LATER)
            tell(person, "shift_moved", Ref("shift", shift.id))
        relay()
        browser.get("/desk/calls")
        with count_queries() as seen:
            browser.get("/desk/calls")
        costs.append(len(seen))
    assert costs[0] == costs[1]
    assert "第 2 页，共 2 页" in browser.get("/desk/calls?page=2").text
