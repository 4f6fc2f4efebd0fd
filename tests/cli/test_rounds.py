"""The rounds: each task once at a time, a failing one alone, twice and side by side harmless."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from portal.cli import rounds
from portal.core import clock
from portal.core.db import db, is_sqlite, write
from portal.core.ref import Ref
from portal.notices import actions as notices
from portal.notices.models import Notice
from portal.people.models_sign_ins import SignIn
from portal.records import leases, limits, outbox
from portal.records.leases import Lease
from portal.records.limits import Attempt
from portal.records.outbox import OutboxRow


def notices_of(person):
    return db.session.scalar(select(func.count()).where(Notice.person_id == person.id))


def tell(person, **kwargs):
    write(notices.tell, person.id, "offer", Ref("shift", 1), now=clock.now(), **kwargs)


def test_every_feature_with_something_due_is_asked_bottom_up():
    names = [name for name, _task in rounds.tasks()]
    assert names[:3] == ["records.relay", "records.prune", "people.end_idle"]
    assert names.index("signups.due") < names.index("attendance.due")
    assert "notice" in rounds.deliverers()


def test_tick_delivers_once_however_often_it_runs(filled, run):
    person = filled.person()
    tell(person)
    tell(person, wait=timedelta(minutes=10))
    assert run("tick").exit_code == 0
    assert run("tick").exit_code == 0
    assert notices_of(person) == 1


def test_side_by_side(filled, own_app):
    person = filled.person()
    for _ in range(20):
        tell(person)
    db.session.rollback()
    barrier, failed = Barrier(3), []

    def one():
        with own_app.app_context():
            barrier.wait()
            failed.extend(rounds.tick(clock.now()))

    threads = [Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert notices_of(person) == 20


def test_a_task_that_somebody_else_does_is_left_to_them(own_app, monkeypatch):
    ran = []
    monkeypatch.setattr(rounds, "tasks", lambda: iter([("x.due", ran.append)]))
    now = clock.now()
    assert write(leases.take, "x.due", minutes=5, now=now)
    assert rounds.tick(now) == []
    assert ran == []
    later = now + timedelta(minutes=6)  # whoever took it was killed
    rounds.tick(later)
    assert ran == [later]


def test_a_failing_task_is_named_and_tried_again(own_app, run, monkeypatch):
    ran = []

    def fail(_now):
        ran.append("fail")
        raise ZeroDivisionError

    monkeypatch.setattr(rounds, "tasks", lambda: iter([("a.due", fail), ("b.due", ran.append)]))
    result = run("tick")
    assert result.exit_code == 1
    assert "These tasks failed, see the log: a.due" in result.output
    assert len(ran) == 2
    run("tick")
    assert ran.count("fail") == 2
    done = dict(db.session.execute(select(Lease.task, Lease.done_at)).all())
    assert done["a.due"] is None
    assert done["b.due"] is not None


def test_a_row_that_cannot_be_delivered_does_not_hold_up_the_others(filled, own_app):
    person = filled.person()
    now = clock.now()
    write(outbox.put, "nobody_knows_this", Ref("x", 1), {}, now=now - timedelta(minutes=1))
    tell(person)
    assert rounds.relay(clock.now()) == 1
    assert notices_of(person) == 1
    row = db.session.scalars(select(OutboxRow).filter_by(kind="nobody_knows_this")).one()
    assert row.done_at is None
    assert row.not_before > now
    assert outbox.stuck(now=now) == 0
    assert outbox.stuck(now=now + timedelta(days=1, minutes=1)) == 1


def test_pruning(filled, own_app):
    person = filled.person()
    now = clock.now()
    write(limits.count, limits.RESET_ACCOUNT, "a", now=now - timedelta(days=3))
    write(limits.count, limits.RESET_ACCOUNT, "a", now=now)
    tell(person)
    rounds.relay(now + timedelta(seconds=1))
    rounds.prune(now + timedelta(days=1))
    assert db.session.scalar(select(func.count()).select_from(Attempt)) == 1
    assert db.session.scalar(select(func.count()).select_from(OutboxRow)) == 1
    rounds.prune(now + timedelta(days=31))
    assert db.session.scalar(select(func.count()).select_from(OutboxRow)) == 0


@pytest.mark.parametrize(("days", "ended"), [(29, False), (31, True)])
def test_idle_sign_ins_end(filled, own_app, days, ended):
    person = filled.person()
    now = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    db.session.add(SignIn(token_hash="x", person_id=person.id, created_at=now, last_seen_at=now))
    db.session.commit()
    rounds.end_idle(now + timedelta(days=days))
    row = db.session.scalars(select(SignIn)).one()
    assert (row.ended_at is not None) is ended


def test_the_log_is_copied_and_cut_off_when_it_is_long(filled, own_app, monkeypatch):
    if not is_sqlite():
        rounds.checkpoint()
        assert rounds.log_size() == 0
        return
    filled.station()
    db.session.rollback()
    assert rounds.log_size() > 0
    rounds.checkpoint()
    assert rounds.log_size() > 0
    monkeypatch.setattr(rounds, "LONGEST_LOG", 1)
    rounds.checkpoint()
    assert rounds.log_size() == 0
