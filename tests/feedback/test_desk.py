from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.feedback import actions, contact
from portal.feedback.contact import Contact
from portal.feedback.models import Feedback
from portal.records.audit import AuditEntry
from tests.feedback.filed import PHONE, WORDS, file, fresh, verbs_of
from tests.support.queries import count_queries

LONG_AGO = timedelta(days=30)


def path(row, part=""):
    return f"/desk/feedback/{row.public_id}{part}"


@pytest.fixture
def desk(make, browser):
    """A manager at the desk, and one thing that waits there."""
    station = make.station("和平社区实践站")
    row = file(make, station=station)
    browser.sign_in(make.manager(station))
    return browser, station, row


WAYS_ON = (
    ("/answer", {"words": "已经修好。"}, "answered"),
    ("/decline", {"words": "归供电局管。"}, "cannot_be_done"),
    ("/handover", {"words": "请办。", "target": "office"}, "handed_over"),
)


# --- who may -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/desk/feedback", "/desk/feedback/new"])
def test_who_may_keep_feedback(make, browser, address):
    station = make.station()
    for person in (make.person(), make.holder(Role.AUDITOR, make.centre())):
        assert browser.sign_in(person).get(address).status_code == 403
    for role in (Role.STATION_MANAGER, Role.CAMPAIGN_OFFICER, Role.ADMINISTRATOR):
        assert browser.sign_in(make.holder(role, station)).get(address).status_code == 200


@pytest.mark.parametrize(("part", "fields", "state"), WAYS_ON)
def test_another_station_is_kept_out_of_every_way_on(make, browser, part, fields, state):
    station, beside = make.station(), make.station()
    row = file(make, station=station)
    browser.sign_in(make.manager(beside))
    assert browser.get(path(row)).status_code == 404
    assert browser.post(path(row, part), fields).status_code == 404
    assert browser.post(path(row, "/reveal")).status_code == 404
    browser.sign_in(make.manager(station))
    assert browser.get(path(row)).status_code == 200
    assert browser.post(path(row, part), fields).status_code == 303
    assert fresh(row).state == state


def test_a_station_sees_its_subtree_and_no_more(make, browser):
    street = make.station("东湾实践所", level="institute")
    station, beside = make.station(parent=street), make.station(parent=street)
    file(make, station=station, words="这里的事")
    file(make, station=beside, words="旁边的事")
    file(make, words="没有说哪里的事")
    shown = lambda person: browser.sign_in(person).get("/desk/feedback").text  # noqa: E731
    page = shown(make.manager(station))
    assert "这里的事" in page
    assert "旁边的事" not in page
    assert "没有说哪里的事" not in page
    page = shown(make.manager(street))
    assert "这里的事" in page
    assert "旁边的事" in page
    assert "没有说哪里的事" not in page
    assert "没有说哪里的事" in shown(make.holder(Role.CAMPAIGN_OFFICER, make.centre()))
    assert "没有说哪里的事" not in shown(make.holder(Role.CAMPAIGN_OFFICER, street))


def test_a_complaint_about_staff_is_seen_by_both_and_answered_above(make, browser):
    street = make.station("东湾实践所", level="institute")
    station = make.station(parent=street)
    row = file(make, kind="complaint", station=station, about_staff=True)
    browser.sign_in(make.manager(station))
    page = browser.get(path(row)).text
    assert "由上一级站点或者创建办答复" in page
    assert "/reveal" not in page
    assert "/answer" not in page
    for part, fields, _state in (*WAYS_ON, ("/reveal", {}, "")):
        assert browser.post(path(row, part), fields).status_code == 409
    browser.sign_in(make.manager(street))
    assert "/answer" in browser.get(path(row)).text
    assert browser.post(path(row, "/answer"), {"words": "已经批评。"}).status_code == 303


def test_the_desk_counts_what_is_ones_own_to_answer(make, browser):
    street = make.station("东湾实践所", level="institute")
    station = make.station(parent=street)
    file(make, station=station, now=clock.now() - LONG_AGO)
    file(make, kind="complaint", station=station, about_staff=True)
    page = browser.sign_in(make.manager(station)).get("/desk").text
    assert "1 件等待答复" in page
    assert "1 件超期" in page
    assert "2 件等待答复" in browser.sign_in(make.manager(street)).get("/desk").text
    file(make)
    officer = make.holder(Role.CAMPAIGN_OFFICER, make.centre())
    assert "3 件等待答复" in browser.sign_in(officer).get("/desk").text


def test_the_office_reads_what_is_overdue_first(make, browser):
    station = make.station("和平社区实践站")
    late = file(make, station=station, now=clock.now() - LONG_AGO)
    officer = make.holder(Role.CAMPAIGN_OFFICER, make.centre())
    page = browser.sign_in(officer).get("/office").text
    assert page.index("waiting-feedback") < page.index("waiting-applications")
    assert late.number in page
    assert 'href="/desk/feedback"' in page
    actor = make.actor(officer)
    write(actions.answer, late.id, "好的。", actor=actor, now=clock.now())
    assert "没有超期的意见建议" in browser.get("/office").text


# --- the list ------------------------------------------------------------------------------------------


def test_overdue_comes_first_and_the_state_is_chosen(desk, make):
    browser, station, _row = desk
    file(make, station=station, words="过期的", now=clock.now() - LONG_AGO)
    done = file(make, station=station, words="办完的")
    write(actions.withdraw, done.id, actor=SYSTEM, now=clock.now())
    page = browser.get("/desk/feedback").text
    assert page.index("过期的") < page.index(WORDS[:10]) < page.index("办完的")
    assert "该您答复的，有 1 件过了日子" in page
    assert "办完的" in browser.get("/desk/feedback?state=withdrawn").text
    assert WORDS[:10] not in browser.get("/desk/feedback?state=withdrawn").text
    assert "没有这样的意见建议" in browser.get("/desk/feedback?state=answered").text
    assert WORDS[:10] in browser.get("/desk/feedback?state=nonsense&page=0").text


