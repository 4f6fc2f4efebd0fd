"""`write`: all or nothing, again where it helps, and a plain word where a lock is not had."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from threading import Barrier, Event

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from portal import create_app
from portal.core import clock, engines
from portal.core import db as core_db
from portal.core.access import SYSTEM
from portal.core.db import UtcDateTime, append, data_version, db, is_sqlite, locked, write
from portal.core.errors import Busy, Invalid
from portal.people import actions as people
from portal.people.models import Account, Person
from portal.records.limits import Attempt
from tests.conftest import config_for
from tests.support.factory import Factory


def put(bucket, *, error=None):
    db.session.add(Attempt(bucket=bucket, key="k", at=clock.now()))
    db.session.flush()
    if error:
        raise error
    return bucket


def seen():
    return sorted(db.session.scalars(select(Attempt.bucket)))


def buckets():
    db.session.rollback()
    return seen()


class Original(Exception):
    """What a driver raises."""

    def __init__(self, sqlstate):
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def driver_error(sqlstate):
    return DBAPIError("statement", {}, Original(sqlstate))


def test_what_an_action_returns_is_returned_and_kept(own_app):
    assert write(put, "one") == "one"
    assert buckets() == ["one"]


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), Invalid("a", "b")])
def test_an_error_leaves_nothing(own_app, error):
    with pytest.raises(type(error)):
        write(put, "one", error=error)
    assert buckets() == []
    write(put, "two")
    assert buckets() == ["two"]


def test_a_row_of_a_savepoint_goes_with_it(own_app):
    def action():
        append(Attempt, bucket="before", key="k", at=clock.now())
        with suppress(KeyError), db.session.begin_nested():
            append(Attempt, bucket="within", key="k", at=clock.now())
            raise KeyError
        append(Attempt, bucket="after", key="k", at=clock.now())

    write(action)
    assert buckets() == ["after", "before"]


def test_what_was_not_written_through_write_is_dropped(own_app):
    db.session.add(Attempt(bucket="stray", key="k", at=clock.now()))
    write(put, "one")
    assert buckets() == ["one"]


def test_an_action_sees_what_others_committed_meanwhile(own_app):
    person = Factory().person()
    assert person.name != "新名"
    with db.engine.begin() as connection:
        connection.execute(update(Person).values(name="新名"))
    assert write(lambda: db.session.get(Person, person.id).name) == "新名"


@pytest.mark.parametrize("sqlstate", ["40001", "40P01", "23505"])
def test_an_action_runs_again_where_that_helps(own_app, sqlstate):
    tries = []

    def action():
        tries.append(1)
        put("one")
        if len(tries) < core_db.ATTEMPTS:
            raise driver_error(sqlstate)

    write(action)
    assert (len(tries), buckets()) == (core_db.ATTEMPTS, ["one"])


def test_it_does_not_run_for_ever(own_app):
    tries = []

    def action():
        tries.append(1)
        raise driver_error("40001")

    with pytest.raises(DBAPIError):
        write(action)
    assert len(tries) == core_db.ATTEMPTS


@pytest.mark.parametrize("sqlstate", ["23503", "22001", "42P01", None])
def test_it_does_not_run_again_where_that_is_no_use(own_app, sqlstate):
    tries = []

    def action():
        tries.append(1)
        raise driver_error(sqlstate)

    with pytest.raises(DBAPIError):
        write(action)
    assert len(tries) == 1


def test_a_deadlock_ends_well_for_both(own_app):
    """Two actions that lock two rows crosswise; SQLite's one write lock lets none begin."""
    make = Factory()
    first, second = make.person().id, make.person().id
    met = Barrier(2)
    waited = []

    def rename(one, other, name):
        locked(Person, one)
        if name not in waited and not is_sqlite():
            waited.append(name)
            met.wait(10)
        locked(Person, other)
        db.session.get(Person, one).name = name
        db.session.get(Person, other).name = name

    def run(job):
        with own_app.app_context():
            write(rename, *job)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, [(first, second, "甲"), (second, first, "乙")]))
    db.session.rollback()
    names = set(db.session.scalars(select(Person.name)))
    assert names in ({"甲"}, {"乙"})


