"""Staff of the station hand out a person's data, note consents and erase, at the person's wish."""

import json

import pytest
from sqlalchemy import select

from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.people import consents
from portal.people import queries as people
from portal.people.actions import grant_role
from portal.people.models_consents import ConsentKind
from portal.records.audit import AuditEntry
from portal.shifts.models import PlaceRole
from portal.signups import actions as signup_actions

ASKED = {"way": "paper", "identified": "id_seen"}
SURE = {**ASKED, "sure": "y"}
CONSENT = {**ASKED, "kind": "notice", "given": "no"}


@pytest.fixture
def desk(make, browser):
    """The manager of a station, signed in, and a resident of it without an account."""
    station = make.station()
    manager = make.manager(station)
    person = make.person("王秀英", station=station, account=False)
    browser.sign_in(manager)
    return browser, manager, person, f"/desk/people/{person.public_id}"


def entry(verb):
    return db.session.scalars(select(AuditEntry).filter_by(verb=verb)).one_or_none()


def test_the_persons_page_leads_there(desk):
    browser, _manager, _person, path = desk
    page = browser.get(path).text
    for part in ("data", "consents", "erasure"):
        assert f'href="{path}/{part}"' in page


def test_the_file_holds_what_the_persons_own_would(make, desk):
    browser, manager, person, path = desk
    assert "怎么确认是本人" in browser.get(f"{path}/data").text
    answer = browser.post(f"{path}/data.json", ASKED)
    assert answer.mimetype == "application/json"
    assert person.public_id in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    data = json.loads(answer.text)
    assert (data["person"]["name"], data["person"]["phone"]) == ("王秀英", person.phone)
    row = entry("person.export")
    assert (row.actor_id, row.subject_id) == (manager.id, person.id)
    assert row.details == {"channel": "paper", "identified": "id_seen"}


def test_erasing_asks_first_and_writes_down_who_for_whom_and_how(desk):
    browser, manager, person, path = desk
    phone = person.phone
    page = browser.get(f"{path}/erasure").text
    assert "替 王秀英 注销？" in page
    assert "依法保留" in page
    done = browser.post(f"{path}/erasure", SURE)
    assert (done.status_code, done.location) == (303, "/desk/people")
    gone = people.person(person.id)
    assert (gone.name, gone.phone) == ("已注销", None)
    row = entry("data.erase")
    assert (row.actor_id, row.subject_kind, row.subject_id) == (manager.id, "person", person.id)
    assert row.details == {"channel": "paper", "identified": "id_seen"}
    assert phone not in json.dumps([one.details for one in db.session.scalars(select(AuditEntry))])
    assert browser.get(path).status_code == 404
    assert browser.post(f"{path}/erasure", SURE).status_code == 404


def test_ones_own_erasure_is_written_down_too(make, browser):
    person = make.person()
    browser.sign_in(person).post("/me/privacy/erasure", {"sure": "y"})
    row = entry("data.erase")
    assert (row.actor_id, row.subject_id, row.details) == (person.id, person.id, {})


@pytest.mark.parametrize("missing", ["way", "identified"])
@pytest.mark.parametrize(
    ("address", "fields"), [("erasure", SURE), ("data.json", ASKED), ("consents", CONSENT)]
)
def test_nothing_is_done_before_all_is_said(desk, address, fields, missing):
    browser, _manager, person, path = desk
    (kept,) = set(ASKED) - {missing}
    for wrong in ({}, {missing: "magic"}):
        left = {name: value for name, value in fields.items() if name != missing} | wrong
        answer = browser.post(f"{path}/{address}", left)
        assert answer.status_code == 422
        assert f'value="{ASKED[kept]}" checked' in answer.text
    assert browser.post(f"{path}/{address}", fields, token=False).status_code == 400
    assert people.person(person.id).erased_at is None
    assert [entry(verb) for verb in ("person.export", "data.erase", "consent.withdraw")] == [
        None
    ] * 3


@pytest.mark.parametrize(
    ("address", "fields", "missing"),
    [("erasure", SURE, "sure"), ("consents", CONSENT, "kind"), ("consents", CONSENT, "given")],
)
def test_what_is_asked_for_and_the_tick_are_needed(desk, address, fields, missing):
    browser, _manager, person, path = desk
    left = {name: value for name, value in fields.items() if name != missing}
    assert browser.post(f"{path}/{address}", left).status_code == 422
    assert people.person(person.id).erased_at is None


def test_a_consent_is_taken_back_and_given_again(desk):
    browser, manager, person, path = desk
    browser.post(f"{path}/consents", {**CONSENT, "given": "yes"})
    assert "已同意" in browser.get(f"{path}/consents").text
    browser.post(f"{path}/consents", CONSENT)
    assert not consents.holds(person.id, ConsentKind.NOTICE)
    row = entry("consent.withdraw")
    assert (row.actor_id, row.subject_id) == (manager.id, person.id)
    assert row.details == {"consent": "notice", "identified": "id_seen"}
    assert [one.channel for one in consents.of_person(person.id)] == ["paper", "paper"]
    page = browser.get(f"{path}/consents").text
    assert "已撤回" in page
    assert browser.post(f"{path}/consents", {**CONSENT, "kind": "id_number"}).status_code == 422


def test_never_on_accounts_of_staff_not_even_by_an_administrator(make, browser):
    station = make.station()
    helper = make.person(station=station)
    write(grant_role, helper.id, Role.TEAM_LEADER, station.id, actor=SYSTEM, now=clock.now())
    path = f"/desk/people/{helper.public_id}"
    for actor in (make.manager(station), make.holder(Role.ADMINISTRATOR, make.centre())):
        browser.sign_in(actor)
        for address in ("data", "consents", "erasure"):
            page = browser.get(f"{path}/{address}").text
            assert "这是工作人员的账号" in page
            assert f'action="{path}' not in page
        for address, fields in (("data.json", ASKED), ("consents", CONSENT), ("erasure", SURE)):
            refused = browser.post(f"{path}/{address}", fields)
            assert refused.status_code == 409
            assert "这是工作人员的账号" in refused.text
    assert people.person(helper.id).erased_at is None
    assert consents.holds(helper.id, ConsentKind.NOTICE)
    assert entry("person.export") is None


def test_who_has_a_place_is_not_erased(make, desk):
    browser, _manager, person, path = desk
    shift = make.shift()
    write(
        signup_actions.sign_up, shift.id, person.id, PlaceRole.ATTENDEE, actor=SYSTEM,
        now=clock.now(),
    )  # fmt: skip
    assert "请先在名单里替本人取消" in browser.get(f"{path}/erasure").text
    assert browser.post(f"{path}/erasure", SURE).status_code == 409
    assert people.person(person.id).name == "王秀英"
    assert browser.post(f"{path}/data.json", ASKED).status_code == 200


def test_only_staff_of_the_home_station(make, browser):
    station = make.station()
    person = make.person(station=station)
    path = f"/desk/people/{person.public_id}"
    asks = [("data.json", ASKED), ("consents", CONSENT), ("erasure", SURE)]
    for actor in (make.manager(make.station()), make.holder(Role.CAMPAIGN_OFFICER, make.centre())):
        browser.sign_in(actor)
        assert [browser.post(f"{path}/{to}", data).status_code for to, data in asks] == [404] * 3
    browser.sign_in(make.person())
    assert [browser.post(f"{path}/{to}", data).status_code for to, data in asks] == [403] * 3
    assert people.person(person.id).erased_at is None
