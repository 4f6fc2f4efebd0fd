import pytest

from portal.core import clock
from portal.core.db import db, write
from portal.feedback import actions
from portal.notices import hooks as notice_hooks
from portal.people.models import Person
from portal.records import outbox
from tests.feedback.filed import WORDS, file, fresh
from tests.support.queries import count_queries


def path(row, part=""):
    return f"/me/feedback/{row.public_id}{part}"


def test_an_empty_list_says_why(browser, make):
    make.centre()
    browser.sign_in(make.person())
    assert "您还没有提过意见建议" in browser.get("/me/feedback").text


def test_one_sees_what_one_filed_and_nobody_else(browser, make):
    person, other = make.person(), make.person()
    own, others = file(make, person=person), file(make, person=other, words="别人的话")
    browser.sign_in(person)
    page = browser.get("/me/feedback").text
    assert WORDS[:10] in page
    assert "别人的话" not in page
    assert browser.get(path(own)).status_code == 200
    assert browser.get(path(others)).status_code == 404
    assert browser.get(path(file(make))).status_code == 404
    for part in ("/withdrawal", "/reopening"):
        assert browser.post(path(others, part), {"words": "好"}).status_code == 404


def test_what_a_merged_record_filed_is_ones_own(browser, make):
    person, double = make.person(), make.person(account=False)
    row = file(make, person=double)
    db.session.get(Person, double.id).merged_into_id = person.id
    db.session.commit()
    browser.sign_in(person)
    assert WORDS[:10] in browser.get("/me/feedback").text
    assert browser.get(path(row)).status_code == 200


def test_withdrawing_and_reopening(browser, make):
    station, person = make.station(), make.person()
    manager = make.actor(make.manager(station))
    browser.sign_in(person)
    row = file(make, person=person, station=station)
    assert browser.post(path(row, "/withdrawal")).location == path(row)
    assert fresh(row).state == "withdrawn"
    row = file(make, person=person, station=station)
    write(actions.answer, row.id, "好的。", actor=manager, now=clock.now())
    assert browser.post(path(row, "/withdrawal")).status_code == 409
    assert browser.post(path(row, "/reopening"), {"words": ""}).status_code == 422
    assert browser.post(path(row, "/reopening"), {"words": "没有用。"}).location == path(row)
    assert fresh(row).state == "reopened"
    assert "没有用。" in browser.get(path(row)).text


@pytest.mark.parametrize(
    ("verb", "sentence"), [("answer", "有答复了"), ("decline", "办不了，可以查看原因")]
)
def test_the_result_stands_on_the_own_page(browser, make, verb, sentence):
    station, person = make.station(), make.person()
    row = file(make, person=person, station=station)
    actor = make.actor(make.manager(station))
    write(getattr(actions, verb), row.id, "这样。", actor=actor, now=clock.now())
    outbox.relay({"notice": notice_hooks.deliver_notice}, now=clock.now())
    page = browser.sign_in(person).get("/me").text
    assert sentence in page
    assert 'href="/me/feedback"' in page


def test_one_and_thirty_rows_ask_the_same(browser, make):
    person = make.person()
    browser.sign_in(person)
    counts = []
    for number in (1, 29):
        for _each in range(number):
            file(make, person=person, station=make.station())
        with count_queries() as seen:
            browser.get("/me/feedback")
        counts.append(len(seen))
    assert counts[0] == counts[1]
