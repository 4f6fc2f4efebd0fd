"""The roster: who is expected, ticks by hand, settling, the CSV."""

import csv
import io
import re

import pytest
from sqlalchemy import select

from portal.attendance import hooks, queries
from portal.attendance.models import Scan, VisitState
from portal.core.access import Role
from portal.core.db import db
from portal.hours import queries as ledger
from portal.records.audit import AuditEntry
from portal.shifts.models import ShiftState
from portal.signups import queries as signups
from tests.attendance.conftest import START
from tests.support.client import Browser
from tests.support.queries import count_queries


@pytest.fixture(autouse=True)
def _at_two(time_machine):
    time_machine.move_to(START, tick=False)


@pytest.fixture
def path(scene) -> str:
    return f"/desk/shifts/{scene.shift.public_id}"


def signup_of(scene, person) -> str:
    return signups.live(scene.shift.id, person.id).public_id


def row_of(page, signup_id) -> str:
    return re.search(rf'<tr id="signup-{signup_id}">.*?</tr>', page.text, re.DOTALL)[0]


def test_the_roster_shows_who_is_expected(scene, browser, path):
    person, other = scene.volunteer(phone="13912345678"), scene.attendee()
    scene.scan(other, "in", -3)
    page = browser.sign_in(scene.manager).get(path)
    row = row_of(page, signup_of(scene, person))
    assert person.name in row
    assert "139****5678" in row
    assert "13912345678" not in page.text
    assert "报名成功" in row
    assert "13:57" in row_of(page, signup_of(scene, other))
    assert "已到 1 / 2" in page.text
    assert f"{path}/board?direction=in" in page.text
    assert f"{path}/board?direction=out" in page.text


def test_an_empty_roster(scene, browser, path):
    assert "还没有人报名" in browser.sign_in(scene.manager).get(path).text


def test_ticks_by_hand(scene, browser, path, time_machine):
    person = scene.volunteer()
    signup_id = signup_of(scene, person)
    browser.sign_in(scene.manager)
    came = browser.post(f"{path}/ticks", {"signup": signup_id, "direction": "in"})
    assert (came.status_code, came.location) == (303, f"{path}#signup-{signup_id}")
    time_machine.move_to(scene.at(60), tick=False)
    browser.sign_in(scene.manager)
    went = browser.post(
        f"{path}/ticks",
        {"signup": signup_id, "direction": "out"},
        headers={"HX-Request": "true"},
    )
    assert went.status_code == 200
    assert "<html" not in went.text
    assert "15:00" in row_of(went, signup_id)
    assert ledger.total(person.id) == 60
    scan = db.session.scalars(select(Scan).order_by(Scan.id.desc())).first()
    assert (scan.way, scan.actor_id) == ("manual", scene.manager.id)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "scan.record")).first()
    assert entry.actor_id == scene.manager.id


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_refused_tick_says_why_beside_the_row(scene, browser, path, headers):
    signup_id = signup_of(scene, scene.volunteer())
    browser.sign_in(scene.manager)
    values = {"signup": signup_id, "direction": "out"}
    refused = browser.post(f"{path}/ticks", values, headers=headers)
    assert refused.status_code == 409
    assert "没有签到记录" in row_of(refused, signup_id)
    # What needs a person is on top until somebody has come.
    assert "扫了签退，但没有签到记录" in browser.get(path).text
    browser.post(f"{path}/ticks", {"signup": signup_id, "direction": "in"})
    assert "扫了签退，但没有签到记录" not in browser.get(path).text


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"signup": "nosuchone2", "direction": "in"},
        {"direction": "in"},
        {"signup": "x" * 9999},
    ],
)
def test_a_strange_tick_changes_nothing(scene, browser, path, values):
    browser.sign_in(scene.manager)
    assert browser.post(f"{path}/ticks", values).status_code == 422
    good = signup_of(scene, scene.volunteer())
    assert browser.post(f"{path}/ticks", {"signup": good, "direction": "up"}).status_code == 422
    other = scene.make.shift(scene.station, starts_at=START)
    elsewhere = f"/desk/shifts/{other.public_id}/ticks"
    assert browser.post(elsewhere, {"signup": good, "direction": "in"}).status_code == 422
    assert queries.on_shift(scene.shift.id) == []


