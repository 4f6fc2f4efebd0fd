import re

import pytest
from sqlalchemy import select

from portal.core.access import Role
from portal.core.db import db
from portal.core.ref import Ref
from portal.people import queries
from portal.people.models_sign_ins import ResetCode
from portal.records import notes
from portal.records.audit import AuditEntry

FORM = {"identified": "id_seen", "note": "看了身份证"}


@pytest.fixture
def desk(make, browser):
    station = make.station()
    browser.sign_in(make.manager(station))
    return browser, station


def test_who_may_help(make, browser):
    station, person = make.station(), make.person()
    for path in ("/desk/people", f"/desk/people/{person.public_id}"):
        assert browser.get(path).status_code == 303
    browser.sign_in(person)
    assert browser.get("/desk/people").status_code == 403
    browser.sign_in(make.holder(Role.AUDITOR, station))
    assert browser.get("/desk/people").status_code == 403
    assert browser.get(f"/desk/people/{person.public_id}").status_code == 404


def test_people_are_found_by_their_whole_name_or_phone(make, desk):
    browser, station = desk
    person = make.person("买买提·吐尔逊", station=station)
    find = lambda q: browser.get("/desk/people", query_string={"q": q}).text  # noqa: E731
    for words in ("买买提·吐尔逊", person.phone, f"+86 {person.phone[:3]} {person.phone[3:]}"):
        assert person.public_id in find(words)
    assert person.phone not in find("买买提·吐尔逊")
    for words in ("买买提", person.phone[:10], "%%", "_" * 400):
        assert person.public_id not in find(words)
    assert "请至少写 2 个字" in find("买")


def test_people_of_other_stations_are_not_found_and_those_without_one_are(make, desk):
    browser, _station = desk
    there, nowhere = make.person("王秀英", station=make.station()), make.person("王秀英")
    page = browser.get("/desk/people?q=王秀英").text
    assert there.public_id not in page
    assert nowhere.public_id in page
    assert browser.get(f"/desk/people/{there.public_id}").status_code == 404
    assert browser.post(f"/desk/people/{there.public_id}/reset-code", FORM).status_code == 404


def test_a_code_is_shown_once_and_opens_a_new_password(make, desk):
    browser, station = desk
    person = make.person("王秀英", station=station)
    path = f"/desk/people/{person.public_id}"
    assert "看过身份证件" in browser.get(path).text
    for wrong in (
        {},
        {"identified": "id_seen"},
        {"note": "x"},
        {"identified": "magic", "note": "x"},
    ):
        assert browser.post(f"{path}/reset-code", wrong).status_code == 422
    assert db.session.query(ResetCode).count() == 0
    page = browser.post(f"{path}/reset-code", FORM)
    assert page.headers["Cache-Control"] == "no-store"
    code = re.search(r'id="reset-code">([^<]+)<', page.text).group(1)
    assert len(code.replace(" ", "")) == 8
    row = db.session.query(ResetCode).filter_by(person_id=person.id).one()
    assert (row.expires_at - row.created_at).total_seconds() == 1800
    assert row.identified == "id_seen"
    assert notes.latest(Ref("person", person.id), "identity") == "看了身份证"
    assert db.session.scalars(select(AuditEntry).filter_by(verb="account.hand_reset_code")).one()
    done = browser.post(
        "/reset", {"phone": person.phone, "code": code, "password": "a-brand-new-password"}
    )
    assert done.status_code == 303


def test_staff_are_refused_at_the_desk_and_served_by_an_administrator(make, desk):
    browser, station = desk
    leader = make.holder(Role.TEAM_LEADER, station)
    path = f"/desk/people/{leader.public_id}"
    assert "只能由管理员重设" in browser.get(path).text
    refused = browser.post(f"{path}/reset-code", FORM)
    assert refused.status_code == 409
    assert "只能由管理员重设" in refused.text
    browser.sign_in(make.holder(Role.ADMINISTRATOR, make.centre()))
    assert browser.post(f"{path}/reset-code", FORM).status_code == 200


def test_somebody_without_an_account_needs_no_code(make, desk):
    browser, station = desk
    person = make.person(station=station, account=False)
    path = f"/desk/people/{person.public_id}"
    assert "还没有账号" in browser.get(path).text
    assert browser.post(f"{path}/reset-code", FORM).status_code == 409
    assert queries.account_of(person.id) is None


def test_the_code_needs_our_own_page(make, desk):
    browser, station = desk
    path = f"/desk/people/{make.person(station=station).public_id}/reset-code"
    assert browser.post(path, FORM, token=False).status_code == 400
    assert browser.post(path, FORM, headers={"Origin": "https://evil.example"}).status_code == 403
