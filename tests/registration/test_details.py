"""What a registered volunteer changes alone: community, skills, times and whom to call."""

import pytest
from sqlalchemy import select

from portal.core import clock
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.people import queries as people
from portal.people.models import VolunteerState
from portal.records.audit import AuditEntry
from portal.records.stale import StaleDay
from portal.registration import actions, queries
from portal.registration.application import Details

PATH = "/me/volunteer/details"


@pytest.fixture
def signed_in(make, browser):
    station = make.station()
    person = make.volunteer(station, name="王小明")
    browser.sign_in(person)
    return browser, station, person


def typed(station, **changes):
    fields = {
        "station": station.public_id, "skills": ["repair"], "service_kinds": ["traffic"],
        "free_times": ["0", "20"], "emergency_name": "赵六", "emergency_phone": "138 0000 1111",
    }  # fmt: skip
    return {**fields, **changes}


def entries():
    return db.session.scalars(select(AuditEntry).filter_by(verb="volunteer.change")).all()


def test_what_was_said_is_shown_and_changed(signed_in):
    browser, station, person = signed_in
    assert PATH in browser.get("/me/volunteer").text
    assert f'<option selected value="{station.public_id}">' in browser.get(PATH).text
    done = browser.post(PATH, typed(station))
    assert (done.status_code, done.location) == (303, "/me/volunteer")
    row = people.volunteer_of(person.id)
    assert {term.code for term in queries.terms_of(row.id)} == {"repair", "traffic"}
    assert row.free_times == 1 | 1 << 20
    shown = browser.get("/me/volunteer").text
    assert "赵六 13800001111" in shown
    assert "周一 上午、周日 晚上" in shown
    page = browser.get(PATH).text
    assert 'value="赵六"' in page
    assert 'value="13800001111"' in page
    emptied = typed(
        station, skills=[], service_kinds=[], free_times=[], emergency_name="", emergency_phone=""
    )
    browser.post(PATH, emptied)
    assert queries.details_of(row) == Details(station.id)


def test_the_log_names_the_fields_and_never_what_they_hold(signed_in):
    browser, station, person = signed_in
    browser.post(PATH, typed(station))
    browser.post(PATH, typed(station))
    (entry,) = entries()
    assert entry.details == {"person": person.id, "fields": "term_ids free_times emergency"}
    assert (entry.actor_id, entry.station_id) == (person.id, station.id)
    assert "赵六".encode() not in people.volunteer_of(person.id).emergency_sealed


def test_moving_house_changes_the_station_and_the_home(make, signed_in):
    browser, station, person = signed_in
    there = make.station()
    db.session.query(StaleDay).delete()
    db.session.commit()
    browser.post(PATH, typed(there))
    assert people.volunteer_of(person.id).station_id == there.id
    assert people.person(person.id).home_station_id == there.id
    marked = set(db.session.execute(select(StaleDay.day, StaleDay.station_id)).tuples())
    assert marked == {(clock.today(), station.id), (clock.today(), there.id)}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"station": ""}, "请选择常住社区"),
        ({"station": "nowhere"}, "请从列表中选择一项"),
        ({"emergency_phone": ""}, "姓名和手机号要一起填"),
        ({"emergency_name": ""}, "姓名和手机号要一起填"),
        ({"emergency_phone": "123"}, "手机号是 11 位数字"),
        ({"emergency_name": "12345"}, "请填写真实姓名"),
    ],
)
def test_a_mistake_keeps_what_was_typed(signed_in, changes, words):
    browser, station, _person = signed_in
    answer = browser.post(PATH, {**typed(station), **changes})
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="repair" checked' in answer.text
    assert entries() == []


def test_name_birth_date_and_number_cannot_be_slipped_in(signed_in):
    browser, station, person = signed_in
    born = person.birth_on
    more = {"name": "别人", "birth_date": "2000-01-01", "id_number": "1", "state": "left"}
    assert browser.post(PATH, typed(station, **more)).status_code == 303
    row = people.volunteer_of(person.id)
    assert (row.person.name, row.person.birth_on) == ("王小明", born)
    assert (row.state, row.id_number_last4) == ("registered", "")


@pytest.mark.parametrize("state", ["submitted", "returned", "refused", "withdrawn", "left"])
def test_only_who_is_registered_changes_them(make, browser, state):
    station = make.station()
    person = make.volunteer(station, state=VolunteerState(state))
    browser.sign_in(person)
    assert browser.get(PATH).location == "/me/volunteer"
    assert browser.post(PATH, typed(station)).status_code == 409
    row = people.volunteer_of(person.id)
    with pytest.raises(Refused, match="wrong_state"):
        write(
            actions.change_details, row.id, Details(station.id), actor=make.actor(person),
            now=clock.now(),
        )  # fmt: skip


def test_a_paused_volunteer_changes_them_too_and_a_resident_has_none(make, browser):
    station = make.station()
    paused = make.volunteer(station, state=VolunteerState.PAUSED)
    assert browser.sign_in(paused).post(PATH, typed(station)).status_code == 303
    assert browser.sign_in(make.person()).get(PATH).status_code == 404
