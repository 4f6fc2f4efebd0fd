"""Markers of personal data are planted in wishes of every state and then looked for everywhere."""

from __future__ import annotations

import logging

import pytest

from portal import create_app
from portal.cli.rounds import relay
from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.org.models import Level
from portal.records.audit import AuditEntry
from portal.records.steps import Step
from portal.wishes import actions, actions_desk, actions_stories, hooks
from portal.wishes.actions import Contact
from portal.wishes.models import ConfirmWay, Filer
from tests.conftest import config_for
from tests.wishes.given import close, confirm, filed, fulfilled, pledge, published, verified, wanted

NAME, PHONE, ADDRESS, WHY = "欧阳麒麟", "13512345678", "九曲巷鸳鸯楼", "独门缘由不可外传"
WHAT = "原话里的秘密拐杖"
FAMILY, FAMILY_PHONE = "上官婉秋", "13687654321"
MARKERS = (NAME, PHONE, ADDRESS, WHY, WHAT, FAMILY, FAMILY_PHONE)
# Words that staff left with a step: for the wisher and the station alone.
NOTES = ("退改的悄悄话", "核实的悄悄话", "拒绝的悄悄话", "回访的悄悄话")

_APP = create_app(config_for("sqlite:///unused.db"))
PUBLIC = ("/", "/wishes", "/wishes/stories", "/wishes?q=拐杖", "/stations", "/activities", "/figures",
          "/wishes/track", "/wishes/new", "/feedback", "/cal/all.ics", "/api/v1/openapi.json")  # fmt: skip
SIGNED_IN = ("/me", "/me/wishes", "/me/pledges", "/me/wishes/letter", "/me/unit-wishes",
             "/me/privacy", "/me/data.json", "/me/signups", "/me/hours")  # fmt: skip
DESK = ("/desk", "/desk/wishes", "/desk/wishes?state=here", "/desk/wishes/print", "/desk/people",
        f"/desk/wishes?q={NAME}", f"/desk/wishes?q={PHONE}")  # fmt: skip
OFFICE = ("/office", "/office/wishes", "/office/wishes?show=overdue", "/office/wishes?show=raised",
          "/office/figures", "/office/figures.csv", "/office/figures/records")  # fmt: skip


@pytest.fixture
def planted(make):
    """Wishes in every state, full of markers; and the helper who holds one."""
    station = make.station("九曲社区实践站", level=Level.STATION)
    helper = make.person("司马长风")
    about = {
        "wisher": Contact(NAME, PHONE),
        "wanted": wanted(address=ADDRESS, why=WHY, what=WHAT),
        "filer": Filer.RELATIVE,
        "filer_contact": Contact(FAMILY, FAMILY_PHONE),
    }
    by_state = {
        "filed": filed(station, **about),
        "returned": filed(station, **{**about, "wanted": wanted(what=WHAT + "二", why=WHY)}),
        "rejected": filed(station, **{**about, "wanted": wanted(what=WHAT + "三", why=WHY)}),
        "verified": verified(station, **about),
        "published": published(station, **about),
        "held": published(station, **about),
        "fulfilled": fulfilled(station, helper, **about),
        "confirmed": confirm(fulfilled(station, helper, **about)),
        "closed": close(confirm(fulfilled(station, helper, **about))),
        "withdrawn": published(station, **about),
    }
    held = pledge(by_state["held"], helper)
    do(actions_desk.send_back, by_state["returned"].id, NOTES[0])
    do(actions_desk.reject, by_state["rejected"].id, NOTES[2])
    do(actions.withdraw, by_state["withdrawn"].id, NOTES[3])
    closed = by_state["closed"].id
    do(actions_stories.agree, closed, ConfirmWay.CALL_BACK, with_photo=True)
    do(actions_stories.tell, closed, "想要一根拐杖，送来了。", looked_over=True)
    hooks.due(clock.now())
    relay(clock.now())
    return station, by_state, held, helper


def do(action, *given, **known):
    return write(action, *given, actor=SYSTEM, now=clock.now(), **known)


def leaks_in(text):
    return [one for one in (*MARKERS, *NOTES) if one in text]


