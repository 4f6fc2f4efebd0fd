"""Marks of the asker are looked for on every page, log and notice that is not for who reads it."""

import json

import pytest

from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.notices.models import Notice
from portal.records import search
from portal.records.audit import AuditEntry
from portal.records.outbox import OutboxRow
from portal.records.steps import Step
from portal.services import actions, actions_desk, hooks
from portal.services.actions import Asker
from tests.services.given import (
    a_leader,
    a_team,
    accept,
    claim,
    done,
    filed,
    offered,
    rate,
    sent,
)

MARKS = ("欧阳桂英", "13812345678", "和平里 9 栋", "钥匙在门垫下面", "前一队嫌远", "不要叫小王来")
ASKER = Asker("欧阳桂英", "13812345678", "和平里 9 栋 1203", "钥匙在门垫下面")


@pytest.fixture
def station(make):
    return make.station("和平社区实践站")


@pytest.fixture
def district(make, station):
    """Orders in several states, with words left at each."""
    service, team = offered(station, title="上门理发"), a_team(station)
    leader, volunteer = a_leader(make, team, station), make.volunteer(station)
    free = sent(service, asker=ASKER)
    held = sent(service, team=team, asker=ASKER)
    accept(held, actor=make.actor(leader))
    claimed = sent(service, asker=ASKER)
    claim(claimed, make.actor(volunteer))
    declined = sent(service, team=team, asker=ASKER)
    write(actions_desk.dispatch, declined.order_id, actions_desk.Target(), "前一队嫌远",
          actor=SYSTEM, now=clock.now())  # fmt: skip
    row, _held = done(service, team, asker=ASKER)
    rate(row)
    waits = filed(service, asker=ASKER)
    gone = filed(service, asker=ASKER)
    write(actions.withdraw, gone.id, "不要叫小王来", actor=SYSTEM, now=clock.now())
    hooks.due(clock.now())
    return {"service": service, "free": free, "held": held, "claimed": claimed, "row": row,
            "waits": waits, "leader": leader, "volunteer": volunteer}  # fmt: skip


def marks_in(text):
    return [mark for mark in MARKS if mark in text]


PUBLIC = ("/", "/services", "/services?q=理发", "/services?q=桂英", "/services/track", "/stations")


def test_no_public_page_names_an_asker(browser, station, district):
    service = district["service"]
    places = (*PUBLIC, f"/services/{service.public_id}", f"/stations/{station.public_id}")
    for path in places:
        assert marks_in(browser.get(path).text) == [], path


def test_no_page_of_a_stranger_names_an_asker(make, browser, district):
    held, free, claimed = (district[name] for name in ("held", "free", "claimed"))
    paths = [f"/me/dispatches/{one.public_id}" for one in (held, free, claimed)]
    paths += [f"/me/orders?tab={tab}" for tab in ("mine", "theirs", "open")]
    paths += [f"/me/orders/{district['row'].public_id}", "/me", "/me/data.json"]
    for person in (make.person(), make.volunteer(make.station())):
        browser.sign_in(person)
        for path in paths:
            assert marks_in(browser.get(path).text) == [], path


def test_another_station_reads_nothing(make, browser, district):
    browser.sign_in(make.manager(make.station()))
    for path in ("/desk", "/desk/orders", f"/desk/orders/{district['row'].public_id}"):
        text = browser.get(path).text
        assert marks_in(text) == [], path
        assert district["row"].public_id not in text.replace(path, "")


def test_who_accepted_reads_the_contact_only_when_asked_for(browser, district):
    for name, held in (("leader", "held"), ("volunteer", "claimed")):
        browser.sign_in(district[name])
        path = f"/me/dispatches/{district[held].public_id}"
        assert marks_in(browser.get(path).text) == []
        assert len(marks_in(browser.post(f"{path}/contact").text)) == 4
        assert marks_in(browser.get("/me/orders?tab=theirs").text) == []


def test_the_desk_and_the_office_read_lists_without_marks(make, browser, station, district):
    browser.sign_in(make.manager(station))
    for path in ("/desk", "/desk/orders", "/desk/services",
                 f"/desk/orders/{district['waits'].public_id}"):  # fmt: skip
        assert marks_in(browser.get(path).text) == [], path
    browser.sign_in(make.holder(Role.CAMPAIGN_OFFICER, make.centre()))
    for path in ("/office", "/office/orders", f"/desk/orders/{district['waits'].public_id}"):
        assert marks_in(browser.get(path).text) == [], path


def test_no_log_step_or_notice_holds_a_mark(district, caplog):
    for model in (AuditEntry, Step, OutboxRow, Notice):
        for row in db.session.query(model):
            held = {name: str(value) for name, value in vars(row).items() if name[0] != "_"}
            assert marks_in(json.dumps(held, ensure_ascii=False)) == []
    assert marks_in(caplog.text) == []


def test_the_search_knows_no_asker(district):
    for mark in MARKS:
        found = search.matches("service", mark)
        assert found is None or list(db.session.scalars(found)) == []