def test_an_empty_list_says_what_to_do(make, browser):
    browser.sign_in(make.manager(make.station()))
    assert "还没有人提意见建议" in browser.get("/desk/feedback").text


def test_one_and_thirty_rows_ask_the_same(make, desk):
    browser, station, _row = desk
    counts = []
    for number in (0, 29):
        for _each in range(number):
            point = make.station(parent=station, level="point")
            file(make, person=make.person(), station=point)
        browser.sign_in(make.manager(station))
        with count_queries() as seen:
            page = browser.get("/desk/feedback").text
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert "第 1 页，共 2 页" in page
    assert browser.get("/desk/feedback?page=2").status_code == 200


# --- one -----------------------------------------------------------------------------------------------


def test_the_contact_is_masked_and_revealing_is_written_down(desk):
    browser, _station, row = desk
    page = browser.get(path(row)).text
    assert WORDS in page
    assert PHONE not in page
    assert "王先生" not in page
    assert "138****5678" in page
    shown = browser.post(path(row, "/reveal"))
    assert shown.headers["Cache-Control"] == "no-store"
    assert PHONE in shown.text
    assert "王先生" in shown.text
    entry = db.session.scalars(select(AuditEntry).filter_by(verb="person.reveal")).one()
    assert (entry.subject_kind, entry.subject_id) == ("feedback", row.id)
    assert PHONE not in browser.get(path(row)).text


def test_the_name_of_who_has_an_account_is_not_in_the_timeline(make, desk):
    browser, station, _row = desk
    person = make.person("欧阳小明")
    row = file(make, person=person, station=station)
    page = browser.get(path(row)).text
    assert "欧阳小明" not in page
    assert person.phone not in page
    assert "欧阳小明" in browser.post(path(row, "/reveal")).text


@pytest.mark.parametrize(("part", "fields", "_state"), WAYS_ON)
def test_words_are_needed(desk, part, fields, _state):
    browser, _station, row = desk
    for words in ("", "  ", "字" * 1001):
        response = browser.post(path(row, part), {**fields, "words": words})
        assert response.status_code == 422
    assert fresh(row).state == "filed"
    assert verbs_of(row) == ["file"]


@pytest.mark.parametrize("target", ["", "zzzzzzzzzz", "<script>"])
def test_an_unknown_target_is_mended(desk, target):
    browser, _station, row = desk
    response = browser.post(path(row, "/handover"), {"target": target, "words": "请办。"})
    assert response.status_code == 422
    assert "请办。" in response.text
    assert fresh(row).state == "filed"


def test_handed_beside_it_is_gone_from_the_own_list(desk, make):
    browser, _station, row = desk
    beside = make.station("桥头社区实践站")
    fields = {"target": beside.public_id, "words": "归你们。"}
    assert browser.post(path(row, "/handover"), fields).location == "/desk/feedback"
    assert browser.get(path(row)).status_code == 404
    page = browser.sign_in(make.manager(beside)).get(path(row)).text
    assert "归你们。" in page
    assert "转给桥头社区实践站" in page


def test_what_was_closed_meanwhile_is_said(desk):
    browser, _station, row = desk
    write(actions.withdraw, row.id, actor=SYSTEM, now=clock.now())
    assert "/answer" not in browser.get(path(row)).text
    response = browser.post(path(row, "/answer"), {"words": "好的。"})
    assert response.status_code == 409
    assert "已经变了" in response.text


def test_a_double_click_answers_once(desk):
    browser, _station, row = desk
    for _twice in range(2):
        assert browser.post(path(row, "/answer"), {"words": "好的。"}).status_code == 303
    assert verbs_of(row) == ["file", "answer"]


# --- on behalf -----------------------------------------------------------------------------------------


def test_the_desk_writes_down_what_somebody_says(desk, make):
    browser, station, _row = desk
    manager = make.manager(station)
    browser.sign_in(manager)
    fields = {
        "channel": "phone", "kind": "praise", "words": "站里的人很热心。",
        "station": station.public_id, "name": "陈奶奶", "phone": "",
        "key": "a" * 20,
    }  # fmt: skip
    response = browser.post("/desk/feedback/new", fields)
    row = db.session.query(Feedback).order_by(Feedback.id.desc()).first()
    assert response.location == path(row)
    assert (row.channel, row.person_id) == ("phone", None)
    assert contact.of(row) == Contact("陈奶奶", "")
    page = browser.get(path(row)).text
    assert f"{row.number[:4]} {row.number[4:]}" in page
    assert manager.name in page
    assert contact.code_of(row.number) in page
    entry = db.session.scalars(
        select(AuditEntry).filter_by(verb="feedback.file", subject_id=row.id)
    ).one()
    assert entry.actor_id == manager.id


def test_for_another_station_it_goes_there(desk, make):
    browser, _station, _row = desk
    fields = {"channel": "desk", "kind": "other", "words": "路太暗。", "phone": PHONE}
    response = browser.post("/desk/feedback/new", fields)
    assert response.location == "/desk/feedback"
    assert db.session.query(Feedback).order_by(Feedback.id.desc()).first().with_office


@pytest.mark.parametrize("changes", [{"channel": "web"}, {"words": ""}, {"kind": "x"}])
def test_what_is_wrong_at_the_desk_is_said(desk, changes):
    browser, _station, _row = desk
    fields = {"channel": "desk", "kind": "other", "words": "路太暗。", **changes}
    assert browser.post("/desk/feedback/new", fields).status_code == 422
    assert db.session.query(Feedback).count() == 1