def test_the_leader_confirms_with_one_tap(scene, browser, app, path, time_machine):
    person = scene.volunteer()
    scene.scan(person, "in", 0)
    hooks.due(scene.at(240))
    time_machine.move_to(scene.at(300), tick=False)
    page = browser.sign_in(scene.manager).get(path)
    assert "确认 2 小时" in page.text
    (visit,) = queries.visits_of(person.id)
    confirmation = f"{path}/visits/{visit.public_id}/confirmation"
    other = scene.make.shift(scene.station, starts_at=START)
    foreign = f"/desk/shifts/{other.public_id}/visits/{visit.public_id}/confirmation"
    assert browser.post(foreign).status_code == 404
    assert browser.post(confirmation).location == path
    assert browser.post(confirmation).status_code == 303
    (visit,) = queries.visits_of(person.id)
    assert (visit.state, ledger.total(person.id)) == (VisitState.CLOSED, 120)
    assert "确认 2 小时" not in browser.get(path).text


def test_the_csv_is_masked_and_logged(scene, browser, path):
    person = scene.volunteer(name="王小明", phone="13912345678")
    scene.scan(person, "in", -3)
    answer = browser.sign_in(scene.manager).get(path + ".csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    (row,) = csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig")))
    assert row["signup_id"] == signup_of(scene, person)
    assert (row["name"], row["phone"], row["state"]) == ("王*", "139****5678", "attended")
    assert row["in_at"] == "2026-05-08T13:57:00+08:00"
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "roster.export")).one()
    assert (entry.subject_id, entry.actor_id) == (scene.shift.id, scene.manager.id)


@pytest.mark.parametrize("way", ["", ".csv"])
def test_who_keeps_the_roster(scene, app, path, way):
    def status(person) -> int:
        return Browser(app).sign_in(person).get(path + way).status_code

    make = scene.make
    assert status(scene.manager) == 200
    assert status(make.manager(make.centre())) == 200
    assert status(make.holder(Role.ADMINISTRATOR, make.centre())) == 200
    assert status(make.manager(make.station())) == 404
    assert status(make.holder(Role.CAMPAIGN_OFFICER, make.centre())) == 404
    assert status(make.person()) == 403
    assert Browser(app).get(path + way).status_code == 303


def test_the_posts_of_another_stations_manager_find_nothing(scene, app, path):
    person = scene.volunteer()
    other = Browser(app).sign_in(scene.make.manager(scene.make.station()))
    values = {"signup": signup_of(scene, person), "direction": "in"}
    assert other.post(f"{path}/ticks", values).status_code == 404
    assert other.send_json(f"{path}/scans", {"scans": []}).status_code == 404
    foreign = Browser(app).sign_in(scene.manager)
    headers = {"Origin": "https://evil.example"}
    assert foreign.post(f"{path}/ticks", values, headers=headers).status_code == 403
    assert foreign.post(f"{path}/ticks", values, token=False).status_code == 400
    assert queries.on_shift(scene.shift.id) == []


@pytest.mark.parametrize("strange", ["nosuchone2", "a%00b", "x" * 5000, "签到", "..", "%ff"])
def test_a_strange_address_finds_nothing(scene, browser, strange):
    browser.sign_in(scene.manager)
    for way in ("", "/board", "/board/code", ".csv"):
        assert browser.get(f"/desk/shifts/{strange}{way}").status_code == 404
    assert browser.get(f"/check-in/done/{strange}").status_code == 404


def test_no_ticks_before_and_after(scene, browser, path, time_machine):
    signup_id = signup_of(scene, scene.volunteer())
    time_machine.move_to(scene.at(-61), tick=False)
    page = browser.sign_in(scene.manager).get(path)
    assert "<form" not in row_of(page, signup_id)
    assert "13:00" in page.text
    scene.shift.state = ShiftState.CALLED_OFF
    db.session.commit()
    time_machine.move_to(START, tick=False)
    browser.sign_in(scene.manager)
    assert "<form" not in row_of(browser.get(path), signup_id)


def test_the_roster_asks_the_same_for_one_row_and_for_thirty(scene, browser, path):
    scene.make.activity(scene.station)
    first = scene.volunteer()
    scene.scan(first, "in", 0)
    browser.sign_in(scene.manager)
    browser.get(path)
    with count_queries() as one:
        browser.get(path)
    for _ in range(4):
        scene.scan(scene.volunteer(), "in", 0)
    for _ in range(10):
        scene.attendee()
    browser.get(path)  # small tables kept by the process are read again after a write
    with count_queries() as many:
        assert browser.get(path).text.count('<tr id="signup-') == 15
    assert len(many) <= len(one)
