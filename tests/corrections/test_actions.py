"""Asking and deciding: what stands in the ledger, who may not decide, what is asked anew."""

from threading import Barrier, Thread

import pytest

from portal.attendance import actions as visits
from portal.attendance import hooks as attendance_hooks
from portal.attendance import queries as attendance
from portal.attendance import records
from portal.attendance.models import Visit, VisitState
from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.core.errors import Invalid, Refused
from portal.corrections import actions, actions_desk, hooks, queries
from portal.corrections.judging import Claim
from portal.corrections.models import Correction
from portal.hours import hooks as hours_hooks
from portal.hours import queries as ledger
from portal.hours.models import LedgerEntry, Source
from portal.people.models import VolunteerState
from portal.people.queries import volunteer_of
from portal.records import notes, steps
from portal.records.files import StoredFile
from portal.signups.models import ParticipantKind, Signup, SignupState
from tests.attendance.conftest import Scene, sign_up
from tests.corrections.given import (
    NOW,
    PHOTO,
    SAID,
    STORY,
    ask,
    at,
    claim,
    decide,
    entry_of,
    fresh,
    missing,
    told,
)
from tests.support.factory import Factory


def all_agree():
    assert hooks.check() == attendance_hooks.check() == hours_hooks.check() == []


def served(scene, *, until=120, **kwargs):
    """Return a volunteer whose stay was recorded, and the entry."""
    person = scene.volunteer(**kwargs)
    scene.scan(person, "in", 0)
    scene.scan(person, "out", until)
    return person, ledger.entries_of(person.id)[0]


# --- what stands in the ledger -------------------------------------------------------------------


def test_a_make_up_counts_once_a_second_person_approves_it(scene):
    person = scene.volunteer()
    row = missing(scene, person=person)
    assert ledger.total(person.id) == 0
    assert row.due_on.isoformat() == "2026-05-22"  # ten working days after Saturday 9 May
    decide(scene, "approve", row, scene.manager)
    entry = entry_of(row)
    assert (entry.minutes, entry.source, entry.shift_id) == (120, Source.MAKE_UP, scene.shift.id)
    assert entry.rule["approved_by"] == scene.manager.id
    assert [one.verb for one in steps.of(queries.ref(row))] == ["ask", "approve"]
    assert told(person) == ["correction_approved"]
    shown = records.records_of(person.id, scene.make.actor(person), NOW)
    assert [(one.source, one.title) for one in shown.rows] == [("补录", scene.shift.offering.title)]
    assert ledger.made_up_on(scene.shift.id) == {person.id: 120}
    all_agree()


def test_a_correction_is_a_reversing_pair_and_stays_marked(scene):
    person, first = served(scene)
    row = ask(scene, claim(person, entry=first, span=(0, 90)), files=())
    decide(scene, "approve", row, scene.manager)
    entries = ledger.entries_of(person.id)
    assert [(one.minutes, one.source) for one in entries] == [
        (120, "check_in"), (-120, "check_in"), (90, "make_up"),
    ]  # fmt: skip
    assert entries[1].reverses_id == first.id
    assert entries[2].rule["corrects"] == first.id
    assert db.session.query(Visit).one().minutes == 0
    shown = records.records_of(person.id, scene.make.actor(person), NOW)
    assert {(one.state, one.minutes) for one in shown.rows} == {
        ("已计入", "1 小时 30 分钟"), ("已更正", ""),
    }  # fmt: skip
    assert shown.total == 90
    all_agree()
    # What was put right can be put right once more.
    again = ask(scene, claim(person, entry=entries[2], span=(0, 100)))
    decide(scene, "approve", again, scene.manager)
    assert ledger.total(person.id) == 100
    all_agree()


def test_a_record_that_should_not_be_is_taken_back(scene):
    person, first = served(scene)
    row = ask(scene, claim(person, entry=first, minutes=0), files=())
    decide(scene, "approve", row, scene.manager)
    assert (ledger.total(person.id), entry_of(row)) == (0, None)
    all_agree()


def test_service_nobody_planned_keeps_its_story(scene):
    person = scene.make.volunteer(scene.station)
    wanted = claim(person, station=scene.station, span=(-400, -310))
    row = ask(scene, wanted, said=STORY, by=scene.manager)
    assert told(person) == ["correction_filed_for"]
    decide(scene, "approve", row, scene.make.manager(scene.station))
    (shown,) = records.records_of(person.id, scene.make.actor(person), NOW).rows
    assert (shown.title, shown.source, shown.minutes) == (STORY.title, "补录", "1 小时 30 分钟")
    assert shown.place == f"{scene.station.name} · {STORY.place}"
    assert notes.latest(queries.ref(row), "story") == STORY.story
    # Put right, it is told of by the same words.
    entry = entry_of(row)
    less = ask(scene, claim(person, entry=entry, span=(-400, -340)), said=SAID, files=())
    decide(scene, "approve", less, scene.manager)
    shown = records.records_of(person.id, scene.make.actor(person), NOW)
    assert {one.title for one in shown.rows} == {STORY.title}
    assert shown.total == 60
    all_agree()


