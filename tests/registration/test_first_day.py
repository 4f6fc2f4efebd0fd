"""Somebody applies on the way to a first service; the day is not lost."""

from datetime import datetime, timedelta

import pytest

from portal.attendance import actions as attendance
from portal.attendance.actions import ScanInput
from portal.attendance.models import Direction, Visit, Way
from portal.core import clock
from portal.core.db import db, write
from portal.hours import queries as hours
from portal.people import queries as people
from portal.people.models import IdentityCheck, VolunteerState
from portal.registration import decisions
from portal.shifts.models import PlaceRole
from portal.signups import actions as signups
from tests.registration.forms import typed

START = datetime.fromisoformat("2026-05-08T14:00:00+08:00")


@pytest.fixture
def served(make, time_machine):
    """An applicant who has served two hours before anybody decided."""
    time_machine.move_to(START - timedelta(days=1), tick=False)
    station = make.station()
    person = make.volunteer(station, state=VolunteerState.SUBMITTED)
    shift, actor = make.shift(station, starts_at=START), make.actor(person)
    write(signups.sign_up, shift.id, person.id, PlaceRole.VOLUNTEER, actor=actor, now=clock.now())
    for direction, minutes in ((Direction.IN, 0), (Direction.OUT, 120)):
        at = START + timedelta(minutes=minutes)
        time_machine.move_to(at, tick=False)
        scan = ScanInput(person.id, shift.id, direction, Way.CODE, at)
        write(attendance.record_scan, scan, actor=actor, now=at)
    return station, person


def test_the_minutes_wait_and_settle_on_approval_once(make, served):
    station, person = served
    visit = db.session.query(Visit).filter_by(person_id=person.id).one()
    assert (visit.state, visit.pending) == ("provisional", "not_registered")
    assert hours.total(person.id) == 0
    actor = make.actor(make.manager(station))
    row = people.volunteer_of(person.id)
    for _twice in range(2):
        write(decisions.approve, row.id, IdentityCheck.SEEN, "", actor=actor, now=clock.now())
    assert hours.total(person.id) == 120
    assert len(hours.entries_of(person.id)) == 1


def test_a_refusal_credits_nothing(make, served):
    station, person = served
    actor = make.actor(make.manager(station))
    row = people.volunteer_of(person.id)
    write(decisions.refuse, row.id, "资料不实", actor=actor, now=clock.now())
    assert hours.total(person.id) == 0


def test_from_the_activity_to_the_form_and_back(make, browser):
    station, person = make.station(), make.person()
    shift = make.shift(station)
    page = f"/activities/{shift.offering.public_id}"
    browser.sign_in(person)
    refused = browser.post(f"/shifts/{shift.public_id}/signup", {"role": "volunteer"})
    assert refused.status_code == 409
    way = f"/volunteer/apply?next={page}"
    assert way in refused.text.replace("%2F", "/")
    sent = browser.post("/volunteer/apply", typed(station, next=page))
    assert sent.location == page
    done = browser.post(f"/shifts/{shift.public_id}/signup", {"role": "volunteer"})
    assert done.status_code in {200, 303}
