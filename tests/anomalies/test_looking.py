"""From the records to the list: the nightly look, and what others ask of it."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from portal.anomalies import actions, hooks, queries, queries_window
from portal.anomalies.detecting import detect
from portal.anomalies.models import Anomaly, AnomalyKind, AnomalyRecord, AnomalyRun
from portal.attendance import devices
from portal.attendance.models import Direction, Scan
from portal.attendance.models_devices import ScanDevice
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.people.models_family import FamilyMember
from portal.records import notes
from portal.records.audit import AuditEntry
from portal.site import personal
from tests.anomalies.given import (
    NIGHT,
    START,
    come,
    fresh,
    look,
    made_up,
    shift_of,
    ticked_at_once,
)
from tests.support.queries import count_queries


@pytest.fixture(autouse=True)
def _in_the_night(time_machine):
    time_machine.move_to(START - timedelta(days=60), tick=False)


def test_what_stands_out_is_listed_once_with_its_records(make):
    station = make.station()
    crew, _shift = ticked_at_once(make, station)
    (row,) = look()
    assert (row.kind, row.station_id, row.state) == ("burst", station.id, "new")
    assert row.facts == {"persons": 8, "seconds": 14}
    assert {found.Scan.person_id for found in queries.scans_of(row.id)} == {p.id for p in crew}
    assert next(one.Scan.occurred_at for one in queries.scans_of(row.id)) == START
    assert len(look()) == 1
    assert len(look(NIGHT + timedelta(days=1))) == 1
    assert db.session.query(AnomalyRecord).count() == 8
    assert db.session.query(AnomalyRun).count() == 2
    assert db.session.query(AuditEntry).filter_by(verb="anomaly.find").count() == 1


def test_the_same_day_is_looked_through_once(make):
    look()
    ticked_at_once(make, make.station())
    assert look() == []
    assert len(look(NIGHT + timedelta(days=1))) == 1


def test_late_records_join_what_nobody_has_looked_into(make):
    station = make.station()
    manager = make.manager(station)
    for number in range(8):
        made_up(make, station, make.person(), number=number, days=9, approver=manager)
    rows = {row.kind: row for row in look()}
    assert rows.keys() == {"back_entry", "unfounded"}
    officer = make.holder("campaign_officer", make.centre())
    write(
        actions.decide, rows["unfounded"].id, "fine", "看过。", actor=make.actor(officer), now=NIGHT
    )
    made_up(make, station, make.person(), number=9, days=9, approver=manager)
    look(NIGHT + timedelta(days=1))
    late, decided = fresh(rows["back_entry"]), fresh(rows["unfounded"])
    assert (late.facts["entries"], queries.count_records(late.id)) == (9, 9)
    assert (decided.facts["entries"], queries.count_records(decided.id)) == (8, 8)
    assert late.person_id == manager.id
    assert hooks.check() == []


def test_who_asked_and_who_let_it_count_is_read_from_the_rule(make):
    station = make.station()
    manager, person = make.manager(station), make.volunteer(station)
    shift = shift_of(make, station, [person], starts_at=START - timedelta(days=9))
    made_up(
        make, station, person, number=1, days=9, approver=manager, shift=shift, asked_by=person.id
    )
    made_up(make, station, make.person(), number=2, days=8, approver=manager, shift=shift)
    own, other = queries_window.window(clock.local_day(START)).entries
    assert (own.author_id, own.approver_id, own.hand_id) == (person.id, manager.id, manager.id)
    assert own.has_signup
    assert not other.has_signup
    assert other.is_entered


def test_one_phone_and_two_places(make):
    street, beside = make.station("东", level="institute"), make.station("西", level="institute")
    here, there = make.station(parent=street), make.station(parent=beside)
    people = [make.person() for _n in range(4)]
    shift = shift_of(make, here, people)
    for number, person in enumerate(people):
        at = START + timedelta(seconds=70 * number)
        come(shift, person, at, actor=make.actor(person), device="a" * 64)
    walker = people[0]
    left = START + timedelta(minutes=100, seconds=17)
    come(shift, walker, left, actor=make.actor(walker), direction=Direction.OUT)
    later = shift_of(make, there, [walker], starts_at=START + timedelta(hours=2))
    come(later, walker, left + timedelta(minutes=5), actor=make.actor(walker))
    db.session.add(FamilyMember(holder_id=people[1].id, person_id=people[2].id, relation="spouse",
                                added_at=START))  # fmt: skip
    db.session.commit()
    rows = {AnomalyKind(row.kind): row for row in look()}
    assert rows.keys() == {AnomalyKind.SAME_DEVICE, AnomalyKind.TRAVEL}
    assert rows[AnomalyKind.SAME_DEVICE].facts == {"persons": 4, "families": 3}
    assert rows[AnomalyKind.TRAVEL].facts == {"minutes": 5, "needed": 20}
    assert rows[AnomalyKind.TRAVEL].person_id == walker.id
    make.set("anomaly_device_persons", 4)
    make.set("anomaly_travel_minutes", 4)
    assert [one.key for one in _found_now()] == []


def _found_now():
    return detect(
        queries_window.window(clock.local_day(START)),
        queries_window.figures(clock.local_day(START)),
    )


def test_the_window_asks_the_same_for_one_and_thirty(make):
    counts = []
    for people in (1, 30):
        ticked_at_once(make, make.station(), people=people)
        with count_queries() as seen:
            queries_window.window(clock.local_day(START))
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 6


def test_the_check_finds_a_state_that_no_step_led_to(make):
    ticked_at_once(make, make.station())
    (row,) = look()
    assert hooks.check() == []
    db.session.execute(update(Anomaly).where(Anomaly.id == row.id).values(state="talk"))
    db.session.add(AnomalyRecord(anomaly_id=row.id, kind="entry", record_id=999))
    db.session.commit()
    assert hooks.check() == [
        f"anomaly {row.id}: is talk, its last step led to new",
        f"anomaly {row.id}: names an entry that is not in the ledger",
    ]


def test_the_export_says_what_stood_out_and_erasing_takes_the_words(make):
    crew, _shift = ticked_at_once(make, make.station())
    (row,) = look()
    officer = make.actor(make.holder("campaign_officer", make.centre()))
    write(actions.decide, row.id, "talk", "要问王某。", actor=officer, now=NIGHT)
    (one,) = personal.gathered(crew[0].id)["anomalies"]
    assert (one["kind"], one["state"], one["day"]) == ("burst", "talk", "2026-05-08")
    assert personal.gathered(make.person().id)["anomalies"] == []
    write(hooks.erase, crew[0].id, actor=SYSTEM, now=NIGHT)
    assert notes.of(actions.ref(row)) == []
    assert fresh(row).state == "talk"


def test_the_browsers_number_is_kept_for_sixty_days(make):
    people = [make.person(), make.person()]
    shift = shift_of(make, make.station(), people)
    for person, device in zip(people, ("b" * 64, ""), strict=True):
        come(shift, person, START, actor=make.actor(person), device=device)
    old = db.session.query(Scan).filter_by(person_id=people[1].id).one()
    long_ago = START - timedelta(days=2000)  # the trigger asks the database what time it is
    db.session.add(ScanDevice(scan_id=old.id, device="c" * 64, at=long_ago))
    db.session.commit()
    write(devices.forget_old, actor=SYSTEM, now=START + timedelta(days=60))
    assert db.session.query(ScanDevice).one().device == "b" * 64


def test_a_desk_keeps_no_browser(make):
    ticked_at_once(make, make.station(), people=2)
    assert db.session.query(ScanDevice).count() == 0