def test_the_same_form_and_the_same_answer_twice_are_harmless(scene):
    person = scene.volunteer()
    actor, wanted = scene.make.actor(person), claim(person, shift=scene.shift)
    rows = [
        write(actions.ask, wanted, SAID, [PHOTO], "k" * 20, actor=actor, now=NOW) for _ in range(2)
    ]
    assert rows[0].id == rows[1].id
    for verb in ("approve", "approve"):
        decide(scene, verb, rows[0], scene.manager)
    assert len(ledger.entries_of(person.id)) == 1
    assert db.session.query(StoredFile).count() == 1


# --- the second person ---------------------------------------------------------------------------

PEOPLE = ("volunteer", "author", "helper", "other_manager", "officer", "administrator")


@pytest.mark.parametrize("verb", ["approve", "send_back", "refuse"])
@pytest.mark.parametrize("merged", [False, True])
def test_neither_the_volunteer_nor_any_hand_decides(scene, verb, merged):
    """The volunteer manages the station too; the author wrote it down; the helper added a photo."""
    make, station = scene.make, scene.station
    who = {name: make.manager(station) for name in ("author", "helper", "other_manager")}
    volunteer = make.volunteer(station)
    sign_up(scene.shift, volunteer)
    who["volunteer"] = make.holder(Role.STATION_MANAGER, station)
    old = who
    if merged:  # each hand acted under a record that became another one since
        old = {name: make.manager(station) for name in ("author", "helper")}
        for name, person in old.items():
            person.merged_into_id = who[name].id
    volunteer.merged_into_id = who["volunteer"].id
    db.session.commit()
    who["officer"] = make.holder(Role.CAMPAIGN_OFFICER, make.centre())
    who["administrator"] = make.holder(Role.ADMINISTRATOR, make.centre())
    row = ask(scene, claim(volunteer, shift=scene.shift), by=old["author"])
    actor = make.actor(old["helper"])
    write(actions.add_evidence, row.id, [PHOTO], actor=actor, now=NOW)
    may = {}
    for name in PEOPLE:
        with pytest.raises((Refused, ZeroDivisionError)) as caught:
            write(_tried, verb, row.id, actor=make.actor(who[name]), now=NOW)
        may[name] = not isinstance(caught.value, Refused)
        if not may[name]:
            assert caught.value.codes == ("not_second",)
    assert [name for name in PEOPLE if may[name]] == ["other_manager", "officer", "administrator"]
    with pytest.raises(Refused):
        write(actions_desk.approve, row.id, actor=SYSTEM, now=NOW)


def _tried(verb, row_id, *, actor, now):
    """Decide, and let nothing of it remain."""
    words = () if verb == "approve" else ("不行。",)
    getattr(actions_desk, verb)(row_id, *words, actor=actor, now=now)
    raise ZeroDivisionError


def test_what_came_back_is_sent_again_by_whoever_then_has_a_hand_in_it(scene):
    other = scene.make.manager(scene.station)
    person = scene.volunteer()
    row = missing(scene, person=person)
    decide(scene, "send_back", row, other)
    assert told(person) == ["correction_returned"]
    wanted = claim(person, shift=scene.shift, span=(0, 60))
    actor = scene.make.actor(other)
    write(actions.submit, row.id, wanted, SAID, [PHOTO], actor=actor, now=at(0, 3))
    assert (fresh(row).state, fresh(row).minutes) == ("submitted", 60)
    assert fresh(row).due_on.isoformat() == "2026-05-25"
    with pytest.raises(Refused, match="not_second"):
        decide(scene, "approve", row, other)
    decide(scene, "approve", row, scene.manager)
    assert ledger.total(person.id) == 60
    all_agree()


# --- what cannot be recorded ---------------------------------------------------------------------


def _called_off(scene, person):
    scene.shift.state, scene.shift.called_off_at = "called_off", NOW


def _came(scene, person):
    scene.scan(person, "in", 0)


def _came_and_went(scene, person):
    _came(scene, person)
    scene.scan(person, "out", 120)


def _as_guest(scene, person):
    db.session.query(Signup).one().participant = ParticipantKind.PAID_POST


def _not_registered(scene, person):
    volunteer_of(person.id).state = VolunteerState.LEFT


def _asked(scene, person):
    ask(scene, claim(person, shift=scene.shift))


def _beside(scene, person):
    other = scene.make.shift(scene.station, starts_at=at(60), minutes=30)
    sign_up(other, person)
    scene.scan(person, "in", 60, shift=other)
    scene.scan(person, "out", 90, shift=other)


