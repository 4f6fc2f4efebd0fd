from __future__ import annotations

from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import Role
from portal.core.db import write
from portal.core.ref import Ref
from portal.records import audit
from tests.support.queries import count_queries

PAGE = "/office/audit"


@pytest.fixture
def auditor(make):
    return make.holder(Role.AUDITOR, make.centre())


def record(verb, subject, actor, station=None, **details):
    station_id = station.id if station else None
    now = clock.now()
    write(audit.record, verb, subject, actor=actor, now=now, station_id=station_id, **details)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
def test_administrators_and_auditors_read_the_log(make, browser, role):
    assert browser.sign_in(make.holder(role, make.centre())).get(PAGE).status_code == 200


def test_others_do_not(make, browser):
    assert browser.get(PAGE).status_code == 303
    for person in (
        make.person(),
        make.manager(make.centre()),
        make.holder(Role.CAMPAIGN_OFFICER, make.centre()),
    ):
        assert browser.sign_in(person).get(PAGE).status_code == 403


def test_an_entry_says_who_what_and_when_with_names_masked(make, browser, auditor):
    person, station = make.person("欧阳测试"), make.station("红星社区实践站")
    record("person.reveal", Ref("person", person.id), make.actor(person), station, count=3, shift=7)
    text = browser.sign_in(auditor).get(f"{PAGE}?verb=person.reveal").text
    assert "查看个人信息" in text
    assert "欧*" in text
    assert "欧阳测试" not in text
    assert person.public_id in text
    assert "红星社区实践站" in text
    assert "count=3" in text
    assert "shift=" not in text


def test_the_log_is_narrowed_by_verb_days_and_subject(make, browser, auditor, time_machine):
    shift, person = make.shift(), make.person()
    actor = make.actor(person)
    record("board.open", Ref("shift", shift.id), actor)
    record("board.open", Ref("shift", 0), make.actor(auditor))
    browser.sign_in(auditor)

    def total(query):
        text = browser.get(f"{PAGE}?{query}").text
        return int(text.split("共 ", 1)[1].split(" 条", 1)[0])

    assert total("verb=board.open") == 2
    assert total(f"verb=board.open&subject={shift.public_id}") == 1
    assert total(f"verb=board.open&subject={person.public_id}") == 1
    yesterday = clock.today() - timedelta(days=1)
    assert total(f"verb=board.open&from={yesterday}&to={yesterday}") == 0
    assert total(f"verb=board.open&from={clock.today()}") == 2


def test_what_cannot_be_used_is_ignored_with_a_sentence(browser, auditor):
    text = browser.sign_in(auditor).get(f"{PAGE}?verb=x&from=soon&subject=nobody").text
    assert text.count("已经忽略") == 2
    assert "没有用上" in text
    late = clock.today() + timedelta(days=1)
    assert "晚于" in browser.get(f"{PAGE}?from={late}&to={clock.today()}").text


def test_an_auditor_of_a_street_reads_the_entries_of_its_stations(make, browser):
    inside, outside = make.station(), make.station()
    actor = make.actor(make.person())
    record("board.open", Ref("shift", 1), actor, inside)
    record("board.open", Ref("shift", 2), actor, outside)
    record("board.open", Ref("shift", 3), actor)
    browser.sign_in(make.holder(Role.AUDITOR, inside))
    text = browser.get(f"{PAGE}?verb=board.open").text
    assert "共 1 条" in text
    assert outside.name not in text


def test_entries_come_twenty_a_page_under_one_query_count(make, browser, auditor):
    browser.sign_in(auditor)
    browser.get(PAGE)
    with count_queries() as few:
        browser.get(PAGE)
    for number in range(30):
        person = make.person(account=False)
        record("board.open", Ref("shift", number), make.actor(person), make.station())
    browser.get(PAGE)  # what the process keeps of small tables is read again after a write
    with count_queries() as many:
        assert "下一页" in browser.get(PAGE).text
    assert len(few) == len(many)
    assert browser.get(f"{PAGE}?verb=board.open&page=2").text.count("<tr>") == 11
