import json
from datetime import date

import pytest
from sqlalchemy import LargeBinary, select

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import Base, db, write
from portal.core.ref import Ref
from portal.people import actions as people_actions
from portal.people import consents, counter
from portal.people import queries as people
from portal.people.guardians import Contact
from portal.people.models import IdentityCheck
from portal.people.models_consents import Channel, ConsentKind
from portal.people.models_teams import Team
from portal.records import notes, settings
from portal.records.audit import AuditEntry
from portal.registration import actions, decisions, queries
from portal.registration.application import Application
from portal.shifts.models import PlaceRole
from portal.signups import actions as signup_actions
from tests.registration.forms import id_number


def test_the_public_notice_names_its_version_and_carries_no_session(make, browser):
    response = browser.get("/privacy")
    assert "2026-11" in response.text
    assert "身份证号：" not in response.text
    assert "Set-Cookie" not in response.headers
    assert "csrf" not in response.text.replace("csrf-token", "")
    again = browser.get("/privacy", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
    write(settings.change, "id_number", "optional", actor=SYSTEM, now=clock.now())
    assert "身份证号：" in browser.get("/privacy").text


def test_a_visitor_is_asked_to_sign_in(browser, app):
    for path in ("/me/privacy", "/me/data.json", "/me/privacy/erasure"):
        assert browser.get(path).status_code == 303


# --- consents --------------------------------------------------------------------------------------


def test_each_consent_is_taken_back_and_given_in_one_tap(make, browser):
    person = make.person()
    browser.sign_in(person)
    page = browser.get("/me/privacy").text
    assert "本人在网上" in page
    assert "版本 2026-11" in page
    for kind in ("notice", "publication"):
        before = consents.holds(person.id, ConsentKind(kind))
        for _twice in range(2):
            browser.post(f"/me/privacy/consents/{kind}")
        assert consents.holds(person.id, ConsentKind(kind))
        for _twice in range(2):
            browser.post(f"/me/privacy/consents/{kind}/withdrawal")
        assert not consents.holds(person.id, ConsentKind(kind))
        rows = [row for row in consents.of_person(person.id) if row.kind == kind]
        assert len(rows) == 2
        assert before == (kind == "notice")
    assert browser.post("/me/privacy/consents/nonsense").status_code == 404
    assert browser.post("/me/privacy/consents/notice", token=False).status_code == 400


def test_a_minor_takes_the_guardians_consent_back(make, browser, time_machine):
    time_machine.move_to("2026-11-28T10:00:00+08:00", tick=False)
    station, person = make.station(), make.person(birth_on=date(2010, 3, 1))
    given = Application(
        "小明", date(2010, 3, 1), station.id, guardian=Contact("王大山", "13800000999")
    )
    write(actions.apply, person.id, given, actor=make.actor(person), now=clock.now())
    browser.sign_in(person)
    assert "撤回监护人同意" in browser.get("/me/privacy").text
    browser.post("/me/privacy/guardian-withdrawal")
    assert not people.has_guardian_consent(person.id)
    assert "撤回监护人同意" not in browser.get("/me/privacy").text


# --- export ----------------------------------------------------------------------------------------


def test_the_export_holds_what_the_law_asks_for(make, browser):
    station = make.station()
    person = make.volunteer(station, name="古丽·买买提")
    shift = make.shift(station)
    write(
        signup_actions.sign_up, shift.id, person.id, PlaceRole.VOLUNTEER,
        actor=make.actor(person), now=clock.now(),
    )  # fmt: skip
    response = browser.sign_in(person).get("/me/data.json")
    assert response.mimetype == "application/json"
    assert "attachment" in response.headers["Content-Disposition"]
    assert response.headers["Cache-Control"] == "no-store"
    data = json.loads(response.text)
    assert data["person"]["name"] == "古丽·买买提"
    assert data["volunteer"]["state"] == "registered"
    assert data["volunteer"]["volunteer_no"] == people.volunteer_of(person.id).volunteer_no
    assert data["signups"][0]["shift_id"] == shift.public_id
    assert data["consents"][0]["kind"] == "notice"
    assert [data[key] for key in ("visits", "service_records", "wishes", "pledges")] == [[]] * 4
    assert db.session.scalars(select(AuditEntry).filter_by(verb="data.export")).one()


def test_the_export_of_somebody_who_is_no_volunteer(make, browser):
    person, other = make.person(), make.person("别人")
    data = browser.sign_in(person).get("/me/data.json").get_json()
    assert data["volunteer"] == {"state": None, "volunteer_no": None}
    assert other.phone not in json.dumps(data)


# --- erasure ---------------------------------------------------------------------------------------

MARKS = (
    "记号姓名",
    "13912344321",
    "记号联系人",
    "13912344322",
    "记号监护人",
    "记号备注",
    "记号原因",
)


@pytest.fixture
def marked(make):
    """A person about whom every table that may hold words holds a marked one."""
    station, birth_on = make.station(), date(2009, 1, 1)
    person = make.person("记号姓名", phone="13912344321", birth_on=birth_on, station=station)
    manager = make.manager(station)
    desk, own, now = make.actor(manager), make.actor(person), clock.now()
    team = Team(name="红队", station_id=station.id)
    db.session.add(team)
    db.session.commit()
    given = Application(
        "记号姓名", birth_on, station.id, free_times=7, team_ids=frozenset({team.id}),
        emergency=Contact("记号联系人", "13912344322"), id_number=id_number(birth_on),
        guardian=Contact("记号监护人", "13912344322"),
    )  # fmt: skip
    row = write(actions.apply, person.id, given, actor=own, now=now)
    write(decisions.record_guardian, row.id, given.guardian, Channel.DESK, actor=desk, now=now)
    write(decisions.send_back, row.id, "记号原因", actor=desk, now=now)
    write(actions.apply, person.id, given, actor=own, now=now)
    write(decisions.approve, row.id, IdentityCheck.SEEN, "记号备注", actor=desk, now=now)
    write(counter.hand_code, person.id, counter.Identified.ID_SEEN, "记号备注", actor=desk, now=now)
    shift = make.shift(station)
    signup = write(
        signup_actions.sign_up, shift.id, person.id, PlaceRole.VOLUNTEER, actor=own, now=now
    )
    write(signup_actions.withdraw, signup.id, "记号原因", actor=own, now=now)
    write(people_actions.sign_in, person.id, "微信", actor=own, now=now)
    return person


def everything():
    """Return every value of every column that can hold words, of all tables."""
    found = []
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            for column, value in zip(table.columns, row, strict=True):
                if value is None:
                    continue
                is_bytes = isinstance(column.type, LargeBinary)
                found.append(
                    value.decode("latin-1")
                    if is_bytes
                    else json.dumps(value, default=str, ensure_ascii=False)
                )
    return "\n".join(found)


def test_nothing_that_names_an_erased_person_is_left_anywhere(make, marked, browser):
    for mark in ("记号姓名", "13912344321", "记号备注", "记号原因"):
        assert mark in everything()
    row = people.volunteer_of(marked.id)
    number, kept = row.volunteer_no, len(notes.of(Ref("volunteer", row.id)))
    assert kept == 2
    browser.sign_in(marked)
    assert "注销账号？" in browser.get("/me/privacy/erasure").text
    assert browser.post("/me/privacy/erasure").status_code == 422
    assert browser.post("/me/privacy/erasure", {"sure": "y"}).location == "/"
    db.session.expire_all()
    left = everything()
    for mark in MARKS:
        assert mark not in left
    gone = people.person(marked.id)
    assert (gone.name, gone.phone, gone.birth_on, gone.sex) == ("已注销", None, None, None)
    assert people.account_of(marked.id) is None
    row = people.volunteer_of(marked.id)
    assert (row.state, row.volunteer_no) == ("left", number)
    assert (row.id_number_sealed, row.id_number_hash, row.emergency_sealed) == (None, None, None)
    assert row.left_at is not None
    assert [one.state for one in people.team_rows_of(marked.id)] == ["left"]
    assert all(one.guardian_sealed == b"" for one in queries.guardian_consents(marked.id))
    assert browser.get("/me").status_code == 303


def test_an_erased_person_registers_anew_with_the_same_phone(make, marked, browser):
    browser.sign_in(marked).post("/me/privacy/erasure", {"sure": "y"})
    again = make.person("新人", phone="13912344321")
    assert again.id != marked.id


def test_who_still_has_a_place_or_a_role_is_not_erased(make, browser):
    station = make.station()
    person, manager, shift = make.person(), make.manager(station), make.shift(station)
    write(
        signup_actions.sign_up, shift.id, person.id, PlaceRole.ATTENDEE,
        actor=make.actor(person), now=clock.now(),
    )  # fmt: skip
    for who, words in ((person, "请先取消报名"), (manager, "收回角色")):
        refused = browser.sign_in(who).post("/me/privacy/erasure", {"sure": "y"})
        assert refused.status_code == 409
        assert words in refused.text
        assert people.account_of(who.id) is not None
