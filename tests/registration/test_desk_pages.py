from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.core import clock
from portal.core.access import Role
from portal.core.db import db, write
from portal.people import consents
from portal.people import queries as people
from portal.people.models import Person, Volunteer, VolunteerState
from portal.records.audit import AuditEntry
from portal.registration import actions
from tests.registration.forms import GUARDIAN, given, id_number, typed
from tests.support.queries import count_queries


@pytest.fixture
def desk(make, browser):
    """A manager at the desk, and one application that waits."""
    station = make.station()
    manager = make.manager(station)
    person = make.volunteer(station, state=VolunteerState.SUBMITTED, name="李秀英")
    browser.sign_in(manager)
    return browser, station, people.volunteer_of(person.id)


def path(row, part=""):
    return f"/desk/volunteers/{row.public_id}{part}"


# --- who may ---------------------------------------------------------------------------------------


def test_who_may_see_the_list(make, browser):
    station = make.station()
    assert browser.get("/desk/volunteers").status_code == 303
    browser.sign_in(make.person())
    assert browser.get("/desk/volunteers").status_code == 403
    for role in (Role.TEAM_LEADER, Role.AUDITOR):
        browser.sign_in(make.holder(role, station))
        assert browser.get("/desk/volunteers").status_code == 403
    browser.sign_in(make.manager(station))
    assert browser.get("/desk/volunteers").status_code == 200


POSTS = (
    "/approval",
    "/return",
    "/refusal",
    "/reveal",
    "/guardian",
    "/phone-confirmation",
    "/merge",
)


@pytest.mark.parametrize("part", ["", "/merge", *POSTS])
def test_another_station_has_nothing_there(make, browser, part):
    row = people.volunteer_of(make.volunteer(make.station(), state=VolunteerState.SUBMITTED).id)
    browser.sign_in(make.manager(make.station()))
    assert browser.post(path(row, part), {"reason": "x"}).status_code == (405 if not part else 404)
    if part in {"", "/merge"}:
        assert browser.get(path(row, part)).status_code == 404
    assert people.volunteer_of(row.person_id).state == "submitted"


@pytest.mark.parametrize("role", [Role.STATION_MANAGER, Role.ADMINISTRATOR])
def test_who_holds_a_role_above_may_decide(make, browser, role):
    row = people.volunteer_of(make.volunteer(make.station(), state=VolunteerState.SUBMITTED).id)
    browser.sign_in(make.holder(role, make.centre()))
    assert browser.post(path(row, "/approval")).status_code == 303
    assert people.volunteer_of(row.person_id).state == "registered"


def test_the_own_application_waits_for_somebody_else(make, browser):
    station = make.station()
    manager = make.manager(station)
    row = write(
        actions.apply, manager.id, given(station), actor=make.actor(manager), now=clock.now()
    )
    browser.sign_in(manager)
    page = browser.get(path(row)).text
    assert "要由另一位负责人" in page
    assert "/approval" not in page
    refused = browser.post(path(row, "/approval"), {"identity_check": "seen"})
    assert refused.status_code == 409
    assert "要由另一位负责人" in refused.text


