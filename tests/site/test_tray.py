"""The tray: everything one was told, the unread first; a number on every page of who is signed in."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.db import db, write
from portal.core.ref import Ref
from portal.notices.models import Notice
from tests.notices.conftest import relay, tell
from tests.support.queries import count_queries


@pytest.fixture
def person(make, browser):
    row = make.person("张三")
    browser.sign_in(row)
    return row


def unread(person):
    db.session.expire_all()
    return db.session.query(Notice).filter_by(person_id=person.id, read_at=None).count()


def test_an_empty_tray_says_so(browser, person):
    assert "还没有通知" in browser.get("/me/notices").text
    assert "没有这样的通知" in browser.get("/me/notices?show=unread").text
    assert "tab-count" not in browser.get("/").text


def test_the_unread_stand_first_and_are_put_away(browser, person, make):
    shift = make.shift(activity=make.activity(make.station(), title="义诊", place="社区广场"))
    tell(person, "shift_moved", Ref("shift", shift.id))
    tell(person, "volunteer_registered")
    tell(person, "visit_lapsed", Ref("visit", 1))
    relay()
    first, second, third = db.session.query(Notice).order_by(Notice.id).all()
    path = f"/me/notices/{third.public_id}/read"
    assert browser.post(path, {"next": "/me/notices?show=unread"}).location.endswith("show=unread")
    assert browser.post(path).status_code == 303
    page = browser.get("/me/notices").text
    order = [page.index(f"notice-{row.public_id}") for row in (second, first, third)]
    assert order == sorted(order)
    for words in ("义诊", "社区广场", f'href="/activities/{shift.offering.public_id}"'):
        assert words in page
    assert f"notice-{third.public_id}" not in browser.get("/me/notices?show=unread").text
    assert f"notice-{first.public_id}" not in browser.get("/me/notices?show=read").text
    assert '<b class="tab-count">' in page
    assert (
        browser.post("/me/notices/read", {"next": "//elsewhere.example"}).location == "/me/notices"
    )
    assert unread(person) == 0
    assert "tab-count" not in browser.get("/me/notices").text


def test_anothers_are_not_shown_and_not_put_away(browser, person, make):
    other = make.person()
    tell(other)
    relay()
    (row,) = db.session.query(Notice)
    assert row.public_id not in browser.get("/me/notices").text
    assert browser.post(f"/me/notices/{row.public_id}/read").status_code == 404
    browser.post("/me/notices/read")
    assert unread(other) == 1


def test_what_a_merged_record_was_told_is_in_the_tray(browser, person, make):
    double = make.person(account=False)
    tell(double)
    relay()
    write(lambda: setattr(db.session.get(type(person), double.id), "merged_into_id", person.id))
    (row,) = db.session.query(Notice)
    assert row.public_id in browser.get("/me/notices").text
    assert browser.post(f"/me/notices/{row.public_id}/read").status_code == 303
    assert unread(double) == 0


def test_a_visitors_page_is_the_same_whoever_was_told_something(browser, person, make):
    visitor = type(browser)(browser.app)
    before = visitor.get("/activities").data
    tell(person)
    relay()
    assert visitor.get("/activities").data == before
    assert b"tab-count" in browser.get("/activities").data


def test_it_costs_the_same_with_one_and_thirty_and_has_pages(browser, person, make):
    station, costs = make.station(), []
    for count in (1, 29):
        for _ in range(count):
            shift = make.shift(station, starts_at=clock.now() + timedelta(days=1))
            tell(person, "shift_moved", Ref("shift", shift.id))
        relay()
        browser.get("/me/notices")
        with count_queries() as seen:
            browser.get("/me/notices")
        costs.append(len(seen))
    assert costs[0] == costs[1]
    page = browser.get("/me/notices?page=2").text
    assert page.count('id="notice-') == 10
    assert "第 2 页，共 2 页" in page
