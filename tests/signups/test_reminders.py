"""Reminders: the evening before and two hours before, each once, never of what has begun."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.records.outbox import OutboxRow
from portal.shifts.models import PlaceRole
from portal.signups import actions, hooks, reminders
from portal.signups.models import ReminderMoment
from tests.support.factory import Factory

START = timedelta(days=1, hours=10)


@pytest.fixture
def day():
    """Midnight of a local day; the clock stands at six in the morning of it."""
    first = clock.day_start(clock.today() + timedelta(days=1))
    with time_machine.travel(first + timedelta(hours=6), tick=False):
        yield first


def sign_up(shift, person, now=None):
    return write(
        actions.sign_up, shift.id, person.id, PlaceRole.ATTENDEE, actor=SYSTEM,
        now=now or clock.now(),
    )  # fmt: skip


def reminded():
    db.session.expire_all()
    rows = db.session.query(OutboxRow).order_by(OutboxRow.id)
    kinds = [row.payload["kind"] for row in rows]
    return [kind for kind in kinds if kind.startswith("reminder_")]


def tick(day, **hours):
    hooks.due(day + timedelta(**hours))
    return reminded()


def test_both_moments_each_once(make, day):
    shift = make.shift(starts_at=day + START)
    sign_up(shift, make.person())
    assert tick(day, hours=17, minutes=59) == []
    for _ in range(2):
        assert tick(day, hours=18) == ["reminder_day"]
    assert tick(day, hours=23) == ["reminder_day"]
    assert tick(day, hours=31, minutes=59) == ["reminder_day"]
    for _ in range(2):
        assert tick(day, hours=32) == ["reminder_day", "reminder_hours"]
    row = db.session.query(OutboxRow).order_by(OutboxRow.id.desc()).first()
    assert (row.subject_kind, row.subject_id) == ("shift", shift.id)
    assert row.payload["until"] == shift.starts_at.isoformat()


@pytest.mark.parametrize(
    ("at", "wanted"),
    [
        ({"hours": 24}, []),  # the evening is over
        ({"hours": 33, "minutes": 59}, ["reminder_hours"]),
        ({"hours": 34}, []),  # it has begun
        ({"hours": 40}, []),
    ],
)
def test_a_worker_that_was_down_comes_late_but_not_too_late(make, day, at, wanted):
    sign_up(make.shift(starts_at=day + START), make.person())
    assert tick(day, **at) == wanted


def test_who_signed_up_after_the_moment_need_not_be_reminded(make, day):
    shift = make.shift(starts_at=day + START)
    sign_up(shift, make.person(), day + timedelta(hours=18, minutes=30))
    assert tick(day, hours=19) == []
    sign_up(shift, make.person(), day + timedelta(hours=33))
    assert tick(day, hours=33, minutes=1) == ["reminder_hours"]


def test_only_who_has_a_place_on_what_takes_place(make, day):
    station = make.station()
    small = make.shift(station, starts_at=day + START, places={"attendee": 1})
    off = make.shift(station, starts_at=day + START)
    gone, waits, there = (make.person() for _ in range(3))
    sign_up(small, there)
    sign_up(small, waits)
    sign_up(off, gone)
    write(actions.call_off, off.id, "", actor=SYSTEM, now=day + timedelta(hours=17))
    left = sign_up(make.shift(station, starts_at=day + START), make.person())
    write(actions.withdraw, left.id, "", actor=SYSTEM, now=day + timedelta(hours=17))
    tick(day, hours=18)
    of_shift = OutboxRow.subject_kind == "shift"
    rows = db.session.query(OutboxRow).filter(of_shift, OutboxRow.subject_id == small.id)
    kinds = [(row.payload["person_id"], row.payload["kind"]) for row in rows]
    assert kinds == [(there.id, "reminder_day")]
    assert reminded() == ["reminder_day"]


def test_another_start_is_reminded_of_anew(make, day):
    shift = make.shift(starts_at=day + START)
    sign_up(shift, make.person())
    tick(day, hours=18)
    start = day + START + timedelta(days=5)
    end = start + timedelta(hours=2)
    write(actions.move, shift.id, start, end, actor=SYSTEM, now=day + timedelta(hours=19))
    assert tick(day, hours=32) == ["reminder_day"]
    assert tick(day, days=5, hours=18) == ["reminder_day"] * 2


def test_side_by_side_it_is_once(own_app, day):
    make = Factory()
    shift = make.shift(starts_at=day + START)
    for _ in range(5):
        sign_up(shift, make.person())
    now = day + timedelta(hours=18)
    ((_moment, ids),) = reminders.due(now)
    barrier, faults = Barrier(3), []

    def work():
        with own_app.app_context():
            barrier.wait()
            try:
                write(reminders.remind, ids, ReminderMoment.DAY, actor=SYSTEM, now=now)
            except Exception as error:  # noqa: BLE001  shown below
                faults.append(error)
            db.session.remove()

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    db.session.rollback()  # its snapshot is older
    assert reminded() == ["reminder_day"] * 5
