"""Duty logs: once a shift, corrected with their history, by who was there."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.org.models import Vocabulary
from portal.org.queries import term
from portal.posts import actions_logs, hooks, queries_logs
from portal.posts.actions_logs import Logged
from portal.records import notes
from portal.signups import actions as signups
from tests.posts.given import duties, published, signed_up, tried


@pytest.fixture
def station(make):
    return make.station()


@pytest.fixture
def shift(station):
    row = duties(published(station))[0]
    start = clock.now().replace(microsecond=0) - timedelta(minutes=15)
    end = start + timedelta(hours=2)
    write(signups.move, row.id, start, end, actor=SYSTEM, now=clock.now())
    return row


def counter(code):
    return term(Vocabulary.DUTY_COUNTER, code).id


def log(shift, helped, counts=None, incident="", now=None, actor=SYSTEM):
    logged = Logged(helped, counts or {}, incident)
    return tried(actions_logs.record, shift.id, logged, actor=actor, now=now or clock.now())


def test_what_was_written_stands_there(shift):
    row, _codes = log(shift, 23, {counter("guided"): 9, counter("smoking"): 0}, "有人摔倒")
    assert (row.version, row.helped) == (1, 23)
    assert dict(queries_logs.counts(row.id)) == {counter("guided"): 9}
    assert notes.latest(actions_logs.ref(row), "incident") == "有人摔倒"


def test_the_same_again_is_the_same(shift):
    first, _codes = log(shift, 23, {counter("guided"): 9}, "有人摔倒")
    assert log(shift, 23, {counter("guided"): 9}, "有人摔倒")[0].id == first.id


def test_a_correction_is_a_new_version_and_the_old_one_stays(shift):
    log(shift, 23, {counter("guided"): 9})
    second, _codes = log(shift, 25, {counter("order"): 2})
    assert [row.helped for row in queries_logs.versions(shift.id)] == [25, 23]
    assert queries_logs.helped_on([shift.id]) == {shift.id: 25}
    assert dict(queries_logs.counts(second.id)) == {counter("order"): 2}


def test_not_before_the_start_and_not_of_what_was_called_off(station):
    coming = duties(published(station))[1]
    assert log(coming, 1)[1] == ("too_early",)
    write(signups.call_off, coming.id, "停电", actor=SYSTEM, now=clock.now())
    assert log(coming, 1, now=coming.ends_at)[1] == ("called_off",)


def test_who_was_on_duty_writes_it_and_strangers_do_not(browser, make, station, shift):
    volunteer, stranger = make.volunteer(station), make.volunteer(station)
    signed_up(shift, volunteer)
    path = f"/shifts/{shift.public_id}/duty-log"
    browser.sign_in(stranger)
    assert browser.get(path).status_code == 403
    browser.sign_in(make.manager(make.station()))
    assert browser.get(path).status_code == 403
    browser.sign_in(volunteer)
    assert "服务了多少人" in browser.get(path).text
    page = browser.post(path, {"helped": "many"})
    assert page.status_code == 422
    browser.post(path, {"helped": "12", "counter_guided": "7", "incident": "一切正常"})
    assert 'value="12"' in browser.get(path).text
    browser.sign_in(make.manager(station))
    browser.post(path, {"helped": "13", "counter_guided": "7", "incident": "一切正常"})
    assert "改过的记录" in browser.get(path).text
    assert queries_logs.latest(shift.id).helped == 13


def test_the_leader_writes_it(browser, make, station):
    leader = make.person()
    post = published(station, actor=make.actor(leader))
    row = duties(post)[0]
    browser.sign_in(leader)
    page = browser.get(f"/shifts/{row.public_id}/duty-log")
    assert "还没开始" in page.text


def test_an_activity_has_no_log(browser, make, station):
    shift = make.shift(station)
    browser.sign_in(make.manager(station))
    assert browser.get(f"/shifts/{shift.public_id}/duty-log").status_code == 404


def test_erasing_whoever_wrote_it_erases_the_words(make, station, shift):
    volunteer = make.volunteer(station)
    row, _codes = log(shift, 3, incident="老王摔了", actor=make.actor(volunteer))
    assert len(hooks.export(volunteer.id)["duty_logs"]) == 1
    write(hooks.erase, volunteer.id, actor=SYSTEM, now=clock.now())
    assert notes.of(actions_logs.ref(row)) == []
    assert db.session.get(type(row), row.id).helped == 3
