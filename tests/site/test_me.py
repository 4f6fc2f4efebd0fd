"""The own page: what comes next, what one was told, the way to the rest."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.ref import Ref
from portal.notices import actions as notices
from portal.notices import hooks
from portal.notices.models import Notice
from portal.notices.texts import NOTICES
from portal.people.models import VolunteerState
from portal.records import outbox
from portal.shifts.models import PlaceRole
from portal.signups import actions as signups
from tests.support.queries import count_queries


@pytest.fixture
def person(make, browser):
    row = make.person("张三")
    browser.sign_in(row)
    return row


def sign_up(shift, person):
    return write(
        signups.sign_up, shift.id, person.id, PlaceRole.ATTENDEE, actor=SYSTEM, now=clock.now()
    )


def deliver():
    outbox.relay({"notice": hooks.deliver_notice}, now=clock.now())


def tell(person, kind, subject):
    write(lambda: notices.tell(person.id, kind, subject, now=clock.now()))


def test_nothing_yet(browser, person):
    page = browser.get("/me").text
    assert "<h1>张三</h1>" in page
    assert "您还没有报名。" in page
    assert 'href="/volunteer/apply"' in page
    for path in (
        "/me/signups", "/me/hours", "/me/code", "/me/volunteer", "/me/privacy", "/me/password",
        "/me/sign-ins",
    ):  # fmt: skip
        assert f'href="{path}"' in page


def test_what_comes_next_stands_first(browser, person, make):
    station = make.station()
    for days, title in ((3, "后面的"), (1, "先来的"), (-2, "过去的")):
        start = clock.now() + timedelta(days=days)
        shift = make.shift(activity=make.activity(station, title=title), starts_at=start)
        if days > 0:
            sign_up(shift, person)
    page = browser.get("/me").text
    assert page.index("先来的") < page.index("后面的")
    assert "过去的" not in page


def test_what_is_on_now_offers_the_digits(browser, person, make):
    shift = make.shift(starts_at=clock.now() + timedelta(minutes=1))
    sign_up(shift, person)
    assert "/check-in?shift=" not in browser.get("/me").text
    shift.starts_at = clock.now() - timedelta(minutes=1)
    db.session.commit()
    assert f"/check-in?shift={shift.public_id}" in browser.get("/me").text


def test_a_volunteer_sees_state_and_number(browser, make):
    station = make.station()
    volunteer = make.volunteer(station)
    browser.sign_in(volunteer)
    page = browser.get("/me").text
    assert "注册志愿者" in page
    assert "4403" in page
    browser.sign_in(make.volunteer(station, state=VolunteerState.SUBMITTED))
    assert "等待审核" in browser.get("/me").text


def test_notices_are_told_until_they_are_put_away(browser, person, make):
    shift = make.shift(activity=make.activity(make.station(), title="义诊"))
    sign_up(shift, person)
    write(signups.call_off, shift.id, "下雨", actor=SYSTEM, now=clock.now())
    assert "取消了" not in browser.get("/me").text.partition("接下来")[0]
    deliver()
    page = browser.get("/me").text
    assert "您报名的一场活动取消了。" in page
    assert f'href="/activities/{shift.offering.public_id}"' in page
    assert browser.post("/me/notices/read").status_code == 303
    assert "您报名的一场活动取消了。" not in browser.get("/me").text


def test_every_kind_of_notice_is_shown(browser, person, make):
    shift = make.shift()
    subjects = [
        Ref("shift", shift.id), Ref("activity", shift.offering_id), Ref("volunteer", 1),
        Ref("visit", 1), Ref("something", 1),
    ]  # fmt: skip
    kinds = list(NOTICES)
    for number, kind in enumerate(kinds):
        tell(person, kind, subjects[number % len(subjects)])
    deliver()
    deliver()  # one round takes a hundred
    page = browser.get("/me").text
    for text in list(NOTICES.values())[-20:]:
        assert str(text) in page


def test_anothers_notices_are_not_shown_and_not_put_away(browser, person, make):
    other = make.person()
    tell(other, "volunteer_registered", Ref("volunteer", 1))
    deliver()
    assert "申请通过" not in browser.get("/me").text
    browser.post("/me/notices/read")
    assert db.session.query(Notice).filter_by(person_id=other.id, read_at=None).count() == 1


def test_a_notice_is_delivered_once(person, app):
    tell(person, "volunteer_registered", Ref("volunteer", 1))
    row = db.session.query(outbox.OutboxRow).one()
    for _ in range(2):
        write(hooks.deliver_notice, row, clock.now())
    assert db.session.query(Notice).count() == 1


def test_it_costs_the_same_with_one_and_twenty(browser, person, make):
    make.any_number_of_signups()
    station = make.station()
    costs = []
    for number in (1, 19):
        for _ in range(number):
            start = clock.now() + timedelta(
                days=1, hours=3 * len(costs) * 20 + 3 * number_of(person)
            )
            shift = make.shift(station, starts_at=start)
            sign_up(shift, person)
            tell(person, "shift_moved", Ref("shift", shift.id))
            tell(person, "activity_published", Ref("activity", shift.offering_id))
        deliver()
        browser.get("/me")
        with count_queries() as seen:
            browser.get("/me")
        costs.append(len(seen))
    assert costs[0] == costs[1]


def number_of(person):
    from portal.signups import queries

    return len(queries.of_person(person.id))