def test_foreign_origin_and_missing_token(desk):
    browser, _station, row = desk
    assert browser.post(path(row, "/approval"), token=False).status_code == 400
    response = browser.post(path(row, "/approval"), headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert people.volunteer_of(row.person_id).state == "submitted"


# --- the list --------------------------------------------------------------------------------------


def test_the_list_shows_what_waits_with_masked_phones(desk):
    browser, _station, row = desk
    page = browser.get("/desk/volunteers").text
    assert "李秀英" in page
    assert row.person.phone not in page
    assert f"{row.person.phone[:3]}****{row.person.phone[-4:]}" in page


def test_an_overdue_one_stands_on_top_and_is_marked(make, desk):
    browser, station, _row = desk
    late = people.volunteer_of(
        make.volunteer(station, state=VolunteerState.SUBMITTED, name="钱晚来").id
    )
    late.due_on = clock.today() - timedelta(days=1)
    db.session.commit()
    page = browser.get("/desk/volunteers").text
    assert "有 1 份申请过了该处理的日子" in page
    assert page.index("钱晚来") < page.index("李秀英")
    assert "过期未处理" in page


def test_searching_and_filtering(make, desk):
    browser, station, row = desk
    other = make.volunteer(station, name="张建国")
    find = lambda query: browser.get(f"/desk/volunteers?{query}").text  # noqa: E731
    assert "李秀英" in find("q=秀英")
    assert "张建国" not in find("q=秀英")
    assert "张建国" in find(f"q={other.phone[-4:]}")
    assert "李秀英" not in find("state=registered")
    assert "李秀英" in find("state=nonsense")
    number = people.volunteer_of(other.id).volunteer_no
    assert "张建国" in find(f"q={number}")
    assert "没有符合的志愿者" in find("q=%25")
    assert "没有符合的志愿者" in find("q=" + "长" * 500)
    assert row.public_id in find("state=submitted")


def test_an_empty_list_says_why(make, browser):
    browser.sign_in(make.manager(make.station()))
    assert "还没有人申请做志愿者" in browser.get("/desk/volunteers").text


def test_one_and_thirty_rows_ask_the_same(make, desk):
    browser, station, _row = desk
    counts = []
    for rows in (0, 29):
        for _more in range(rows):
            make.volunteer(station, state=VolunteerState.SUBMITTED)
        with count_queries() as seen:
            page = browser.get("/desk/volunteers").text
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert "第 1 页，共 2 页" in page
    assert browser.get("/desk/volunteers?page=2").status_code == 200


# --- one application -------------------------------------------------------------------------------


def test_the_page_shows_what_it_takes_to_decide(desk):
    browser, _station, row = desk
    page = browser.get(path(row)).text
    assert "李秀英" in page
    assert row.person.phone not in page
    assert "没有核实" in page


def test_showing_the_phone_is_written_down(desk):
    browser, _station, row = desk
    page = browser.post(path(row, "/reveal"))
    assert page.status_code == 200
    assert row.person.phone in page.text
    assert page.headers["Cache-Control"] == "no-store"
    entry = db.session.scalars(select(AuditEntry).filter_by(verb="person.reveal")).one()
    assert (entry.subject_id, entry.details["what"]) == (row.person_id, "contact")


def test_seeing_a_minors_page_is_written_down(make, browser, time_machine):
    time_machine.move_to("2026-11-28T10:00:00+08:00", tick=False)
    station, birth_on = make.station(), date(2010, 3, 1)
    person = make.person(birth_on=birth_on)
    row = write(
        actions.apply, person.id, given(station, birth_on=birth_on, guardian=GUARDIAN),
        actor=make.actor(person), now=clock.now(),
    )  # fmt: skip
    browser.sign_in(make.manager(station))
    page = browser.get(path(row)).text
    assert GUARDIAN.name not in page
    entry = db.session.scalars(select(AuditEntry).filter_by(verb="person.reveal")).one()
    assert entry.details["what"] == "minor"
    assert GUARDIAN.phone in browser.post(path(row, "/reveal")).text
    refused = browser.post(path(row, "/approval"), {"identity_check": "seen"})
    assert refused.status_code == 409
    assert "确认监护人同意" in refused.text
    assert browser.post(path(row, "/guardian"), {"guardian_name": "3"}).status_code == 422
    guardian = {"guardian_name": "王大山", "guardian_phone": "13800000999", "channel": "phone"}
    assert browser.post(path(row, "/guardian"), guardian).status_code == 303
    assert browser.post(path(row, "/approval"), {"identity_check": "seen"}).status_code == 303


def test_an_adults_page_is_not(desk):
    browser, _station, row = desk
    browser.get(path(row))
    assert not db.session.scalars(select(AuditEntry).filter_by(verb="person.reveal")).all()


def test_the_phone_is_confirmed_once(desk):
    browser, _station, row = desk
    for _twice in range(2):
        assert browser.post(path(row, "/phone-confirmation")).status_code == 303
    assert "手机号已核实</span>" not in browser.get(path(row)).text
    assert (
        len(db.session.scalars(select(AuditEntry).filter_by(verb="person.confirm_phone")).all())
        == 1
    )


# --- decisions -------------------------------------------------------------------------------------


def test_an_approval_shows_the_number(desk):
    browser, _station, row = desk
    response = browser.post(path(row, "/approval"), {"identity_check": "seen", "note": "看了证件"})
    assert response.location == path(row)
    page = browser.get(path(row)).text
    number = people.volunteer_of(row.person_id).volunteer_no
    assert number in page
    assert "看了证件" in page
    assert "/approval" not in page
    assert browser.post(path(row, "/approval")).status_code == 303
    assert people.volunteer_of(row.person_id).volunteer_no == number


def test_an_unknown_way_of_checking_is_mended(desk):
    browser, _station, row = desk
    response = browser.post(path(row, "/approval"), {"identity_check": "guessed"})
    assert response.status_code == 422
    assert people.volunteer_of(row.person_id).state == "submitted"


@pytest.mark.parametrize(("part", "state"), [("/return", "returned"), ("/refusal", "refused")])
def test_returning_and_refusing_need_a_reason(desk, part, state):
    browser, _station, row = desk
    for reason in ("", "   ", "长" * 201):
        response = browser.post(path(row, part), {"reason": reason})
        assert response.status_code == 422
    assert browser.post(path(row, part), {"reason": "照片不清"}).status_code == 303
    assert people.volunteer_of(row.person_id).state == state
    assert "照片不清" in browser.get(path(row)).text
    assert browser.post(path(row, part), {"reason": "再来"}).status_code == 409


# --- on behalf -------------------------------------------------------------------------------------


def test_the_same_form_on_behalf(make, browser):
    station = make.station()
    manager = make.manager(station)
    browser.sign_in(manager)
    page = browser.get("/desk/volunteers/new").text
    assert f'<option selected value="{station.public_id}">' in page
    fields = typed(station, name="陈奶奶", birth_date="1948-01-01", phone="", channel="paper")
    response = browser.post("/desk/volunteers/new", fields)
    person = db.session.query(Person).filter_by(name="陈奶奶").one()
    row = people.volunteer_of(person.id)
    assert response.location == path(row)
    entry = db.session.scalars(select(AuditEntry).filter_by(verb="volunteer.apply")).one()
    assert (entry.actor_id, entry.details["person"]) == (manager.id, person.id)
    consent = consents.of_person(person.id)[0]
    assert (consent.channel, consent.actor_id) == ("paper", manager.id)
    assert browser.post(path(row, "/approval"), {"identity_check": "seen"}).status_code == 303


def test_what_is_wrong_on_paper_is_said(make, browser):
    station = make.station()
    browser.sign_in(make.manager(station))
    for changes in ({"phone": "12"}, {"channel": "web"}, {"consent": None}, {"name": ""}):
        fields = typed(station, **{"channel": "desk", **changes})
        assert browser.post("/desk/volunteers/new", fields).status_code == 422
    young = typed(station, birth_date=f"{clock.today().year - 8}-01-01", channel="desk")
    young |= {"guardian_name": "王大山", "guardian_phone": "13800000999", "guardian_consent": "y"}
    assert "岁才能注册" in browser.post("/desk/volunteers/new", young).text
    assert db.session.query(Volunteer).count() == 0


def test_somebody_of_another_community_is_recorded_but_not_shown(make, browser):
    here, there = make.station(), make.station()
    browser.sign_in(make.manager(here))
    response = browser.post("/desk/volunteers/new", typed(there, channel="phone"))
    assert response.location == "/desk/volunteers"


def test_the_sheet_of_paper(make, browser):
    browser.sign_in(make.manager(make.station()))
    page = browser.get("/desk/volunteers/paper").text
    assert "志愿者申请表" in page
    assert "身份证号" not in page
    assert id_number() not in page
