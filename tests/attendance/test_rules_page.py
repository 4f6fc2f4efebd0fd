"""Versions of the rules: seen before they hold, valid from a day on, never for what was judged."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from portal.attendance import hooks, preview, queries
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Invalid
from portal.hours import actions_rules
from portal.hours import queries as ledger
from portal.hours.models import LedgerEntry
from portal.hours.models_rules import CreditRule
from portal.hours.rules import Terms
from portal.records.audit import AuditEntry
from tests.attendance.conftest import START, sign_up

DAY = date(2026, 5, 8)


def adopt(terms: Terms, first: date = DAY) -> CreditRule:
    """Write a version as if on the day before."""
    now = clock.day_start(first - timedelta(days=1))
    return write(actions_rules.adopt, terms, first, "试", actor=SYSTEM, now=now)


def typed(**changes) -> dict[str, str]:
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    figures = {name: str(value) for name, value in Terms().as_rule().items() if name != "version"}
    return {**figures, "valid_from": tomorrow, "reason": "区里的通知", "months": "3", **changes}


@pytest.fixture
def officer(make, browser):
    return browser.sign_in(make.holder("campaign_officer", make.centre()))


def rows(table) -> int:
    return db.session.scalar(select(func.count()).select_from(table))


# --- versions ------------------------------------------------------------------------------------


def test_a_credit_is_judged_by_the_version_of_its_shifts_day(scene):
    adopt(Terms(grace=0, step=30), DAY + timedelta(days=1))
    later = scene.make.shift(scene.station, starts_at=START + timedelta(days=1))
    person = scene.volunteer()
    sign_up(later, person)
    for shift, minutes in ((scene.shift, 0), (later, 24 * 60)):
        scene.scan(person, "in", minutes - 10, shift=shift)
        scene.scan(person, "out", minutes + 100, shift=shift)
    first, second = ledger.entries_of(person.id)
    assert (first.minutes, first.rule["version"]) == (110, 1)
    assert (second.minutes, second.rule["version"], second.rule["step"]) == (90, 2, 30)


def test_a_version_is_for_days_to_come_and_never_for_what_was_judged(scene):
    person = scene.volunteer()
    scene.scan(person, "in", 0)
    scene.scan(person, "out", 100)
    now = scene.at(200)
    with pytest.raises(Invalid):
        write(actions_rules.adopt, Terms(step=60), DAY, "试", actor=SYSTEM, now=now)
    write(actions_rules.adopt, Terms(step=60), DAY + timedelta(1), "试", actor=SYSTEM, now=now)
    # What belongs to the day stays by its version, also when it is settled later.
    other = scene.volunteer()
    scene.scan(other, "in", 0, now=scene.at(300), way="camera")
    scene.scan(other, "out", 100, now=scene.at(300), way="camera")
    assert [ledger.total(one.id) for one in (person, other)] == [100, 100]


def test_each_version_has_its_number_and_its_entry_in_the_log(app):
    for number in (2, 3):
        assert adopt(Terms(grace=number)).version == number
    assert ledger.terms(DAY).grace == 3
    assert ledger.terms(DAY - timedelta(1)) == Terms()
    entries = db.session.scalars(select(AuditEntry).filter_by(verb="credit_rule.adopt")).all()
    assert [entry.details["version"] for entry in entries] == [2, 3]


# --- short stays and breaks ----------------------------------------------------------------------


def test_a_short_stay_waits_for_the_leader_where_the_district_wants_it(scene, browser):
    adopt(Terms(short_stays="hold"))
    person, longer = scene.volunteer(), scene.volunteer()
    scene.scan(person, "in", 0)
    short = scene.scan(person, "out", 50).visit
    scene.scan(longer, "in", 0)
    scene.scan(longer, "out", 50)
    # Who comes back and stays long enough in all need not wait any more.
    scene.scan(longer, "in", 70)
    scene.scan(longer, "out", 115)
    assert (short.state, short.pending, short.minutes) == ("provisional", "short_stay", 50)
    assert [ledger.total(one.id) for one in (person, longer)] == [0, 95]
    browser.sign_in(person)
    assert browser.post(f"/me/hours/{short.public_id}/confirmation").status_code == 409
    browser.sign_in(scene.manager)
    page = f"/desk/shifts/{scene.shift.public_id}"
    assert browser.post(f"{page}/visits/{short.public_id}/confirmation").status_code == 303
    assert ledger.total(person.id) == 50


def test_a_short_stay_that_nobody_confirms_counts_nothing(scene):
    adopt(Terms(short_stays="hold"))
    person = scene.volunteer()
    scene.scan(person, "in", 0)
    until = scene.scan(person, "out", 50).visit.settle_by_on
    hooks.due(clock.day_start(until + timedelta(days=1)))
    (visit,) = queries.visits_of(person.id)
    assert (visit.state, visit.minutes, ledger.total(person.id)) == ("lapsed", 0, 0)
    assert hooks.check() == []


# --- the preview ---------------------------------------------------------------------------------

RULES = [
    Terms(),
    Terms(grace=0),
    Terms(step=30, rounding="up"),
    Terms(step=60, rounding="nearest", day_cap=180),
    Terms(break_after=60, break_minutes=20, grace=30),
    Terms(minimum_share=100, short_stays="flag"),
]


def live_a_day(scene, people):
    """Two overlapping shifts, early and late, short and long: what a day can bring."""
    other = scene.make.shift(scene.station, starts_at=scene.at(100))
    for number, person in enumerate(people):
        sign_up(scene.shift, person)
        sign_up(other, person)
        scene.scan(person, "in", -20 + number * 17)
        scene.scan(person, "out", 75 + number * 19)
        if number % 2:
            scene.scan(person, "in", 135, shift=other)
            scene.scan(person, "out", 240 + number * 7, shift=other)


@pytest.mark.parametrize("terms", RULES)
def test_what_is_foreseen_is_what_would_be_credited(scene, terms):
    people = [scene.make.volunteer(scene.station) for _ in range(4)]
    live_a_day(scene, people)
    credited, written = sum(ledger.total(one.id) for one in people), rows(LedgerEntry)
    found = preview.preview(terms, DAY, DAY)
    assert rows(LedgerEntry) == written
    # The same day again, on the same shifts' hours, under the new rules.
    adopt(terms, DAY + timedelta(days=7))
    scene.start = scene.start + timedelta(days=7)
    scene.at = lambda minutes: scene.start + timedelta(minutes=minutes)
    scene.shift = scene.make.shift(scene.station, starts_at=scene.start)
    again = [scene.make.volunteer(scene.station) for _ in range(4)]
    live_a_day(scene, again)
    anew = sum(ledger.total(one.id) for one in again)
    assert (found.looked, found.before, found.after) == (6, credited, anew)
    assert found.up.up - found.down.down == anew - credited
    assert sum(kind.up - kind.down for kind in found.kinds) == anew - credited
    assert found.up.count + found.down.count == sum(kind.count for kind in found.kinds)
    if terms == Terms():
        assert (found.up.count, found.down.count) == (0, 0)


# --- the page ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "level", "status"),
    [
        ("administrator", "centre", 200),
        ("campaign_officer", "centre", 200),
        ("campaign_officer", "station", 403),
        ("auditor", "centre", 403),
        ("station_manager", "centre", 403),
    ],
)
def test_who_writes_the_rules(make, browser, role, level, status):
    browser.sign_in(make.holder(role, make.centre() if level == "centre" else make.station()))
    assert browser.get("/office/rules").status_code == status
    assert browser.get("/office/rules/new").status_code == status
    assert browser.post("/office/rules", typed()).status_code == (303 if status == 200 else status)
    assert "/office/rules" in browser.get("/office").text if status == 200 else True


def test_it_is_seen_before_it_holds(scene, officer):
    person = scene.volunteer()
    scene.scan(person, "in", 0)
    scene.scan(person, "out", 100)
    db.session.commit()
    days = (clock.today() - DAY).days
    shown = officer.post("/office/rules/new", typed(step="60", months="12")).text
    assert rows(CreditRule) == 0
    if days < 360:
        assert "试算了 1 条" in shown
        assert person.name[:1] + "*" in shown
        assert person.name not in shown
        assert "-40 分钟" in shown
    assert officer.post("/office/rules", typed(step="60")).status_code == 303
    page = officer.get("/office/rules").text
    assert "第 2 版" in page
    assert "还没开始" in page
    assert "区里的通知" in page
    assert "按 60 分钟取整" in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"valid_from": "today"}, "最早从明天起"),
        ({"valid_from": ""}, "请选择日期"),
        ({"grace": "61"}, "请填 0 到 60 之间的整数"),
        ({"step": "0"}, "请填 1 到 60 之间的整数"),
        ({"minimum_share": "101"}, "请填 0 到 100 之间的整数"),
        ({"day_cap": "59"}, "请填 60 到 1440 之间的整数"),
        ({"rounding": "sideways"}, "错误："),
        ({"break_after": "240"}, "两项都填，或者都填 0"),
        ({"reason": ""}, "请填写"),
        ({"months": "5"}, "请从列表中选择一项"),
    ],
)
def test_figures_that_cannot_be_used(officer, changes, sentence):
    if changes.get("valid_from") == "today":
        changes = {"valid_from": clock.today().isoformat()}
    for path in ("/office/rules/new", "/office/rules"):
        response = officer.post(path, typed(**changes))
        assert response.status_code == 422
        assert sentence in response.text
    assert rows(CreditRule) == 0


def test_the_settings_lead_here(make, browser):
    browser.sign_in(make.holder("administrator", make.centre()))
    page = browser.get("/office/settings").text
    assert 'href="/office/rules"' in page
    assert "取整方法" in page
    assert 'name="rounding"' not in page
