"""Scans become visits, visits become hours; what is forgotten is closed by rule and settled."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select, text

from portal.attendance import actions, hooks, queries
from portal.attendance.actions import ScanInput
from portal.attendance.models import Direction, Pending, Scan, Visit, VisitState, Way
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Busy, Refused
from portal.hours import hooks as hour_hooks
from portal.hours import queries as ledger
from portal.people import queries as people
from portal.people.models import VolunteerState
from portal.records.outbox import OutboxRow
from portal.records.stale import StaleDay
from portal.shifts.models import ShiftState
from portal.signups import queries as signups
from portal.signups.models import ParticipantKind, SignupState
from tests.attendance.conftest import Scene, sign_up
from tests.support.factory import Factory


def one_visit(person) -> Visit:
    (visit,) = queries.visits_of(person.id)
    return visit


def scans() -> int:
    return db.session.scalar(select(func.count()).select_from(Scan))


def nothing_wrong() -> bool:
    return hooks.check() == [] and hour_hooks.check() == []


# --- the ordinary way ----------------------------------------------------------------------------


def test_a_volunteer_comes_and_goes(scene):
    person = scene.volunteer()
    came = scene.scan(person, "in", -5)
    assert (came.verdict, came.reason, came.visit.state) == ("stored", "ok", VisitState.OPEN)
    assert signups.live(scene.shift.id, person.id).state == SignupState.ATTENDED
    went = scene.scan(person, "out", 118)
    assert (went.visit.state, went.visit.minutes) == (VisitState.CLOSED, 123)
    (entry,) = ledger.entries_of(person.id)
    assert (entry.minutes, entry.source, entry.shift_id) == (123, "check_in", scene.shift.id)
    assert entry.rule == {
        "version": 1, "grace": 15, "rounding": "down", "step": 1, "day_cap": 600,
        "minimum_share": 70, "short_stays": "flag", "break_after": 0, "break_minutes": 0,
        "planned": ["2026-05-08T06:00:00+00:00", "2026-05-08T08:00:00+00:00"],
    }  # fmt: skip
    assert db.session.get(StaleDay, (clock.local_day(scene.start), scene.station.id))
    assert nothing_wrong()


def test_an_attendee_counts_as_attendance_only(scene):
    person = scene.attendee()
    scene.scan(person, "in", 0)
    went = scene.scan(person, "out", 100)
    assert (went.visit.state, went.visit.minutes) == (VisitState.CLOSED, 0)
    assert ledger.entries_of(person.id) == []
    assert nothing_wrong()


def test_who_is_on_duty_earns_nothing(scene):
    person = scene.make.volunteer(scene.station)
    sign_up(scene.shift, person, participant=ParticipantKind.ON_DUTY)
    scene.scan(person, "in", 0)
    assert scene.scan(person, "out", 100).visit.state == VisitState.CLOSED
    assert ledger.entries_of(person.id) == []
    assert nothing_wrong()


def test_a_stay_of_some_seconds_is_a_record_of_nought(scene):
    person = scene.volunteer()
    scene.scan(person, "in", 0)
    scene.scan(person, "out", 0.5)
    (entry,) = ledger.entries_of(person.id)
    assert (entry.minutes, one_visit(person).state) == (0, VisitState.CLOSED)
    assert nothing_wrong()


def test_three_pairs_and_no_more(scene):
    person = scene.volunteer()
    for pair in range(3):
        scene.scan(person, "in", pair * 20)
        scene.scan(person, "out", pair * 20 + 10)
    refused = scene.scan(person, "in", 70)
    assert (refused.verdict, refused.reason) == ("rejected", "too_many_pairs")
    assert ledger.total(person.id) == 30
    assert nothing_wrong()


@pytest.mark.parametrize("repeats", [1, 5])
def test_repeats_are_harmless(scene, repeats):
    person = scene.volunteer()
    scene.scan(person, "in", 0)
    for _ in range(repeats):
        again = scene.scan(person, "in", 1)
        assert (again.reason, again.is_done, again.visit.in_at) == (
            "already_in",
            True,
            scene.at(0),
        )
    scene.scan(person, "out", 60)
    for _ in range(repeats):
        again = scene.scan(person, "out", 61)
        assert (again.reason, again.is_done) == ("already_out", True)
    # A code seen before going out brings nobody in again.
    replayed = scene.scan(person, "in", 59, now=scene.at(62))
    assert (replayed.reason, replayed.is_done) == ("already_in", True)
    assert ledger.total(person.id) == 60
    assert scans() == 3 + 2 * repeats
    assert nothing_wrong()


# --- refusals ------------------------------------------------------------------------------------


def test_refusals_are_written_down(scene):
    person = scene.make.person()
    refused = scene.scan(person, "in", 0)
    assert (refused.verdict, refused.reason, refused.is_done) == (
        "rejected",
        "not_signed_up",
        False,
    )
    (row,) = db.session.scalars(select(Scan)).all()
    assert (row.verdict, row.reason, row.person_id) == ("rejected", "not_signed_up", person.id)
    assert queries.visits_of(person.id) == []


def test_going_out_without_having_come_is_refused(scene):
    refused = scene.scan(scene.volunteer(), "out", 10)
    assert (refused.verdict, refused.reason, refused.is_done) == (
        "rejected",
        "already_out",
        False,
    )


def test_who_withdrew_is_told_so(scene):
    person = scene.make.person()
    sign_up(scene.shift, person, "attendee", state=SignupState.WITHDRAWN)
    assert scene.scan(person, "in", 0).reason == "withdrawn"


def test_a_shift_called_off_lets_nobody_in(scene):
    person = scene.volunteer()
    scene.shift.state = ShiftState.CALLED_OFF
    db.session.commit()
    assert scene.scan(person, "in", 0).reason == "called_off"


@pytest.mark.parametrize("same_station", [True, False])
def test_who_is_expected_elsewhere_is_told_where(scene, same_station):
    person = scene.make.volunteer(scene.station)
    station = scene.station if same_station else scene.make.station()
    other = scene.make.shift(station, starts_at=scene.start)
    sign_up(other, person)
    refused = scene.scan(person, "in", 0)
    assert refused.reason == ("wrong_shift" if same_station else "wrong_station")
    assert refused.beside.id == other.id


def test_nobody_is_at_two_shifts_at_once(scene):
    person = scene.volunteer()
    other = scene.make.shift(scene.station, starts_at=scene.at(30))
    sign_up(other, person)
    scene.scan(person, "in", 0)
    assert scene.scan(person, "in", 40, shift=other).reason == "overlap"
    # The first shift is over: who forgot to go out of it may come to the next one.
    assert scene.scan(person, "in", 125, shift=other).reason == "ok"
    scene.scan(person, "out", 150, shift=other)
    scene.scan(person, "out", 155)
    assert [entry.minutes for entry in ledger.entries_of(person.id)] == [25, 125]
    assert nothing_wrong()


# --- applicants ----------------------------------------------------------------------------------


def test_an_applicants_minutes_wait_for_the_approval(scene):
    person = scene.volunteer(state=VolunteerState.SUBMITTED)
    scene.scan(person, "in", 0)
    went = scene.scan(person, "out", 60)
    assert (went.visit.pending, went.visit.minutes) == (Pending.NOT_REGISTERED, 60)
    assert went.visit.settle_by_on is None
    assert ledger.total(person.id) == 0
    hooks.due(scene.at(60 * 24 * 60))
    assert one_visit(person).state == VisitState.PROVISIONAL

    volunteer = people.volunteer_of(person.id)
    volunteer.state, volunteer.volunteer_no = VolunteerState.REGISTERED, "4403000000019"
    db.session.commit()
    settled = write(actions.settle_registered, person.id, actor=SYSTEM, now=scene.at(9999))
    again = write(actions.settle_registered, person.id, actor=SYSTEM, now=scene.at(9999))
    assert (settled, again) == (1, 0)
    assert (one_visit(person).state, ledger.total(person.id)) == (VisitState.CLOSED, 60)
    assert nothing_wrong()


# --- what is forgotten ---------------------------------------------------------------------------


@pytest.fixture
def forgotten(scene):
    person = scene.volunteer()
    scene.scan(person, "in", 10)
    hooks.due(scene.at(239))
    assert one_visit(person).state == VisitState.OPEN
    hooks.due(scene.at(240))
    return person


def test_a_forgotten_going_out_is_closed_at_the_planned_end(scene, forgotten):
    visit = one_visit(forgotten)
    assert (visit.state, visit.pending) == (VisitState.PROVISIONAL, Pending.NO_CHECK_OUT)
    assert (visit.out_at, visit.minutes) == (scene.at(120), 110)
    # Ten working days from Friday 2026-05-08; Saturday the 9th is worked for the May holiday.
    assert visit.settle_by_on.isoformat() in {"2026-05-21", "2026-05-22"}
    assert ledger.total(forgotten.id) == 0
    assert db.session.scalars(select(OutboxRow.payload)).one()["kind"] == "visit_provisional"
    hooks.due(scene.at(241))
    assert scans() == 2
    assert nothing_wrong()


def test_one_tap_confirms_it(scene, forgotten):
    visit = one_visit(forgotten)
    actor = scene.make.actor(forgotten)
    for _ in range(2):
        write(actions.confirm, visit.id, actor=actor, now=scene.at(300))
    assert (one_visit(forgotten).state, ledger.total(forgotten.id)) == (VisitState.CLOSED, 110)
    assert nothing_wrong()


def test_confirmed_minutes_of_an_applicant_still_wait(scene):
    person = scene.volunteer(state=VolunteerState.SUBMITTED)
    scene.scan(person, "in", 0)
    hooks.due(scene.at(240))
    visit = one_visit(person)
    assert visit.pending == Pending.NO_CHECK_OUT
    write(actions.confirm, visit.id, actor=scene.make.actor(person), now=scene.at(300))
    assert one_visit(person).pending == Pending.NOT_REGISTERED
    assert nothing_wrong()


def test_unconfirmed_it_counts_nothing(scene, forgotten):
    until = one_visit(forgotten).settle_by_on
    hooks.due(clock.day_start(until))
    assert one_visit(forgotten).state == VisitState.PROVISIONAL
    hooks.due(clock.day_start(until + timedelta(days=1)))
    visit = one_visit(forgotten)
    assert (visit.state, visit.minutes) == (VisitState.LAPSED, 0)
    with pytest.raises(Refused) as refused:
        write(actions.confirm, visit.id, actor=scene.make.actor(forgotten), now=clock.now())
    assert refused.value.codes == ("wrong_state",)
    assert nothing_wrong()


def test_a_desk_scan_that_comes_late_takes_the_rules_place(scene, forgotten):
    late = scene.scan(forgotten, "out", 100, now=scene.at(400), way=Way.CAMERA)
    assert (late.verdict, late.visit.minutes) == ("stored", 90)
    assert one_visit(forgotten).state == VisitState.CLOSED
    assert nothing_wrong()


def test_an_attendees_forgotten_going_out_just_closes(scene):
    person = scene.attendee()
    scene.scan(person, "in", 10)
    hooks.due(scene.at(240))
    assert one_visit(person).state == VisitState.CLOSED
    assert db.session.scalars(select(OutboxRow)).all() == []
    assert nothing_wrong()


def test_who_did_not_come_is_marked_a_day_later(scene):
    person = scene.volunteer()
    hooks.due(scene.at(120 + 24 * 60 - 1))
    assert signups.live(scene.shift.id, person.id).state == SignupState.CONFIRMED
    hooks.due(scene.at(120 + 24 * 60))
    assert signups.live(scene.shift.id, person.id).state == SignupState.NO_SHOW
    assert nothing_wrong()


# --- the check -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("UPDATE visit SET minutes = 7", "is worth 7"),
        ("UPDATE visit SET in_at = out_at", "its times are not"),
        ("UPDATE visit SET state = 'lapsed'", "does not follow"),
        ("UPDATE visit SET state = 'lapsed'", "1 live credits instead of 0"),
        ("DELETE FROM visit", "0 visits, but the scans make 1"),
        ("DELETE FROM visit", "is attended, but nobody came"),
        ("UPDATE signup SET state = 'confirmed'", "is not attended"),
    ],
)
def test_the_check_finds_what_does_not_follow(scene, statement, line):
    person = scene.volunteer()
    scene.scan(person, "in", 0)
    scene.scan(person, "out", 60)
    db.session.execute(text(statement))
    assert any(line in found for found in hooks.check())


def test_the_legal_export(scene, forgotten):
    other = scene.volunteer()
    scene.scan(other, "in", 0)
    scene.scan(other, "out", 60)
    shift_id = scene.shift.public_id
    record = {"shift_id": shift_id, "minutes": 60, "source": "check_in", "state": "credited"}
    assert hooks.export(other.id)["service_records"] == [record]
    exported = hooks.export(forgotten.id)
    assert exported["service_records"] == [{**record, "minutes": 0, "state": "provisional"}]
    (visit,) = exported["visits"]
    assert (visit["minutes"], visit["pending"], visit["shift_id"]) == (
        110,
        "no_check_out",
        shift_id,
    )


# --- races ---------------------------------------------------------------------------------------


def storm(
    app, scan: ScanInput, actor, now, *, threads: int = 10, times: int = 10
) -> list[Exception]:
    """Send one scan from many threads at once; a thread told "busy" asks again, as a phone does."""
    barrier, faults = Barrier(threads), []

    def send():
        try:
            write(actions.record_scan, scan, actor=actor, now=now)
        except Busy:
            send()

    def run():
        try:
            with app.app_context():
                barrier.wait()
                for _ in range(times):
                    send()
        except Exception as error:  # noqa: BLE001  every fault of a thread fails the test
            faults.append(error)

    running = [Thread(target=run) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return faults


@pytest.mark.race
def test_a_hundred_parallel_repeats_credit_once(own_app):
    scene = Scene(Factory())
    person = scene.volunteer()
    actor, shift_id = scene.make.actor(person), scene.shift.id
    for direction, minutes in ((Direction.IN, 0), (Direction.OUT, 60)):
        at = scene.at(minutes)
        scan = ScanInput(actor.person_id, shift_id, direction, Way.CODE, at)
        assert storm(own_app, scan, actor, at) == []
    db.session.rollback()
    assert len(ledger.entries_of(actor.person_id)) == 1
    assert ledger.total(actor.person_id) == 60
    assert scans() == 200
    assert nothing_wrong()