def test_two_who_register_the_same_phone_at_once(own_app):
    """The second finds the first's account and gets a sentence, not a fault."""
    start = Barrier(8)

    def register(_number):
        with own_app.app_context():
            start.wait()
            try:
                details = people.NewPerson("张三", "13700001234")
                write(people.register, details, "hash", actor=SYSTEM, now=clock.now())
            except Invalid as error:
                return error.field
            return "registered"

    with ThreadPoolExecutor(8) as pool:
        results = Counter(pool.map(register, range(8)))
    assert results == {"registered": 1, "phone": 7}
    assert db.session.query(Account).count() == db.session.query(Person).count() == 1


@pytest.fixture
def impatient(databases, monkeypatch):
    """An application that waits for a lock a moment instead of five seconds."""
    monkeypatch.setattr(engines, "LOCK_SECONDS", 0.05)
    url = databases.copy()
    app = create_app(config_for(url))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    databases.drop(url)


@pytest.fixture
def held(impatient):
    """A person whose row another transaction holds for the time of the test."""
    person = Factory().person()
    ready, done = Event(), Event()

    def hold():
        with impatient.app_context():
            connection = db.session.connection(execution_options={"portal_write": True})
            connection.execute(text(f"UPDATE person SET name = 'x' WHERE id = {person.id}"))
            ready.set()
            done.wait(20)
            db.session.rollback()
            db.session.remove()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        assert ready.wait(10)
        yield person
        done.set()
        holding.result()


def test_a_lock_that_is_not_had_is_said(held):
    with pytest.raises(Busy):
        write(lambda: locked(Person, held.id))


def test_a_page_of_it_says_to_come_again(impatient, held):
    def locking():
        write(lambda: locked(Person, held.id))
        return "never"

    locking.access = "public"
    impatient.add_url_rule("/locking", view_func=locking)
    response = impatient.test_client().get("/locking")
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "3"
    assert "系统正忙" in response.text
    assert response.headers["X-Request-Id"] in response.text


def test_reading_goes_on_while_somebody_writes(impatient, held):
    assert db.session.get(Person, held.id).name == held.name


# --- the data's version --------------------------------------------------------------------------


def test_the_version_changes_with_every_write(own_app):
    seen = [data_version()]
    for number in range(3):
        write(put, str(number))
        seen.append(data_version())
    assert len(set(seen)) == 4


def test_the_version_stays_while_nothing_is_written(own_app):
    if not is_sqlite():
        pytest.skip("PostgreSQL counts the transactions of all its databases")
    write(put, "one")
    before = data_version()
    for _ in range(3):
        assert buckets() == ["one"]
        with pytest.raises(ValueError, match="no"):
            write(put, "two", error=ValueError("no"))
    assert data_version() == before


def test_the_version_is_that_of_what_is_read(own_app):
    """In a snapshot it stays with it; what is kept under it would be old for ever else."""
    if not is_sqlite():
        pytest.skip("PostgreSQL reads each statement's own snapshot")
    write(put, "one")
    assert seen() == ["one"]  # begins the snapshot
    before = data_version()
    other = create_app(own_app.config["PORTAL"])
    with other.app_context():
        write(put, "two")
        after = data_version()
        db.engine.dispose()
    assert before != after
    assert (seen(), data_version()) == (["one"], before)
    db.session.rollback()
    assert (seen(), data_version()) == (["one", "two"], after)


def test_the_version_is_seen_by_other_processes(own_app):
    """Another engine, as another process has one, sees the same change."""
    other = create_app(own_app.config["PORTAL"])
    with other.app_context():
        before = data_version()
        db.session.remove()
        with own_app.app_context():
            write(put, "one")
            db.session.remove()
        assert data_version() != before
        db.session.remove()
        db.engine.dispose()


# --- times ---------------------------------------------------------------------------------------


def test_a_naive_time_is_refused(app):
    with pytest.raises(ValueError, match="naive"):
        UtcDateTime().process_bind_param(datetime(2026, 5, 1), db.engine.dialect)  # noqa: DTZ001


def test_a_time_comes_back_aware_and_exact(app, make):
    at = datetime(2026, 5, 1, 12, 30, 15, 123456, tzinfo=UTC)
    person = make.person()
    person.phone_confirmed_at = at.astimezone(clock.zone())
    db.session.commit()
    db.session.expire_all()
    assert person.phone_confirmed_at == at
    assert person.phone_confirmed_at.utcoffset().total_seconds() == 0
