"""Somebody found on the roster, and one number shown for a reason."""

import re

import pytest

from portal.core.db import db
from portal.core.ref import Ref
from portal.records import limits, notes
from portal.records.audit import AuditEntry
from portal.signups import queries as signups
from portal.signups.models import SignupState
from tests.attendance.conftest import START, sign_up
from tests.support.client import Browser


@pytest.fixture(autouse=True)
def _at_two(time_machine):
    time_machine.move_to(START, tick=False)


@pytest.fixture
def path(scene) -> str:
    return f"/desk/shifts/{scene.shift.public_id}"


@pytest.fixture
def desk(scene, browser) -> Browser:
    return browser.sign_in(scene.manager)


@pytest.fixture
def crowd(scene):
    """Somebody of each standing."""
    people = {
        "expected": scene.volunteer(name="周大山", phone="13912345678"),
        "here": scene.volunteer(name="单小河", phone="13900001234"),
        "gone": scene.attendee(),
        "waitlisted": scene.make.volunteer(scene.station, name="Anna Li"),
    }
    sign_up(scene.shift, people["waitlisted"], state=SignupState.WAITLISTED)
    scene.scan(people["here"], "in", -3)
    scene.scan(people["gone"], "in", -3)
    scene.scan(people["gone"], "out", -1)
    return people


def names(page):
    return re.findall(r'<tr id="signup-\w+">\s*<th scope="row">([^<]*)', page.text)


def entry():
    return db.session.query(AuditEntry).filter_by(verb="person.reveal").all()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=大山", ["expected"]),
        ("q=5678", ["expected"]),
        ("q=13900001234", ["here"]),
        ("q=zds", ["expected"]),
        ("q=SX", ["here"]),  # 单 is Shan as a surname
        ("q=dx", ["here"]),
        ("q=anna", ["waitlisted"]),
        ("q=没有这个人", []),
        ("q=%25", []),
        ("state=expected", ["expected"]),
        ("state=here", ["here"]),
        ("state=gone", ["gone"]),
        ("state=waitlisted", ["waitlisted"]),
        ("state=no_show", []),
        ("role=attendee", ["gone"]),
        ("role=volunteer&state=here&q=河", ["here"]),
        ("state=nothing&role=nobody", ["expected", "here", "gone", "waitlisted"]),
    ],
)
def test_who_is_found(desk, crowd, path, asked, found):
    page = desk.get(f"{path}?{asked}")
    assert names(page) == [crowd[one].name for one in found]
    assert "已到 2 / 3" in page.text  # counts are of everybody
    assert ("没有符合的人。" in page.text) is (not found)


def test_a_tick_keeps_what_was_asked_and_shows_the_row_it_speaks_of(scene, desk, crowd, path):
    page = desk.get(f"{path}?q=z&state=expected")
    assert '<input type="hidden" name="state" value="expected">' in page.text
    signup = signups.live(scene.shift.id, crowd["expected"].id).public_id
    form = {"signup": signup, "q": "z", "state": "expected"}
    wrong = desk.post(f"{path}/ticks", {**form, "direction": "out", "state": "gone"})
    assert wrong.status_code == 409
    assert "周大山" in names(wrong)
    came = desk.post(f"{path}/ticks", {**form, "direction": "in"})
    assert came.location == f"{path}?q=z&state=expected#signup-{signup}"
    assert names(desk.get(came.location)) == []


def test_a_number_is_shown_for_a_reason_and_written_down(scene, desk, crowd, path):
    person = crowd["expected"]
    row = signups.live(scene.shift.id, person.id)
    address = f"{path}/signups/{row.public_id}/phone"
    assert address in desk.get(path).text
    assert "13912345678" not in desk.get(address).text
    for form in ({}, {"why": "curious"}, {"why": "other", "words": " "}):
        page = desk.post(address, form)
        assert page.status_code == 422
        assert "13912345678" not in page.text
    assert entry() == []
    shown = desk.post(address, {"why": "other", "words": "落了一把伞"})
    assert 'href="tel:13912345678"' in shown.text
    assert 'hx-trigger="load delay:120s"' in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert "13912345678" not in desk.get(address).text
    (written,) = entry()
    assert (written.subject_id, written.actor_id) == (person.id, scene.manager.id)
    assert written.details == {"what": "phone", "why": "other", "shift": scene.shift.id}
    assert notes.latest(Ref("signup", row.id), "reveal") == "落了一把伞"


def test_who_sees_no_number(scene, app, desk, crowd, path, monkeypatch):
    row = signups.live(scene.shift.id, crowd["expected"].id)
    address = f"{path}/signups/{row.public_id}/phone"
    other = Browser(app).sign_in(scene.make.manager(scene.make.station()))
    elsewhere = address.replace(path, f"/desk/shifts/{scene.make.shift(scene.station).public_id}")
    for browser, where in ((other, address), (desk, elsewhere)):
        assert browser.get(where).status_code == 404
        assert browser.post(where, {"why": "urgent"}).status_code == 404
    monkeypatch.setattr(limits, "DESK_LOOK_UP", limits.Limit("desk_look_up", 1, 60))
    desk.sign_in(scene.manager)
    assert desk.post(address, {"why": "urgent"}).status_code == 200
    page = desk.post(address, {"why": "urgent"})
    assert page.status_code == 429
    assert "13912345678" not in page.text
    assert len(entry()) == 1
