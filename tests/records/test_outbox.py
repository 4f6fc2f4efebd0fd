"""The outbox: what must happen outside is written inside, goes out once, and never holds up the rest."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.ref import Ref
from portal.records import audit, leases, notes, outbox, stale, steps
from portal.records.audit import AuditEntry
from portal.records.outbox import OutboxRow


@pytest.fixture
def now():
    return clock.now().replace(microsecond=0)


def put(now, number=1, **kwargs):
    write(outbox.put, "notice", Ref("shift", number), {"n": number}, now=now, **kwargs)


def waiting():
    return db.session.query(OutboxRow).filter_by(done_at=None).count()


def test_a_row_goes_out_once(app, now):
    put(now)
    seen = []
    deliverers = {"notice": lambda row, _now: seen.append(row.payload["n"])}
    assert outbox.relay(deliverers, now=now) == 1
    assert outbox.relay(deliverers, now=now) == 0
    assert seen == [1]


def test_not_before_its_time(app, now):
    put(now, wait=timedelta(minutes=10))
    deliverers = {"notice": lambda _row, _now: None}
    assert outbox.relay(deliverers, now=now + timedelta(minutes=9)) == 0
    assert outbox.oldest_waiting() == now + timedelta(minutes=10)
    assert outbox.relay(deliverers, now=now + timedelta(minutes=10)) == 1
    assert outbox.oldest_waiting() is None


def test_what_was_undone_in_time_never_goes_out(app, now):
    put(now, 1, wait=timedelta(minutes=10))
    put(now, 2, wait=timedelta(minutes=10))
    write(outbox.recall, Ref("shift", 1))
    assert waiting() == 1


def test_one_that_fails_waits_and_holds_up_nobody(app, now):
    put(now, 1)
    put(now, 2)
    seen = []

    def deliver(row, _now):
        if row.payload["n"] == 1:
            raise RuntimeError("no")
        seen.append(row.payload["n"])

    assert outbox.relay({"notice": deliver}, now=now) == 1
    assert seen == [2]
    assert outbox.relay({"notice": deliver}, now=now) == 0
    assert outbox.relay({"notice": lambda *_args: None}, now=now + outbox.AGAIN_AFTER) == 1


def test_one_that_fails_leaves_nothing(app, now):
    put(now)

    def deliver(_row, _now):
        put_inside = OutboxRow(
            kind="x", subject_kind="x", subject_id=1, payload={}, created_at=now, not_before=now
        )
        db.session.add(put_inside)
        db.session.flush()
        raise RuntimeError("no")

    outbox.relay({"notice": deliver}, now=now)
    assert db.session.query(OutboxRow).count() == 1


def test_a_kind_nobody_delivers_is_kept(app, now):
    put(now)
    assert outbox.relay({}, now=now) == 0
    assert waiting() == 1
    assert outbox.stuck(now=now) == 0
    assert outbox.stuck(now=now + timedelta(days=2)) == 1


def test_delivered_rows_are_put_away_in_the_end(app, now):
    put(now)
    outbox.relay({"notice": lambda *_args: None}, now=now)
    write(outbox.prune, now=now + outbox.KEEP)
    assert db.session.query(OutboxRow).count() == 1
    write(outbox.prune, now=now + outbox.KEEP + timedelta(seconds=1))
    assert db.session.query(OutboxRow).count() == 0


# --- leases --------------------------------------------------------------------------------------


def test_a_task_runs_once_at_a_time(app, now):
    def take(at):
        return write(leases.take, "tick", minutes=5, now=at)

    assert take(now)
    assert not take(now + timedelta(minutes=4))
    assert take(now + timedelta(minutes=5))
    write(leases.release, "tick", now=now + timedelta(minutes=6))
    assert leases.last_done() == now + timedelta(minutes=6)
    assert take(now + timedelta(minutes=6))
    write(leases.give_back, "tick", now=now + timedelta(minutes=7))
    assert leases.last_done() == now + timedelta(minutes=6)
    assert take(now + timedelta(minutes=7))


# --- audit, steps, notes, stale days --------------------------------------------------------------


def test_the_audit_log_knows_its_verbs(app, now):
    with pytest.raises(KeyError):
        write(audit.record, "person.dance", Ref("person", 1), actor=SYSTEM, now=now)
    write(audit.record, "person.record", Ref("person", 1), actor=SYSTEM, now=now, channel="desk")
    (entry,) = db.session.query(AuditEntry).filter(AuditEntry.verb != "calendar.import")
    assert (entry.verb, entry.actor_id, entry.details) == (
        "person.record",
        None,
        {"channel": "desk"},
    )


def test_an_entry_carries_the_requests_number(browser, make):
    browser.sign_in(make.person())
    response = browser.post("/logout")
    entry = db.session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
    assert entry.request_id == response.headers["X-Request-Id"]


def test_no_entry_holds_a_name_or_a_phone(browser, make):
    """Details are ids, numbers and codes; what is about a person lives in a note."""
    shift = make.shift()
    person = make.person("欧阳测试", phone="13712340000")
    browser.sign_in(person)
    browser.post(f"/shifts/{shift.public_id}/signup", {"role": "attendee"})
    browser.post("/login", {"phone": "13712340000", "password": "wrong-password"})
    for entry in db.session.query(AuditEntry):
        assert "欧阳" not in str(entry.details)
        assert "13712340000" not in str(entry.details)


def test_steps_are_in_their_order(app, now):
    subject = Ref("signup", 7)
    for before, verb, after in (
        ("", "sign_up", "confirmed"),
        ("confirmed", "withdraw", "withdrawn"),
    ):
        write(steps.record, subject, before, verb, after, actor=SYSTEM, now=now)
    write(steps.record, Ref("signup", 8), "", "sign_up", "confirmed", actor=SYSTEM, now=now)
    assert [step.verb for step in steps.of(subject)] == ["sign_up", "withdraw"]


def test_notes_are_kept_apart_and_erased(app, now):
    subject = Ref("signup", 7)
    for text in ("要上班", "", "孩子病了"):
        write(notes.put, subject, "reason", text, actor=SYSTEM, now=now)
    assert [note.text for note in notes.of(subject)] == ["孩子病了", "要上班"]
    assert notes.latest(subject, "reason") == "孩子病了"
    assert notes.latest(subject, "identity") == ""
    write(notes.erase, subject)
    assert notes.of(subject) == []


def test_marking_a_day_twice_is_harmless(make, now):
    station = make.station()
    for _ in range(2):
        write(stale.mark, clock.local_day(now), station.id)
    assert db.session.query(stale.StaleDay).filter_by(station_id=station.id).count() == 1
