"""Signing up at the desk for somebody (代报名): who is meant, the record, the place, who may."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.people import consents
from portal.people import queries as people
from portal.people.models import Person, VolunteerState
from portal.people.models_consents import Channel, ConsentKind
from portal.records import limits, outbox
from portal.records.audit import AuditEntry
from portal.shifts.models import OfferingState, PlaceRole
from portal.signups import actions, queries
from portal.signups.models import Signup, SignupState
from tests.support.client import Browser

BORN = date(1950, 5, 4)


@pytest.fixture
def shift(make):
    start = clock.now().replace(microsecond=0) + timedelta(days=3)
    return make.shift(starts_at=start, places={"attendee": 1, "volunteer": 2})


@pytest.fixture
def manager(make, browser, shift):
    person = make.manager(shift.offering.station)
    browser.sign_in(person)
    return person


def path(shift):
    return f"/desk/shifts/{shift.public_id}/signups/new"


def roster(shift):
    return f"/desk/shifts/{shift.public_id}"


def typed(name="王秀英", **changes):
    """The form as the desk fills it in."""
    fields = {
        "role": "attendee", "name": name, "phone": "", "birth_date": "",
        "channel": "desk", "consent": "y",
    }  # fmt: skip
    return {**fields, **changes}


def answer(who, **changes):
    """The same with the answer to the question who it is."""
    return typed(**changes) | {"asked": "1", "who": who}


def fill(shift, make, role=PlaceRole.ATTENDEE):
    """Take the one seat."""
    person = make.person()
    write(actions.sign_up, shift.id, person.id, role, actor=SYSTEM, now=clock.now())


def named(name="王秀英"):
    return db.session.scalars(select(Person).where(Person.name == name).order_by(Person.id)).all()


def entries(verb):
    query = select(AuditEntry).where(AuditEntry.verb == verb).order_by(AuditEntry.id)
    return db.session.scalars(query).all()


def row_of(page, signup):
    return re.search(rf'<tr id="signup-{signup.public_id}">.*?</tr>', page, re.DOTALL)[0]


def told(person):
    rows = db.session.scalars(select(outbox.OutboxRow).order_by(outbox.OutboxRow.id)).all()
    return [row.payload["kind"] for row in rows if row.payload.get("person_id") == person.id]


# --- somebody nobody knows -----------------------------------------------------------------------


def test_from_the_roster_to_a_place_without_phone_or_account(browser, manager, shift):
    assert f'href="{path(shift)}"' in browser.get(roster(shift)).text
    form = browser.get(path(shift)).text
    assert form.count('name="role"') == 2
    response = browser.post(path(shift), typed(birth_date="1950-05-04", channel="paper"))
    (person,) = named()
    row = queries.live(shift.id, person.id)
    assert response.status_code == 303
    assert response.location == f"{roster(shift)}#signup-{row.public_id}"
    assert (person.phone, person.birth_on, person.created_by_id) == (None, BORN, manager.id)
    assert people.account_of(person.id) is None
    assert (row.state, row.role, row.actor_id) == (SignupState.CONFIRMED, "attendee", manager.id)
    (consent,) = consents.of_person(person.id)
    assert (consent.kind, consent.given, consent.channel) == (ConsentKind.NOTICE, True, "paper")
    assert consent.actor_id == manager.id
    (entry,) = entries("signup.sign_up")
    assert (entry.actor_id, entry.details["person"]) == (manager.id, person.id)
    page = browser.get(roster(shift)).text
    assert "已经替 王秀英 报名" in page
    assert "代报名" in row_of(page, row)


def test_what_the_log_holds_of_a_new_record(browser, manager, shift):
    browser.post(path(shift), typed(phone="+86 138 1234 1234"))
    (person,) = named()
    assert person.phone == "13812341234"
    (entry,) = entries("person.record")
    assert (entry.actor_id, entry.subject_id) == (manager.id, person.id)
    everything = "".join(str(one.details) for one in db.session.scalars(select(AuditEntry)))
    assert "王秀英" not in everything
    assert "13812341234" not in everything


@pytest.mark.parametrize("phone", ["", "13812341234"])
def test_a_second_click_is_the_same_person(browser, manager, shift, phone):
    first = browser.post(path(shift), typed(phone=phone))
    second = browser.post(path(shift), typed(phone=phone))
    assert (first.status_code, second.location) == (303, first.location)
    page = browser.get(roster(shift)).text
    assert "王秀英 已经在名单上：报名成功。要给同名的另一个人报名" in page
    assert len(named()) == 1
    assert entries("person.look_up") == []
    assert browser.post(path(shift), typed(birth_date="1950-05-04")).status_code == 303
    assert len(named()) == 2  # other words, another person


def test_full_means_the_queue_and_the_position_is_said(browser, manager, shift, make):
    fill(shift, make)
    for number, name in enumerate(("王秀英", "李小红"), start=1):
        browser.post(path(shift), typed(name))
        assert f"{name} 排在候补第 {number} 位" in browser.get(roster(shift)).text
        assert queries.live(shift.id, named(name)[0].id).state == SignupState.WAITLISTED


def test_staff_accept_the_offered_place(browser, manager, shift, make):
    fill(shift, make)
    browser.post(path(shift), typed())
    first, _second = queries.on_shift(shift.id)
    write(actions.withdraw, first.id, "", actor=SYSTEM, now=clock.now())
    row = queries.live(shift.id, named()[0].id)
    page = browser.get(roster(shift)).text
    assert f'action="/signups/{row.public_id}/acceptance"' in row_of(page, row)
    target = f"{roster(shift)}#signup-{row.public_id}"
    accepted = browser.post(f"/signups/{row.public_id}/acceptance", {"next": target})
    assert accepted.location == target
    assert queries.live(shift.id, row.person_id).state == SignupState.CONFIRMED


# --- somebody who is on record -------------------------------------------------------------------


def test_who_is_known_is_asked_about_and_shown_masked(browser, manager, shift, make):
    person = make.person("王大明", phone="13812341234", birth_on=date(1991, 2, 3))
    response = browser.post(path(shift), typed(phone="13812341234"))
    assert response.status_code == 200
    assert "是这个人吗" in response.text
    assert "王* 138****1234（手机号一样）" in response.text
    for hidden in ("王大明", "1991", "2月3日"):
        assert hidden not in response.text
    assert queries.live(shift.id, person.id) is None
    (entry,) = entries("person.look_up")
    assert (entry.actor_id, entry.subject_id) == (manager.id, person.id)
    assert (entry.station_id, entry.details) == (shift.station_id, {"shift": shift.id})


def test_the_person_chosen_gets_the_place(browser, manager, shift, make):
    person = make.person("王秀英", birth_on=BORN)
    page = browser.post(path(shift), typed(birth_date="1950-05-04")).text
    assert "（姓名、出生日期一样）" in page
    assert re.search(rf'value="{person.public_id}" checked', page)
    chosen = answer(person.public_id, birth_date="1950-05-04")
    assert [browser.post(path(shift), chosen).status_code for _ in range(2)] == [303, 303]
    assert named() == [person]
    row = queries.live(shift.id, person.id)
    assert (row.state, row.actor_id) == (SignupState.CONFIRMED, manager.id)
    assert len(consents.of_person(person.id)) == 1  # the one of the web stands
    assert told(person) == ["signed_up_for"]
    browser.sign_in(person)
    assert "代报名" in browser.get("/me/signups").text


def test_or_a_new_record_beside_it_once(browser, manager, shift, make):
    mother = make.person("王秀英", phone="13812341234")
    new = answer("new", name="王大明", phone="13812341234")
    locations = {browser.post(path(shift), new).location for _ in range(2)}
    (son,) = named("王大明")
    row = queries.live(shift.id, son.id)
    assert locations == {f"{roster(shift)}#signup-{row.public_id}"}
    assert queries.live(shift.id, mother.id) is None


def test_going_back_keeps_what_was_typed(browser, manager, shift, make):
    make.person("王秀英", phone="13812341234")
    fields = typed(phone="13812341234", birth_date="1950-05-04", channel="phone", role="volunteer")
    page = browser.post(path(shift), fields).text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert {name: hidden[name] for name in ("phone", "birth_date", "channel", "role")} == {
        name: fields[name] for name in ("phone", "birth_date", "channel", "role")
    }
    form = browser.post(path(shift), {**hidden, "edit": "1"})
    assert form.status_code == 200
    for value in ("王秀英", "13812341234", "1950-05-04"):
        assert f'value="{value}"' in form.text
    assert re.search(r'value="volunteer" checked|checked[^>]*value="volunteer"', form.text)
    assert queries.on_shift(shift.id) == []


@pytest.mark.parametrize("who", ["", "zzzzzzzzzz", "new" * 4000, "' OR 1=1 --"])
def test_an_answer_that_is_none_is_asked_again(browser, manager, shift, make, who):
    make.person("王大明", phone="13812341234")
    response = browser.post(path(shift), answer(who, phone="13812341234"))
    assert response.status_code == 422
    assert "是这个人吗" in response.text
    assert queries.on_shift(shift.id) == []
    assert named() == []


def test_nobody_is_chosen_who_was_not_found(browser, manager, shift, make):
    make.person("王大明", phone="13812341234")
    stranger = make.person("赵某某")
    response = browser.post(path(shift), answer(stranger.public_id, phone="13812341234"))
    assert response.status_code == 422
    assert queries.live(shift.id, stranger.id) is None


def test_a_birth_date_nobody_knew_is_taken_over_and_one_known_stays(browser, manager, shift, make):
    unknown = make.person("王秀英", phone="13812341234", birth_on=None)
    said = {"phone": "13812341234", "birth_date": "1950-05-04"}
    browser.post(path(shift), answer(unknown.public_id, **said))
    db.session.refresh(unknown)
    assert unknown.birth_on == BORN
    (entry,) = entries("person.record")
    assert (entry.subject_id, entry.details) == (unknown.id, {"fields": "birth_on"})
    said["birth_date"] = "1960-01-01"
    browser.post(path(shift), answer(unknown.public_id, **said))
    db.session.refresh(unknown)
    assert unknown.birth_on == BORN


def test_who_was_on_record_without_a_word_gives_it_at_the_desk(browser, manager, shift, make):
    person = make.person("王秀英", phone="13812341234", account=False)
    browser.post(path(shift), answer(person.public_id, phone="13812341234", channel="phone"))
    (consent,) = consents.of_person(person.id)
    assert (consent.channel, consent.actor_id) == (Channel.PHONE, manager.id)


def test_who_signed_up_alone_already_stays_as_they_are(browser, manager, shift, make):
    person = make.person("王秀英", phone="13812341234")
    own = make.actor(person)
    write(actions.sign_up, shift.id, person.id, PlaceRole.ATTENDEE, actor=own, now=clock.now())
    browser.post(path(shift), answer(person.public_id, phone="13812341234"))
    row = queries.live(shift.id, person.id)
    page = browser.get(roster(shift)).text
    assert "王秀英 已经在名单上：报名成功" in page
    assert "代报名" not in row_of(page, row)
    assert told(person) == []


def test_looking_up_is_limited_and_keeps_what_was_typed(browser, manager, shift, make):
    make.person("王大明", phone="13812341234")
    for _ in range(limits.DESK_LOOK_UP.most):
        write(limits.count, limits.DESK_LOOK_UP, str(manager.id), now=clock.now())
    response = browser.post(path(shift), typed(phone="13812341234"))
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0
    assert 'value="13812341234"' in response.text
    assert "138****1234" not in response.text
    assert browser.post(path(shift), typed("李小红")).status_code == 303  # nobody is looked up


# --- refusals, with their ways out ---------------------------------------------------------------


def test_a_place_to_serve_leads_to_the_application_on_behalf(browser, manager, shift):
    response = browser.post(path(shift), typed(role="volunteer"))
    assert response.status_code == 409
    assert "做志愿者要先登记" in response.text
    assert 'href="/desk/volunteers/new"' in response.text
    assert 'value="王秀英"' in response.text
    assert named() == []
    assert entries("person.record") == []


def test_who_left_is_registered_anew(browser, manager, shift, make):
    gone = make.volunteer(shift.offering.station, state=VolunteerState.LEFT, phone="13812341234")
    chosen = answer(gone.public_id, name=gone.name, phone="13812341234", role="volunteer")
    response = browser.post(path(shift), chosen)
    assert response.status_code == 409
    assert "本人现在不是注册志愿者" in response.text
    assert 'href="/desk/volunteers/new"' in response.text


def test_who_is_a_volunteer_serves(browser, manager, shift, make):
    person = make.volunteer(shift.offering.station, phone="13812341234")
    chosen = answer(person.public_id, name=person.name, phone="13812341234", role="volunteer")
    assert browser.post(path(shift), chosen).status_code == 303
    assert queries.live(shift.id, person.id).participant == "volunteer"


def test_all_reasons_at_once_and_the_other_roster_as_the_way_out(browser, manager, shift, make):
    person = make.person("王秀英", phone="13812341234")
    other = make.shift(shift.offering.station, starts_at=shift.starts_at)
    fill_in = (other.id, person.id, PlaceRole.ATTENDEE)
    write(actions.sign_up, *fill_in, actor=SYSTEM, now=clock.now())
    chosen = answer(person.public_id, phone="13812341234", role="volunteer")
    response = browser.post(path(shift), chosen)
    assert response.status_code == 409
    assert "做志愿者要先登记" in response.text
    assert "本人在这段时间已经报了别的场次" in response.text
    assert f'href="{roster(other)}"' in response.text
    assert 'value="13812341234"' in response.text


def test_where_somebody_else_goes_is_told_to_no_other_station(browser, manager, shift, make):
    person = make.person("王秀英", phone="13812341234")
    other = make.shift(make.station(), starts_at=shift.starts_at)
    write(actions.sign_up, other.id, person.id, PlaceRole.ATTENDEE, actor=SYSTEM, now=clock.now())
    response = browser.post(path(shift), answer(person.public_id, phone="13812341234"))
    assert response.status_code == 409
    assert "本人在这段时间已经报了别的场次" in response.text
    assert other.offering.title not in response.text
    assert roster(other) not in response.text


def test_who_took_the_consent_back_is_not_signed_up(browser, manager, shift, make):
    person = make.person("王秀英", phone="13812341234")
    write(
        consents.withdraw, person.id, ConsentKind.NOTICE, Channel.WEB,
        actor=make.actor(person), now=clock.now(),
    )  # fmt: skip
    response = browser.post(path(shift), answer(person.public_id, phone="13812341234"))
    assert response.status_code == 409
    assert "不能替他报名" in response.text
    assert 'href="/desk/people"' in response.text
    assert not consents.holds(person.id, ConsentKind.NOTICE)


@pytest.mark.parametrize(("born", "status"), [("1966-01-01", 303), ("2001-01-01", 409), ("", 422)])
def test_ages_are_asked_for_where_they_matter(browser, make, born, status):
    activity = make.activity(make.station(), minimum_age=50)
    shift = make.shift(activity=activity)
    browser.sign_in(make.manager(activity.station))
    response = browser.post(path(shift), typed(birth_date=born))
    assert response.status_code == status
    assert (queries.on_shift(shift.id) == []) == (status != 303)
    if status == 409:
        assert "要满 50 岁" in response.text
        assert f'value="{born}"' in response.text


def test_no_minor_where_there_is_a_risk(browser, make):
    activity = make.activity(make.station(), is_risky=True)
    shift = make.shift(activity=activity)
    browser.sign_in(make.manager(activity.station))
    assert (
        "（选填）"
        not in re.search(r'<label for="birth_date">.*?</label>', browser.get(path(shift)).text)[0]
    )
    born = f"{clock.today().year - 10}-01-01"
    assert "未满 18 岁不能参加" in browser.post(path(shift), typed(birth_date=born)).text
    unknown = make.person("李小红", phone="13812341234", birth_on=None)
    young = answer(unknown.public_id, name="李小红", phone="13812341234", birth_date=born)
    assert browser.post(path(shift), young).status_code == 409
    db.session.refresh(unknown)
    assert unknown.birth_on is None


def test_a_full_queue_that_is_closed(browser, make):
    shift = make.shift(
        make.station(), starts_at=clock.now() + timedelta(hours=1), places={"attendee": 1}
    )
    fill(shift, make)
    browser.sign_in(make.manager(shift.offering.station))
    response = browser.post(path(shift), typed())
    assert response.status_code == 409
    assert "名额已满" in response.text
    assert named() == []


def test_a_shift_called_off_or_over_has_no_form(browser, manager, shift, time_machine):
    write(actions.call_off, shift.id, "有雷雨", actor=SYSTEM, now=clock.now())
    page = browser.get(path(shift)).text
    assert "这一场现在不能报名" in page
    assert 'name="role"' not in page
    assert path(shift) not in browser.get(roster(shift)).text
    assert browser.post(path(shift), typed()).status_code == 409
    assert named() == []


def test_a_draft_has_no_places_yet(browser, make):
    activity = make.activity(make.station(), state=OfferingState.DRAFT)
    shift = make.shift(activity=activity)
    browser.sign_in(make.manager(activity.station))
    assert browser.post(path(shift), typed()).status_code == 409
    assert named() == []


# --- who may, strange input ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("visitor", 303), ("resident", 403), ("team_leader", 404), ("officer", 404),
        ("auditor", 404), ("other", 404), ("manager", 200), ("above", 200), ("admin", 200),
    ],
)  # fmt: skip
def test_who_may(app, make, shift, who, status):
    station = shift.offering.station
    staff = {
        "visitor": lambda: None,
        "resident": make.person,
        "team_leader": lambda: make.holder(Role.TEAM_LEADER, station),
        "officer": lambda: make.holder(Role.CAMPAIGN_OFFICER, make.centre()),
        "auditor": lambda: make.holder(Role.AUDITOR, make.centre()),
        "other": lambda: make.manager(make.station()),
        "manager": lambda: make.manager(station),
        "above": lambda: make.manager(make.centre()),
        "admin": lambda: make.holder(Role.ADMINISTRATOR, make.centre()),
    }[who]()
    browser = Browser(app)
    if staff:
        browser.sign_in(staff)
    assert browser.get(path(shift)).status_code == status
    posted = browser.post(path(shift), typed()).status_code
    assert posted == (303 if status == 200 else status)
    assert bool(named()) == (status == 200)


STRANGE = [
    {"name": ""},
    {"name": "   "},
    {"name": "<script>alert(1)</script>"},
    {"name": "12345"},
    {"name": "王" * 41},
    {"name": "王" * 100_000},
    {"phone": "1234"},
    {"phone": "138123412345"},
    {"phone": "1" * 100_000},
    {"birth_date": "3000-01-01"},
    {"birth_date": "1066-10-14"},
    {"birth_date": "2020-13-45"},
    {"birth_date": "9" * 100_000},
    {"role": ""},
    {"role": "admin"},
    {"role": "attendee" * 5000},
    {"channel": "web"},
    {"channel": "鸽子"},
    {"consent": ""},
]


@pytest.mark.parametrize("changes", STRANGE, ids=lambda one: str(one)[:40])
def test_strange_input_makes_nobody(browser, manager, shift, changes):
    before = db.session.scalar(select(func.count()).select_from(Person))
    response = browser.post(path(shift), typed(**changes))
    assert response.status_code == 422
    assert "请改这几处" in response.text
    assert db.session.scalar(select(func.count()).select_from(Person)) == before
    assert db.session.query(Signup).count() == 0


def test_an_empty_form_names_every_field(browser, manager, shift):
    response = browser.post(path(shift))
    assert response.status_code == 422
    for field in ("role-0", "name", "channel-0", "consent"):
        assert f'href="#{field}"' in response.text


def test_a_role_the_shift_does_not_have(browser, manager, make, shift):
    other = make.shift(shift.offering.station, places={"attendee": 3})
    assert browser.post(path(other), typed(role="volunteer")).status_code == 422


def test_in_english(browser, manager, shift, make):
    make.person("王大明", phone="13812341234")
    browser.client.set_cookie("lang", "en")
    assert "Sign up on behalf" in browser.get(path(shift)).text
    page = browser.post(path(shift), typed(phone="13812341234")).text
    assert "王* 138****1234 (same: Mobile number)" in page
