"""As what somebody takes part, set on the roster: the hours follow, and the page says why."""

import pytest
from sqlalchemy import select

from portal.attendance import participants
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.hours import queries as ledger
from portal.people import queries as people
from portal.records.audit import AuditEntry
from portal.signups import queries as signups
from portal.signups.models import ParticipantKind
from tests.attendance.conftest import sign_up

ON_DUTY, PAID = ParticipantKind.ON_DUTY, ParticipantKind.PAID_POST
VOLUNTEER = ParticipantKind.VOLUNTEER


@pytest.fixture
def served(scene):
    """Somebody who came and went, as a volunteer."""
    person = scene.volunteer()
    scene.scan(person, "in", 0)
    scene.scan(person, "out", 120)
    return signups.live(scene.shift.id, person.id)


def set_kind(scene, row, kind):
    actor = people.actor_of(scene.manager)
    write(participants.set_kind, row.id, kind, actor=actor, now=scene.at(150))


def test_minutes_that_no_longer_count_are_taken_back_and_come_again(scene, served):
    before = ledger.total(served.person_id)
    assert before > 0
    set_kind(scene, served, ON_DUTY)
    assert ledger.total(served.person_id) == 0
    assert len(ledger.entries_of(served.person_id)) == 2
    set_kind(scene, served, VOLUNTEER)
    assert ledger.total(served.person_id) == before
    set_kind(scene, served, VOLUNTEER)
    assert len(ledger.entries_of(served.person_id)) == 3


def test_who_is_on_duty_before_coming_earns_nothing_but_is_counted(scene):
    person = scene.volunteer()
    row = signups.live(scene.shift.id, person.id)
    set_kind(scene, row, PAID)
    scene.scan(person, "in", 0)
    scene.scan(person, "out", 120)
    assert ledger.entries_of(person.id) == []
    db.session.expire_all()
    assert row.state == "attended"


def test_a_change_is_logged_once_with_both_kinds(scene, served):
    set_kind(scene, served, ON_DUTY)
    set_kind(scene, served, ON_DUTY)
    query = select(AuditEntry.details).filter_by(verb="signup.set_kind")
    (details,) = db.session.scalars(query)
    assert (details["before"], details["after"]) == ("volunteer", "on_duty")


def test_who_is_no_volunteer_is_not_made_to_earn_hours(scene):
    person = scene.make.person()
    row = sign_up(scene.shift, person, participant=ON_DUTY)
    with pytest.raises(Refused) as refused:
        set_kind(scene, row, VOLUNTEER)
    assert refused.value.codes == ("not_volunteer",)


def test_a_seat_has_no_kinds_to_choose_from(scene):
    row = sign_up(scene.shift, scene.make.person(), "attendee")
    with pytest.raises(Refused) as refused:
        set_kind(scene, row, ON_DUTY)
    assert refused.value.codes == ("wrong_kind",)


@pytest.mark.parametrize(
    ("kind", "why"), [(ON_DUTY, "在岗工作不计志愿时长"), (PAID, "公益岗有补贴，不计志愿时长")]
)
def test_the_own_page_says_why_there_are_no_hours(scene, served, browser, kind, why):
    set_kind(scene, served, kind)
    browser.sign_in(people.person(served.person_id))
    assert why in browser.get("/me/hours").text


def test_the_managers_page_sets_it_and_strangers_do_not_find_it(scene, served, browser, make):
    path = f"/desk/shifts/{scene.shift.public_id}/signups/{served.public_id}/kind"
    browser.sign_in(make.manager(make.station()))
    assert browser.get(path).status_code == 404
    assert browser.post(path, {"kind": "on_duty"}).status_code == 404
    browser.sign_in(scene.manager)
    assert 'value="guest"' not in browser.get(path).text
    assert browser.post(path, {"kind": "guest"}).status_code == 422
    assert browser.post(path, {"kind": "paid_post"}).status_code == 303
    page = browser.get(f"/desk/shifts/{scene.shift.public_id}").text
    assert "公益岗" in page
    assert "paid_post" in browser.get(f"/desk/shifts/{scene.shift.public_id}.csv").text