def look(browser, paths):
    """Return what leaks, by path; whoever is turned away reads an error page, which is read too."""
    found = {}
    for path in paths:
        page = browser.get(path).get_data(as_text=True)
        # What the reader typed themselves is in the page, as they typed it.
        typed = path.partition("q=")[2]
        found[path] = [one for one in leaks_in(page) if one != typed]
    return {path: leaks for path, leaks in found.items() if leaks}


def paths_of(by_state):
    ids = [wish.public_id for wish in by_state.values()]
    rests = ("", "/slip", "/change")
    return [
        *(f"/wishes/{one}" for one in ids),
        *(f"/desk/wishes/{one}{rest}" for one in ids for rest in rests),
        *(f"/me/wishes/{one}/change" for one in ids),
        *(f"/wishes?q={word}" for word in MARKERS),
    ]


def test_a_stranger_finds_nothing(browser, make, planted):
    station, by_state, _held, _helper = planted
    public = [*PUBLIC, *paths_of(by_state), f"/stations/{station.public_id}"]
    public.append(f"/cal/stations/{station.public_id}.ics")
    assert look(browser, public) == {}
    browser.sign_in(make.person())
    assert look(browser, [*public, *SIGNED_IN]) == {}


def test_another_station_finds_nothing(browser, make, planted):
    _station, by_state, held, _helper = planted
    browser.sign_in(make.manager(make.station()))
    pages = [*DESK, *SIGNED_IN, *paths_of(by_state), f"/pledges/{held.public_id}"]
    assert look(browser, pages) == {}
    for wish in by_state.values():
        response = browser.post(f"/desk/wishes/{wish.public_id}/reveal")
        assert (response.status_code, leaks_in(response.text)) == (404, [])


def test_a_pledger_whom_nobody_knows_finds_nothing(browser, planted):
    _station, by_state, held, helper = planted
    browser.sign_in(helper)
    pages = [*SIGNED_IN, *paths_of(by_state), f"/pledges/{held.public_id}"]
    assert look(browser, pages) == {}
    response = browser.post(f"/pledges/{held.public_id}/contact")
    assert (response.status_code, leaks_in(response.text)) == (409, [])


def test_the_office_finds_nothing(browser, make, planted):
    _station, by_state, _held, _helper = planted
    for role in (Role.CAMPAIGN_OFFICER, Role.AUDITOR):
        browser.sign_in(make.holder(role, make.centre()))
        assert look(browser, [*OFFICE, *SIGNED_IN, *paths_of(by_state)]) == {}
    browser.sign_in(make.holder(Role.ADMINISTRATOR, make.centre()))
    assert look(browser, ["/office/audit", "/office/wishes", "/admin"]) == {}


def test_the_own_station_reads_masked_until_it_asks(browser, make, planted):
    station, by_state, _held, _helper = planted
    browser.sign_in(make.manager(station))
    for path in (
        "/desk/wishes",
        "/desk/wishes/print",
        f"/desk/wishes/{by_state['filed'].public_id}",
    ):
        page = browser.get(path).text
        assert [one for one in (NAME, PHONE, ADDRESS, FAMILY, FAMILY_PHONE) if one in page] == []


def test_log_and_ledger_rows_hold_ids_alone(browser, make, planted, caplog):
    caplog.set_level(logging.DEBUG)
    _station, by_state, _held, _helper = planted
    browser.sign_in(make.person())
    look(browser, [*PUBLIC, *SIGNED_IN, *paths_of(by_state)])
    rows = [str(vars(row)) for model in (AuditEntry, Step) for row in db.session.query(model)]
    assert leaks_in("\n".join(rows)) == []
    said = "\n".join(str(record.__dict__) for record in caplog.records if "portal" in record.name)
    assert leaks_in(said) == []


def test_every_public_address_is_among_those_looked_at():
    """A new public page has to be put into the search; what has no page of wishes says so here."""
    rules = {
        rule.rule
        for rule in _APP.url_map.iter_rules()
        if "GET" in rule.methods
        and rule.rule.startswith("/wishes")
        and getattr(_APP.view_functions[rule.endpoint], "access", None) == "public"
    }
    assert rules == {
        "/wishes", "/wishes/<wish>", "/wishes/new", "/wishes/photos/<photo>", "/wishes/stories",
        "/wishes/track",
    }  # fmt: skip
