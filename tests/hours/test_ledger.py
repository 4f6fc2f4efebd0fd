"""The ledger: credited once, chained, never overlapping, taken back by a reversing entry."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.ref import Ref
from portal.hours import actions, hooks, queries
from portal.hours.actions import Credit
from portal.hours.models import LedgerEntry, Source
from portal.records.stale import StaleDay
from tests.support.factory import Factory

COLUMNS = [column.name for column in LedgerEntry.__table__.columns if column.name != "id"]


def credit_of(shift, person, *, source_id=1, starts_at=None, minutes=120, kind="visit"):
    starts_at = starts_at or shift.starts_at
    return Credit(
        person_id=person.id,
        shift_id=shift.id,
        station_id=shift.station_id,
        kind_id=shift.offering.kind_id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        minutes=minutes,
        source=Source.CHECK_IN,
        source_ref=Ref(kind, source_id),
        rule={"grace": 15},
    )


@pytest.fixture
def given(make):
    station = make.station()
    return make.shift(station), make.volunteer(station)


def credit(wanted) -> LedgerEntry:
    return write(actions.credit, wanted, actor=SYSTEM, now=clock.now())


def test_a_source_is_credited_once(given):
    shift, person = given
    first = credit(credit_of(shift, person))
    again = credit(credit_of(shift, person, minutes=60))
    assert (again.id, queries.total(person.id)) == (first.id, 120)
    assert db.session.get(StaleDay, (first.day, shift.station_id))


def test_an_overlapping_record_is_cut_and_says_by_what(given):
    shift, person = given
    first = credit(credit_of(shift, person))
    later = credit(
        credit_of(shift, person, source_id=2, starts_at=shift.starts_at + timedelta(minutes=60))
    )
    assert later.minutes == 60
    assert later.starts_at == first.ends_at
    assert later.rule == {"grace": 15, "cut_by": ["overlap"], "beside": [first.id]}
    covered = credit(credit_of(shift, person, source_id=3, minutes=30))
    assert (covered.minutes, covered.starts_at) == (0, covered.ends_at)
    assert hooks.check() == []


def test_a_day_has_its_cap(given):
    shift, person = given
    for number in range(6):
        start = shift.starts_at.replace(hour=16, minute=0) + timedelta(minutes=120 * number)
        entry = credit(credit_of(shift, person, source_id=number + 1, starts_at=start))
    assert (entry.minutes, entry.rule["cut_by"]) == (0, ["day_cap"])
    assert queries.total(person.id) == 600


def test_a_reversal_takes_back_and_frees_the_span(given):
    shift, person = given
    first = credit(credit_of(shift, person))
    back = write(actions.reverse, first.id, actor=SYSTEM, now=clock.now())
    again = write(actions.reverse, first.id, actor=SYSTEM, now=clock.now())
    assert (back.minutes, again.id, queries.total(person.id)) == (-120, back.id, 0)
    anew = credit(credit_of(shift, person, minutes=90))
    assert (anew.minutes, anew.source_round) == (90, 2)
    assert [row.seq for row in queries.entries_of(person.id)] == [1, 2, 3]
    assert hooks.check() == []


def test_only_the_newest_credit_of_a_source_is_reversed(given):
    shift, person = given
    first = credit(credit_of(shift, person))
    write(actions.reverse, first.id, actor=SYSTEM, now=clock.now())
    credit(credit_of(shift, person))
    with pytest.raises(ValueError, match="newest"):
        write(actions.reverse, first.id, actor=SYSTEM, now=clock.now())


def test_what_was_merged_into_a_person_is_theirs_too(given, make):
    shift, person = given
    other = make.person()
    credit(credit_of(shift, other))
    other.merged_into_id = person.id
    db.session.commit()
    assert queries.total(person.id) == 120
    assert credit(credit_of(shift, person, source_id=2)).minutes == 0


@pytest.mark.parametrize(
    "statement", ["UPDATE ledger_entry SET minutes = 1", "DELETE FROM ledger_entry"]
)
def test_the_ledger_refuses_change(given, statement):
    credit(credit_of(*given))
    with pytest.raises(DBAPIError, match="append-only"):
        write(lambda: db.session.execute(text(statement)))


def _forge(columns):
    """Insert an entry past the action, as somebody with the database in hand would."""
    row = db.session.scalars(select(LedgerEntry)).first()
    values = {name: getattr(row, name) for name in COLUMNS}
    db.session.add(LedgerEntry(**{**values, **columns}))
    db.session.flush()


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        ({"seq": 3, "source_id": 9}, "is number 3"),
        ({"seq": 2, "source_id": 9}, "chain of person"),
        ({"seq": 2, "source_id": 9}, "overlap"),
        ({"seq": 2, "source_round": 4}, "was credited before"),
        ({"seq": 2, "source_round": 1, "minutes": -1, "reverses_id": 0}, "does not fit"),
    ],
)
def test_the_check_finds_what_is_wrong(given, columns, line):
    first = credit(credit_of(*given))
    if "reverses_id" in columns:
        columns = {**columns, "reverses_id": first.id}
    _forge(columns)
    assert any(line in found for found in hooks.check())


@pytest.mark.race
def test_parallel_credits_of_one_source_make_one_entry(own_app):
    make = Factory()
    station = make.station()
    shift, person = make.shift(station), make.volunteer(station)
    wanted = [credit_of(shift, person, source_id=1 + number % 3) for number in range(12)]
    barrier = Barrier(len(wanted))
    faults = []

    def run(one):
        try:
            with own_app.app_context():
                barrier.wait()
                write(actions.credit, one, actor=SYSTEM, now=clock.now())
        except Exception as error:  # noqa: BLE001  every fault of a thread is a fault of the test
            faults.append(error)

    threads = [Thread(target=run, args=(one,)) for one in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    assert faults == []
    assert [row.seq for row in queries.entries_of(person.id)] == [1, 2, 3]
    assert queries.total(person.id) == 120
    assert hooks.check() == []
