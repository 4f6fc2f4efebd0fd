"""Many at once: nobody gets a place twice, nobody a place too many, nobody an error.

Each thread is a request of its own, on a database that really commits. The negative control shows
what the guarded statement is for.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import text

from portal.core import clock, engines
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.people.actions import NewPerson
from portal.people.models import Person
from portal.people.models_consents import Channel
from portal.records import settings
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole
from portal.signups import actions, behalf, hooks, queries
from tests.conftest import PROFILE
from tests.support.factory import Factory

pytestmark = pytest.mark.race
CROWD = 64
ROUNDS = 20 if PROFILE == "full" else 3
ROLE = PlaceRole.ATTENDEE


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Who is served is the question here, not how fast this machine is."""
    monkeypatch.setattr(engines, "LOCK_SECONDS", 30)


@pytest.fixture
def make(own_app):
    # The same crowd comes to every round.
    write(settings.change, "open_signups_most", 0, actor=SYSTEM, now=clock.now())
    return Factory()


@pytest.fixture
def crowd(make):
    return [make.person(account=False).id for _ in range(CROWD)]


def at_once(app, jobs):
    """Run all jobs at the same moment, each in a context of its own; return their results."""
    start = Barrier(len(jobs))

    def run(job):
        with app.app_context():
            start.wait()
            try:
                return job()
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def look_afresh():
    """End the reading transaction of this thread, and forget what it saw."""
    db.session.rollback()
    db.session.expire_all()


def signing_up(shift_id, person_id, now):
    def job():
        try:
            row = write(actions.sign_up, shift_id, person_id, ROLE, actor=SYSTEM, now=now)
        except Refused as refused:
            return refused.codes[0]
        return str(row.state)

    return job


def withdrawing(signup_id, now):
    return lambda: str(write(actions.withdraw, signup_id, "", actor=SYSTEM, now=now).state)


def states(shift_id):
    return Counter(str(row.state) for row in queries.on_shift(shift_id))


def place(shift_id):
    row = shifts.place_of(shift_id, ROLE)
    db.session.refresh(row)
    return row


def test_the_last_place_goes_to_exactly_one(own_app, make, crowd):
    start = clock.now() + timedelta(days=3)
    for _ in range(ROUNDS):
        start += timedelta(days=1)
        shift = make.shift(starts_at=start, places={"attendee": 1})
        now = clock.now()
        results = Counter(at_once(own_app, [signing_up(shift.id, person, now) for person in crowd]))
        look_afresh()
        assert results == {"confirmed": 1, "waitlisted": CROWD - 1}
        assert states(shift.id) == results
        assert place(shift.id).taken == 1
    assert hooks.check() == []


def test_the_same_form_sent_at_once_makes_one_person(own_app, make):
    shift = make.shift(starts_at=clock.now() + timedelta(days=3), places={"attendee": CROWD})
    actor = make.actor(make.manager(shift.offering.station))
    said = NewPerson("王秀英", None, None)
    asked = behalf.Asked(shift.id, ROLE, said, Channel.DESK)

    def clicking():
        return write(behalf.sign_up_new, asked, actor=actor, now=clock.now())

    results = at_once(own_app, [clicking] * 8)
    look_afresh()
    assert Counter(placed.is_new for placed in results) == {True: 1, False: 7}
    assert states(shift.id) == {"confirmed": 1}
    assert db.session.query(Person).filter_by(name="王秀英").count() == 1


def test_after_the_closing_the_last_place_goes_to_exactly_one(own_app, make, crowd):
    shift = make.shift(starts_at=clock.now() + timedelta(hours=1), places={"attendee": 1})
    now = clock.now()
    results = Counter(at_once(own_app, [signing_up(shift.id, person, now) for person in crowd]))
    assert results == {"confirmed": 1, "full": CROWD - 1}
    assert hooks.check() == []


def test_one_person_pressing_often_has_one_row(own_app, make):
    person = make.person()
    shift = make.shift(places={"attendee": 5})
    results = at_once(own_app, [signing_up(shift.id, person.id, clock.now())] * 16)
    look_afresh()
    assert set(results) == {"confirmed"}
    assert (len(queries.on_shift(shift.id)), place(shift.id).taken) == (1, 1)


def test_one_person_on_two_shifts_at_the_same_hour_gets_one(own_app, make):
    """Two clicks in two tabs: the person's row is the lock."""
    start = clock.now() + timedelta(days=3)
    for _ in range(ROUNDS):
        person = make.person(account=False)
        both = [make.shift(starts_at=start, places={"attendee": 5}) for _ in range(2)]
        jobs = [signing_up(shift.id, person.id, clock.now()) for shift in both] * 4
        results = Counter(at_once(own_app, jobs))
        assert results == {"confirmed": 4, "clash": 4}
    assert hooks.check() == []


