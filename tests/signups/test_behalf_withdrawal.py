"""Staff take somebody off the roster: asked before, with a reason; the place goes on."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.core.ref import Ref
from portal.records import notes, outbox
from portal.records.audit import AuditEntry
from portal.shifts.models import PlaceRole
from portal.signups import actions, queries
from portal.signups.models import SignupState


@pytest.fixture
def shift(make):
    start = clock.now().replace(microsecond=0) + timedelta(days=3)
    return make.shift(starts_at=start, places={"attendee": 1})


def sign_up(shift, person):
    role = PlaceRole.ATTENDEE
    return write(actions.sign_up, shift.id, person.id, role, actor=SYSTEM, now=clock.now())


@pytest.fixture
def row(make, shift):
    return sign_up(shift, make.person("王秀英"))


@pytest.fixture
def manager(make, browser, shift):
    person = make.manager(shift.offering.station)
    browser.sign_in(person)
    return person


def roster(shift):
    return f"/desk/shifts/{shift.public_id}"


def path(shift, row):
    return f"{roster(shift)}/signups/{row.public_id}/withdrawal"


def state(row):
    db.session.refresh(row)
    return row.state


def told(person_id):
    rows = db.session.scalars(select(outbox.OutboxRow)).all()
    return [row.payload["kind"] for row in rows if row.payload.get("person_id") == person_id]


def test_asked_before_then_the_place_goes_to_who_waits(browser, manager, shift, row, make):
    waiting = sign_up(shift, make.person())
    assert f'href="{path(shift, row)}"' in browser.get(roster(shift)).text
    asked = browser.get(path(shift, row)).text
    assert "替 王秀英 取消报名？" in asked
    assert state(row) == SignupState.CONFIRMED
    response = browser.post(path(shift, row), {"reason": "本人来电说来不了"})
    assert (response.status_code, response.location) == (303, roster(shift))
    assert state(row) == SignupState.WITHDRAWN
    assert state(waiting) == SignupState.OFFERED
    assert notes.latest(Ref("signup", row.id), "reason") == "本人来电说来不了"
    entry = db.session.scalars(select(AuditEntry).filter_by(verb="signup.withdraw")).one()
    assert (entry.actor_id, entry.details["person"]) == (manager.id, row.person_id)
    assert told(row.person_id) == ["withdrawn_for"]
    assert "已经替 王秀英 取消报名" in browser.get(roster(shift)).text


def test_twice_is_harmless(browser, manager, shift, row):
    for _ in range(2):
        assert browser.post(path(shift, row), {"reason": "有事"}).status_code == 303
    assert told(row.person_id) == ["withdrawn_for"]


@pytest.mark.parametrize("reason", ["", "   ", "长" * 201, "长" * 100_000])
def test_a_reason_is_needed(browser, manager, shift, row, reason):
    response = browser.post(path(shift, row), {"reason": reason})
    assert response.status_code == 422
    assert 'href="#reason"' in response.text
    assert state(row) == SignupState.CONFIRMED


def test_who_came_stays(browser, manager, shift, row):
    write(actions.mark, row.id, SignupState.ATTENDED, actor=SYSTEM, now=clock.now())
    assert path(shift, row) not in browser.get(roster(shift)).text
    assert browser.post(path(shift, row), {"reason": "有事"}).status_code == 409
    assert state(row) == SignupState.ATTENDED


def test_after_the_end_nobody_is_withdrawn(browser, make, shift, row, time_machine):
    time_machine.move_to(shift.ends_at, tick=False)
    browser.sign_in(make.manager(shift.offering.station))
    assert path(shift, row) not in browser.get(roster(shift)).text
    assert browser.post(path(shift, row), {"reason": "有事"}).status_code == 409
    assert state(row) == SignupState.CONFIRMED


def test_a_sign_up_of_another_shift_is_not_there(browser, manager, shift, row, make):
    other = make.shift(shift.offering.station)
    assert browser.get(path(other, row)).status_code == 404
    assert browser.post(path(other, row), {"reason": "有事"}).status_code == 404
    assert state(row) == SignupState.CONFIRMED


@pytest.mark.parametrize(
    ("who", "status"),
    [("resident", 403), ("own", 403), ("other", 404), ("officer", 404), ("above", 303)],
)
def test_who_may(browser, make, shift, row, who, status):
    staff = {
        "resident": make.person,
        "own": lambda: queries.signup_by_id(row.public_id).person,
        "other": lambda: make.manager(make.station()),
        "officer": lambda: make.holder(Role.CAMPAIGN_OFFICER, make.centre()),
        "above": lambda: make.manager(make.centre()),
    }[who]()
    browser.sign_in(staff)
    assert browser.get(path(shift, row)).status_code == (200 if status == 303 else status)
    assert browser.post(path(shift, row), {"reason": "有事"}).status_code == status
    assert (state(row) == SignupState.WITHDRAWN) == (status == 303)


def test_a_visitor_is_asked_to_sign_in(browser, shift, row):
    assert browser.get(path(shift, row)).location.startswith("/login?next=")


@pytest.mark.parametrize("signup", ["zzzzzzzzzz", "1", "%27", "a" * 3000])
def test_a_sign_up_that_is_none_is_not_found(browser, manager, shift, signup):
    address = f"{roster(shift)}/signups/{signup}/withdrawal"
    assert browser.get(address).status_code == 404
    assert browser.post(address, {"reason": "有事"}).status_code == 404