@pytest.mark.parametrize(
    ("before", "code"),
    [
        (_called_off, "called_off"),
        (_came, "still_open"),
        (_came_and_went, "on_record"),
        (_as_guest, "not_serving"),
        (_not_registered, "not_registered"),
        (_asked, "asked"),
        (_beside, "overlap"),
    ],
)
def test_what_stands_in_the_way_is_said(scene, before, code):
    person = scene.volunteer()
    before(scene, person)
    db.session.commit()
    with pytest.raises(Refused) as caught:
        ask(scene, claim(person, shift=scene.shift))
    assert code in caught.value.codes


def test_the_bounds_come_from_shift_ledger_and_settings(scene):
    make, station = scene.make, scene.station
    make.set("make_up_days", 3)
    make.set("make_up_unplanned_minutes", 60)
    make.set("make_up_month_minutes", 100)
    person = scene.volunteer()
    for wanted, now, code in (
        (claim(person, shift=scene.shift), at(121, 3), "too_late"),
        (claim(person, shift=scene.shift, span=(0, 120), minutes=121), NOW, "too_long"),
        (claim(person, station=station, span=(200, 261)), NOW, "too_long"),
        (claim(person, shift=scene.shift), NOW, "month_cap"),
    ):
        with pytest.raises(Refused, match=code):
            ask(scene, wanted, now=now)
    first = ask(scene, claim(person, station=station, span=(200, 260)), said=STORY)
    second = ask(scene, claim(person, station=station, span=(300, 350)), said=STORY)
    decide(scene, "approve", first, scene.manager)
    with pytest.raises(Refused, match="month_cap"):
        decide(scene, "approve", second, scene.manager)
    assert fresh(second).state == "submitted"


def test_what_overlaps_by_the_time_it_is_decided_is_not_approved(scene):
    person = scene.volunteer()
    row = missing(scene, person=person)
    beside = ask(scene, claim(person, station=scene.station, span=(60, 90)), said=STORY)
    decide(scene, "approve", beside, scene.manager)
    with pytest.raises(Refused, match="overlap"):
        decide(scene, "approve", row, scene.manager)
    assert len(ledger.entries_of(person.id)) == 1


def test_under_a_merged_record_nothing_is_recorded_twice(scene):
    make = scene.make
    person = scene.volunteer()
    old = make.volunteer(scene.station)
    sign_up(scene.shift, old)
    row = missing(scene, person=old)
    old.merged_into_id = person.id
    db.session.commit()
    with pytest.raises(Refused, match="asked"):
        ask(scene, claim(person, shift=scene.shift))
    decide(scene, "approve", row, scene.manager)
    with pytest.raises(Refused, match="on_record"):
        ask(scene, claim(person, shift=scene.shift))
    assert ledger.total(person.id) == 120
    assert ledger.made_up_on(scene.shift.id) == {person.id: 120}
    assert told(person) == ["correction_approved"]
    assert [one.id for one in queries.of_person(person.id)] == [row.id]


def test_no_more_files_than_there_is_room_for(scene):
    with pytest.raises(Invalid, match="evidence"):
        missing(scene, files=(PHOTO,) * 4)
    assert db.session.query(StoredFile).count() == db.session.query(Correction).count() == 0


def test_a_lapsed_visit_can_be_made_up(scene):
    person = scene.volunteer()
    scene.scan(person, "in", 0)
    visit = attendance.visits_at(scene.shift.id, person.id)[0]
    write(visits.close_by_rule, visit.id, actor=SYSTEM, now=at(600))
    write(visits.lapse, visit.id, actor=SYSTEM, now=at(0, 20))
    assert visit.state == VisitState.LAPSED
    row = ask(scene, claim(person, shift=scene.shift), now=at(0, 20))
    decide(scene, "approve", row, scene.manager, now=at(0, 20))
    assert ledger.total(person.id) == 120
    all_agree()


@pytest.mark.race
def test_approved_in_parallel_there_is_one_entry(own_app):
    scene = Scene(Factory())
    now = clock.now()
    shift = scene.make.shift(scene.station, starts_at=now - (at(120, 1) - at(0)), minutes=120)
    person = scene.make.volunteer(scene.station)
    sign_up(shift, person, state=SignupState.NO_SHOW)
    wanted = Claim(person.id, shift.starts_at, shift.ends_at, 120, shift_id=shift.id)
    row = ask(scene, wanted, now=now)
    actors = [scene.make.actor(scene.make.manager(scene.station)) for _ in range(6)]
    barrier, faults = Barrier(len(actors)), []

    def run(actor):
        try:
            with own_app.app_context():
                barrier.wait()
                write(actions_desk.approve, row.id, actor=actor, now=clock.now())
        except Exception as error:  # noqa: BLE001  every fault of a thread is a fault of the test
            faults.append(error)

    threads = [Thread(target=run, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    assert faults == []
    assert db.session.query(LedgerEntry).count() == 1
    assert [one.verb for one in steps.of(queries.ref(row))] == ["ask", "approve"]
    assert hooks.check() == []