def test_leaving_and_coming_at_once_keeps_the_counter(own_app, make, crowd):
    """Half of them hold or wait and leave, half of them come: an offer never gets lost."""
    start = clock.now() + timedelta(days=3)
    for _ in range(ROUNDS):
        start += timedelta(days=1)
        shift = make.shift(starts_at=start, places={"attendee": 10})
        now = clock.now()
        here, coming = crowd[: CROWD // 2], crowd[CROWD // 2 :]
        rows = [
            write(actions.sign_up, shift.id, person, ROLE, actor=SYSTEM, now=now).id
            for person in here
        ]
        jobs = [job for pair in zip(
            [withdrawing(row, now) for row in rows],
            [signing_up(shift.id, person, now) for person in coming],
            strict=True,
        ) for job in pair]  # fmt: skip
        results = Counter(at_once(own_app, jobs))
        look_afresh()
        assert set(results) <= {"withdrawn", "confirmed", "waitlisted"}
        assert results["withdrawn"] == len(here)
        found = states(shift.id)
        assert sum(found.values()) == len(coming)
        assert place(shift.id).taken == found["confirmed"] + found["offered"] == 10
    assert hooks.check() == []


def test_nobody_stays_on_a_shift_that_is_called_off(own_app, make, crowd):
    start = clock.now() + timedelta(days=3)
    for _ in range(ROUNDS):
        start += timedelta(days=1)
        shift = make.shift(starts_at=start, places={"attendee": 40})
        now = clock.now()

        def call_off(shift_id=shift.id, now=now):
            return str(write(actions.call_off, shift_id, "下雨", actor=SYSTEM, now=now).state)

        jobs = [signing_up(shift.id, person, now) for person in crowd[:24]]
        results = Counter(at_once(own_app, [*jobs[:12], call_off, *jobs[12:]]))
        look_afresh()
        assert sum(results.values()) == 25
        assert set(results) <= {"confirmed", "called_off"}
        assert states(shift.id) == {}
        assert place(shift.id).taken == 0
    assert hooks.check() == []


def test_an_offer_is_taken_or_lapses_never_both(own_app, make):
    for _ in range(ROUNDS):
        start = clock.now().replace(microsecond=0) + timedelta(days=3)
        shift = make.shift(starts_at=start, places={"attendee": 1})
        people = [make.person(account=False).id for _ in range(3)]
        now = clock.now().replace(microsecond=0)
        rows = [
            write(actions.sign_up, shift.id, person, ROLE, actor=SYSTEM, now=now)
            for person in people
        ]
        write(actions.withdraw, rows[0].id, "", actor=SYSTEM, now=now)
        deadline = now + timedelta(hours=12)

        def accept(signup_id=rows[1].id, at=deadline - timedelta(seconds=1)):
            try:
                return str(write(actions.accept, signup_id, actor=SYSTEM, now=at).state)
            except Refused as refused:
                return refused.codes[0]

        def lapse(signup_id=rows[1].id, at=deadline):
            write(actions.lapse, signup_id, actor=SYSTEM, now=at)

        at_once(own_app, [accept, lapse] * 4)
        look_afresh()
        found = states(shift.id)
        assert found in ({"confirmed": 1, "waitlisted": 1}, {"offered": 1})
        assert place(shift.id).taken == 1
    assert hooks.check() == []


# --- the negative control ------------------------------------------------------------------------


@pytest.fixture
def naive(own_app):
    """A throw-away table of one place and its bookings, in the same database."""
    with db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE naive_place (capacity INTEGER, taken INTEGER)"))
        connection.execute(text("CREATE TABLE naive_booking (person INTEGER)"))
        connection.execute(text("INSERT INTO naive_place VALUES (1, 0)"))
    yield
    with db.engine.begin() as connection:
        connection.execute(text("DROP TABLE naive_booking"))
        connection.execute(text("DROP TABLE naive_place"))


def look(together):
    """Count what is booked as everybody would who is about to book, at the same moment."""
    with db.engine.connect() as connection:
        booked = connection.execute(text("SELECT count(*) FROM naive_booking")).scalar_one()
    together.wait()
    return booked


def test_counting_and_then_inserting_oversells(own_app, naive):
    together = Barrier(8)

    def book():
        if look(together) >= 1:
            return
        with db.engine.begin() as connection:
            connection.execute(text("INSERT INTO naive_booking VALUES (1)"))

    at_once(own_app, [book] * 8)
    with db.engine.connect() as connection:
        booked = connection.execute(text("SELECT count(*) FROM naive_booking")).scalar_one()
    assert booked == 8, "the naive way no longer oversells: this test proves nothing"


def test_the_guarded_statement_does_not_under_the_same_conditions(own_app, naive):
    together = Barrier(8)

    def book():
        look(together)
        connection = db.session.connection(execution_options={"portal_write": True})
        taken = connection.execute(
            text("UPDATE naive_place SET taken = taken + 1 WHERE taken < capacity")
        ).rowcount
        if taken:
            connection.execute(text("INSERT INTO naive_booking VALUES (1)"))
        db.session.commit()
        return taken

    assert sorted(at_once(own_app, [book] * 8)) == [0] * 7 + [1]
    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM naive_booking")).scalar_one() == 1
        assert connection.execute(text("SELECT taken FROM naive_place")).scalar_one() == 1


def test_the_places_statement_is_guarded_by_the_database_too(own_app, make):
    """Should somebody count past the capacity, the CHECK behind the counter says no."""
    from sqlalchemy.exc import IntegrityError

    make.shift(places={"attendee": 1})
    for statement in ("UPDATE place SET taken = 2", "UPDATE place SET taken = -1"):
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            connection.execute(text(statement))
