"""The kiosk knows nobody by name and judges as any scan; who walks in counts once staff say who it is."""

import pytest

from portal.arrivals import actions_walk_ins as actions
from portal.arrivals import hooks
from portal.arrivals.actions_walk_ins import Arrived
from portal.arrivals.models_walk_ins import WalkIn, WalkInState
from portal.attendance import checks, own_codes, queries
from portal.attendance.models import Scan, Way
from portal.core import clock
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.hours import queries as ledger
from portal.people.models import Person
from portal.records.audit import AuditEntry
from portal.shifts.models import PlaceRole
from tests.support.client import Browser


@pytest.fixture
def tablet(scene, app, browser, time_machine) -> Browser:
    """A tablet that was given the kiosk by its link, and on which nobody is signed in."""
    time_machine.move_to(scene.at(5), tick=False)
    link = browser.sign_in(scene.manager).get(f"{scene.path}/kiosk/link")
    address = link.text.split("http://localhost")[1].split("<")[0].strip()
    found = Browser(app)
    assert found.get(address.replace("&amp;", "&")).status_code == 303
    return found


def test_without_its_token_a_kiosk_is_closed(scene, app, browser):
    path = f"{scene.path}/kiosk"
    assert Browser(app).get(path).status_code == 303
    assert browser.sign_in(scene.make.person()).get(path).status_code == 403
    assert browser.sign_in(scene.make.manager(scene.make.station())).get(path).status_code == 404
    assert browser.post(path, {"code": "x"}).status_code == 404


def test_people_say_who_they_are_and_nobody_elses_name_is_shown(scene, tablet):
    by_code = scene.volunteer(name="周大山")
    by_phone = scene.volunteer(name="吴小河", phone="13912345678")
    path = f"{scene.path}/kiosk"
    start = tablet.get(path)
    assert "周大山" not in start.text
    [(shown, spoken)] = own_codes.texts([by_code])
    done = tablet.post(path, {"direction": "in", "code": spoken.upper()})
    assert done.status_code == 200
    assert "周*" in done.text
    assert 'content="20;url=' in done.text
    for initial in ("吴", "W"):
        said = {"direction": "in", "phone_end": "5678", "initial": initial}
        assert tablet.post(path, said).status_code in {200, 409}
    assert queries.counts(scene.shift.id)[0] == 2
    # The code that a phone shows is read by the camera into the same field.
    out = tablet.post(path, {"direction": "out", "code": shown})
    assert "已签退" in out.text
    assert {row.way for row in db.session.query(Scan)} == {Way.KIOSK}
    assert queries.visits_at(scene.shift.id, by_phone.id)
    assert checks.check() == []


def test_guessing_is_slowed_down(scene, tablet):
    scene.volunteer(name="周大山", phone="13912345678")
    path = f"{scene.path}/kiosk"
    wrong = {"direction": "in", "phone_end": "0000", "initial": "z"}
    answers = [tablet.post(path, wrong).status_code for _n in range(41)]
    assert answers[0] == 422
    assert answers[-1] == 429


def test_who_walks_in_counts_once_staff_said_who_it_is(scene, tablet, browser):
    visit = {"name": "来小客", "phone": "13800002222", "role": "attendee"}
    path = f"{scene.path}/kiosk/visits"
    assert tablet.post(path, visit).status_code == 422
    assert tablet.post(path, {**visit, "consent": "y"}).status_code == 200
    assert db.session.query(Scan).count() == 0
    desk = browser.sign_in(scene.manager).get(f"{scene.path}/walk-ins")
    assert "来小客" in desk.text
    row = db.session.query(WalkIn).one()
    to = f"{scene.path}/walk-ins/{row.public_id}"
    refused = browser.post(f"{to}/admission", {"person": "zzzzzzzzzz", "role": "attendee"})
    assert refused.status_code == 422
    assert browser.post(f"{to}/admission", {"person": "new", "role": "attendee"}).status_code == 303
    person = db.session.query(Person).filter_by(name="来小客").one()
    assert person.phone == "13800002222"
    assert queries.counts(scene.shift.id)[0] == 1
    db.session.expire_all()
    row = db.session.query(WalkIn).one()
    assert (row.state, row.name, row.phone) == (WalkInState.ADMITTED, "", "")
    assert browser.post(f"{to}/admission", {"person": "new", "role": "attendee"}).status_code in {
        303, 422,
    }  # fmt: skip
    assert db.session.query(Person).filter_by(name="来小客").count() == 1
    assert "walk_in.admit" in {one.verb for one in db.session.query(AuditEntry)}
    assert checks.check() == []


def walked_in(scene, **values):
    given = {"name": "来小客", "phone": "", "in_at": scene.at(0), **values}
    arrived = Arrived(scene.shift.id, "", Way.MANUAL, **given)
    actor = scene.make.actor(scene.manager)
    return write(actions.record, arrived, actor=actor, now=clock.now())


def admit(scene, row, person, role=PlaceRole.VOLUNTEER, by=None):
    actor = scene.make.actor(by or scene.manager)
    return write(actions.admit, row.id, person and person.id, role, actor=actor, now=clock.now())


def test_a_walk_in_is_somebody_on_record_or_not_counted(scene):
    known = scene.make.volunteer(scene.station, name="来小客")
    row = walked_in(scene, out_at=scene.at(60))
    admit(scene, row, known)
    assert ledger.total(known.id) == 60
    # Nobody admits themselves; what was not settled in time is wiped and counts nothing.
    other = walked_in(scene)
    with pytest.raises(Refused, match="own"):
        admit(scene, other, scene.manager, PlaceRole.ATTENDEE)
    hooks.due(clock.now().replace(month=7))
    db.session.expire_all()
    other = db.session.get_one(WalkIn, other.id)
    assert (other.state, other.name) == (WalkInState.LAPSED, "")


def test_who_is_erased_leaves_no_name_behind(scene):
    known = scene.make.volunteer(scene.station, name="来小客")
    row = walked_in(scene, person_id=known.id)
    exported = hooks.export(known.id)
    assert [one["state"] for one in exported["walk_ins"]] == ["waiting"]
    hooks.erase(known.id, actor=scene.make.actor(scene.manager), now=clock.now())
    db.session.flush()
    assert db.session.get_one(WalkIn, row.id).name == ""
    assert hooks.check() == []


@pytest.mark.parametrize(
    ("rule", "role", "capacity", "code"),
    [
        ("none", "attendee", 2, "no_walk_ins"),
        ("attendee", "volunteer", 2, "no_walk_ins"),
        ("all", "attendee", 1, "full"),
        ("all", "volunteer", 2, "not_volunteer"),
    ],
)
def test_the_rule_keeps_walk_ins_out_with_its_reason(scene, rule, role, capacity, code):
    scene.shift = scene.make.shift(
        scene.station, starts_at=scene.start, places={"volunteer": 2, "attendee": capacity}
    )
    scene.attendee()
    scene.make.set("walk_ins", rule)
    row = walked_in(scene)
    with pytest.raises(Refused, match=code):
        admit(scene, row, None, PlaceRole(role))
    assert db.session.query(Person).filter_by(name="来小客").count() == 0


def test_a_kiosk_says_why_nobody_can_walk_in(scene, tablet):
    scene.make.set("walk_ins", "none")
    page = tablet.get(f"{scene.path}/kiosk/visits")
    assert "要先报名才能参加" in page.text
