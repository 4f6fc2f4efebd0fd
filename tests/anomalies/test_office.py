"""The office's pages: who may, the list and its filters, one with its records, and what came of it."""

import pytest
from sqlalchemy import select

from portal.anomalies import actions, hooks
from portal.anomalies.models import Anomaly, AnomalyKind
from portal.anomalies.rules import Finding
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.hours.models import LedgerEntry
from portal.records import notes, steps
from portal.records.audit import AuditEntry
from tests.anomalies.given import NIGHT, START, fresh, look, made_up, ticked_at_once
from tests.support.queries import count_queries

LIST = "/office/anomalies"
DECIDED = {"verb": "fine", "words": "一车人同时到的。"}


@pytest.fixture(autouse=True)
def _in_the_night(time_machine):
    time_machine.move_to(NIGHT, tick=False)


@pytest.fixture
def listed(make):
    """A street with a station where a manager ticked many at once; its officer."""
    street = make.station("东湾实践所", level="institute")
    station = make.station("和平社区实践站", parent=street)
    manager = make.holder(Role.STATION_MANAGER, station, name="欧阳站长")
    crew, _shift = ticked_at_once(make, station, manager=manager)
    (row,) = look()
    return row, make.holder(Role.CAMPAIGN_OFFICER, street), manager, crew


def path(row, part=""):
    return f"{LIST}/{row.public_id}{part}"


def test_who_may(make, browser, listed):
    row, officer, manager, _crew = listed
    beside = make.holder(Role.CAMPAIGN_OFFICER, make.station("清溪实践所", level="institute"))
    for person, list_status, one_status in (
        (manager, 403, 404), (beside, 200, 404), (officer, 200, 200),
        (make.holder(Role.ADMINISTRATOR, make.centre()), 200, 200),
        (make.holder(Role.AUDITOR, make.centre()), 200, 200),
    ):  # fmt: skip
        browser.sign_in(person)
        page = browser.get(LIST)
        assert (page.status_code, browser.get(path(row)).status_code) == (list_status, one_status)
        assert ("和平社区实践站" in page.text) == (one_status == 200)
        if one_status == 404:
            assert browser.post(path(row, "/decision"), DECIDED).status_code == 404
    auditor = make.holder(Role.AUDITOR, make.centre())
    assert "您可以看，不能改" in browser.sign_in(auditor).get(path(row)).text
    for part in ("/decision", "/reveal", "/reopening"):
        assert browser.post(path(row, part), DECIDED).status_code == 404
    assert fresh(row).state == "new"


def test_the_list_is_filtered_and_says_what_it_is_not(browser, listed):
    row, officer, *_rest = listed
    page = browser.sign_in(officer).get(LIST).text
    assert "8 人次" in page
    assert "不给站点和人排名" in page
    assert "欧*" in page
    assert "欧阳站长" not in page
    for query, is_there in (
        ("state=new", True), ("state=all", True), ("state=fine", False), ("kind=burst", True),
        ("kind=travel", False), ("from=2026-05-08&to=2026-05-08", True), ("from=2026-05-09", False),
        ("to=2026-05-07", False), ("state=x&kind=y&from=z", True),
    ):  # fmt: skip
        shown = browser.get(f"{LIST}?{query}").text
        assert (row.public_id in shown) == is_there, query
    assert "已经忽略" in shown
    assert "日期要写成" in shown
    assert 'href="/office/anomalies"' in browser.get("/office").text


def test_names_are_masked_until_revealed_and_that_is_written_down(browser, listed):
    row, officer, manager, crew = listed
    page = browser.sign_in(officer).get(path(row)).text
    assert "一车人同时到" in page
    assert manager.name not in page
    assert not any(person.name in page for person in crew)
    shown = browser.post(path(row, "/reveal"))
    assert shown.headers["Cache-Control"] == "no-store"
    assert manager.name in shown.text
    assert all(person.name in shown.text for person in crew)
    entry = db.session.scalars(select(AuditEntry).filter_by(verb="person.reveal")).one()
    assert (entry.subject_kind, entry.subject_id, entry.actor_id) == ("anomaly", row.id, officer.id)


def test_a_decision_changes_no_hours_and_can_be_taken_up_again(browser, listed):
    row, officer, *_rest = listed
    before = db.session.query(LedgerEntry).count()
    browser.sign_in(officer)
    for fields in (
        {"verb": "fine", "words": " "},
        {"words": "好的"},
        {"verb": "punish", "words": "罚"},
    ):
        assert browser.post(path(row, "/decision"), fields).status_code == 422
    for verb in ("talk", "fine", "fine"):
        assert browser.post(path(row, "/decision"), {**DECIDED, "verb": verb}).status_code == 303
    assert browser.post(path(row, "/decision"), {**DECIDED, "verb": "corrected"}).status_code == 409
    now = fresh(row)
    assert (now.state, now.decided_by_id) == ("fine", officer.id)
    assert notes.latest(actions.ref(row), "fine") == DECIDED["words"]
    page = browser.get(path(row)).text
    assert DECIDED["words"] in page
    assert row.public_id not in browser.get(LIST).text
    for _twice in range(2):
        assert browser.post(path(row, "/reopening")).status_code == 303
    now = fresh(row)
    assert (now.state, now.decided_by_id, now.decided_at) == ("new", None, None)
    taken = [step.verb for step in steps.of(actions.ref(row))]
    assert taken == ["find", "talk", "fine", "reopen"]
    assert db.session.query(LedgerEntry).count() == before
    assert hooks.check() == []


def test_nobody_decides_about_themselves(make, browser):
    station = make.station()
    officer = make.holder(Role.CAMPAIGN_OFFICER, station)
    ticked_at_once(make, station, manager=officer)
    # The office has no roster: the scans were recorded with the officer's hand all the same.
    (row,) = look()
    assert "和您自己有关" in browser.sign_in(officer).get(path(row)).text
    refused = browser.post(path(row, "/decision"), DECIDED)
    assert refused.status_code == 409
    assert fresh(row).state == "new"
    other = make.holder(Role.CAMPAIGN_OFFICER, make.centre())
    assert browser.sign_in(other).post(path(row, "/decision"), DECIDED).status_code == 303


def test_entries_are_shown_with_when_and_by_whom_they_were_written(make, browser):
    station = make.station()
    manager = make.manager(station)
    for number in range(8):
        made_up(make, station, make.person(), number=number, days=9, approver=manager)
    row = next(one for one in look() if one.kind == AnomalyKind.BACK_ENTRY)
    admin = make.holder(Role.ADMINISTRATOR, make.centre())
    page = browser.sign_in(admin).get(path(row)).text
    for words in ("补录", "录入", "2 小时", "没有排班的服务", "9 天以前"):
        assert words in page


def test_one_and_thirty_rows_ask_the_same(make, browser):
    station = make.station()
    browser.sign_in(make.holder(Role.CAMPAIGN_OFFICER, make.centre()))
    counts = []
    for number in (1, 30):
        findings = [
            Finding(AnomalyKind.TRAVEL, station.id, make.person().id, START.date(),
                    {"minutes": 3, "needed": 20})
            for _n in range(number)
        ]  # fmt: skip
        write(actions.keep, START.date(), findings, actor=SYSTEM, now=NIGHT)
        with count_queries() as seen:
            page = browser.get(LIST).text
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert "第 1 页，共 2 页" in page
    assert db.session.query(Anomaly).count() == 31
