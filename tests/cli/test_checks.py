"""`check-data` and `doctor`: quiet when all is well, one line and exit code 1 for each fault."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from portal.cli import checks, doctor, rounds
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, is_sqlite, write
from portal.core.ref import Ref
from portal.people import actions as people_actions
from portal.people import passwords
from portal.records import audit, leases, outbox, settings
from portal.shifts.models import Place


def test_data_that_agree(filled, run):
    filled.shift()
    result = run("check-data")
    assert (result.exit_code, result.output) == (0, "The data agree.\n")


def test_a_mismatch_is_listed(filled, run):
    shift = filled.shift()
    place = db.session.query(Place).filter_by(shift_id=shift.id).first()
    place.taken = 1
    db.session.commit()
    result = run("check-data")
    assert result.exit_code == 1
    assert "signups: " in result.output
    assert "1 mismatches." in result.output


def test_a_check_that_breaks_is_a_mismatch(own_app, run, monkeypatch):
    class Hooks:
        @staticmethod
        def check():
            raise ZeroDivisionError

    monkeypatch.setattr(checks, "load", lambda *_names: Hooks)
    result = run("check-data")
    assert result.exit_code == 1
    assert "the check itself failed (ZeroDivisionError)" in result.output


def test_a_row_that_points_nowhere_is_listed(filled, run):
    if not is_sqlite():
        pytest.skip("PostgreSQL does not let it happen")
    shift = filled.shift()
    db.session.rollback()
    raw = db.engine.raw_connection()
    raw.cursor().execute("PRAGMA foreign_keys = OFF")
    raw.cursor().execute(f"DELETE FROM offering WHERE id = {shift.offering_id}")
    raw.cursor().execute("PRAGMA foreign_keys = ON")
    raw.close()
    result = run("check-data")
    assert result.exit_code == 1
    assert "points at a missing row of offering" in result.output


# --- doctor --------------------------------------------------------------------------------------


@pytest.fixture
def well(filled, own_app):
    """An installation in which nothing is wrong."""
    filled.station()
    rounds.tick(clock.now())
    return own_app


def verdicts(app, **changes):
    """Return level by subject, with the configuration changed."""
    kept = app.config["PORTAL"]
    app.config["PORTAL"] = replace(kept, **changes)
    db.session.rollback()
    try:
        with app.app_context():
            return {one.subject: one.level.value for one in doctor.findings()}
    finally:
        app.config["PORTAL"] = kept


PRODUCTION = {"public_url": "https://portal.example.org", "trusted_proxies": 1}


def test_nothing_is_wrong(well, run):
    assert "FAIL" not in verdicts(well).values()
    assert "FAIL" not in verdicts(well, **PRODUCTION).values()
    assert run("doctor").exit_code == 0


@pytest.mark.parametrize(
    ("changes", "subject", "level"),
    [
        ({**PRODUCTION, "trusted_proxies": 0}, "configuration", "WARN"),
        ({"host": "0.0.0.0", "public_url": "http://127.0.0.1:8000"}, "configuration", "WARN"),
        ({"ratelimit_enabled": False}, "rate limits", "WARN"),
    ],
)
def test_settings_that_make_no_sense(well, changes, subject, level):
    assert verdicts(well)[subject] == "OK"
    assert verdicts(well, **changes)[subject] == level


def test_a_key_others_may_read(well, run, tmp_path, monkeypatch):
    file = tmp_path / "secret_key"
    file.write_text("x" * 40)
    monkeypatch.setattr(doctor, "key_file", lambda: file)
    file.chmod(0o600)
    assert verdicts(well)["secret key"] == "OK"
    file.chmod(0o640)
    assert verdicts(well)["secret key"] == "FAIL"
    result = run("doctor")
    assert result.exit_code == 1
    assert f"-> chmod 600 {file}" in result.output


@pytest.mark.parametrize(("free", "level"), [(5, "OK"), (0.5, "WARN"), (0.1, "FAIL")])
def test_disk(well, monkeypatch, free, level):
    usage = SimpleNamespace(free=int(free * 1024**3))
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _path: usage)
    assert verdicts(well)["disk"] == level


@pytest.mark.parametrize(("version", "level"), [((3, 40, 1), "WARN"), ((3, 51, 3), "OK")])
def test_sqlite_version(well, monkeypatch, version, level):
    monkeypatch.setattr(doctor.sqlite3, "sqlite_version_info", version)
    assert verdicts(well)["SQLite"] == (level if is_sqlite() else "OK")


def test_a_long_log(well, monkeypatch):
    monkeypatch.setattr(rounds, "log_size", lambda: rounds.LONGEST_LOG + 1)
    assert verdicts(well)["write-ahead log"] == "FAIL"


def test_a_schema_that_does_not_fit(well, run):
    db.session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    db.session.commit()
    found = verdicts(well)
    assert found["schema"] == "FAIL"
    assert "tick" not in found
    assert run("doctor").exit_code == 1


def test_a_database_that_does_not_answer(well, run, monkeypatch):
    def fail():
        db.session.execute(text("SELECT * FROM nowhere"))

    monkeypatch.setattr(doctor.schema, "database_head", fail)
    result = run("doctor")
    assert result.exit_code == 1
    assert "FAIL  database: " in result.output


def test_a_clock_behind_the_records(well):
    later = clock.now() + timedelta(hours=1)
    write(audit.record, "person.reveal", Ref("person", 1), actor=SYSTEM, now=later)
    assert verdicts(well)["clock"] == "FAIL"


def test_tick_too_old_or_never(well):
    write(leases.release, "records.relay", now=clock.now() - timedelta(minutes=6))
    db.session.execute(text("UPDATE lease SET done_at = NULL WHERE task <> 'records.relay'"))
    db.session.commit()
    assert verdicts(well)["tick"] == "FAIL"
    db.session.execute(text("DELETE FROM lease"))
    db.session.commit()
    assert verdicts(well)["tick"] == "FAIL"


def test_an_outbox_nobody_empties(well):
    long_ago = clock.now() - timedelta(minutes=11)
    write(outbox.put, "notice", Ref("shift", 1), {}, now=long_ago)
    assert verdicts(well)["outbox"] == "FAIL"


@pytest.mark.parametrize(
    ("day", "level"),
    [((2026, 11, 24), "OK"), ((2026, 11, 26), "WARN"), ((2028, 1, 2), "FAIL")],
)
def test_holiday_lists(well, time_machine, day, level):
    time_machine.move_to(datetime(*day, 4, tzinfo=UTC))
    assert verdicts(well)["holiday list"] == level


def test_demo_accounts_in_production(well, filled):
    details = people_actions.NewPerson(name="演示", phone=doctor.DEMO_SIGN_INS[0][0])
    hashed = passwords.hash_password("demo-portal-2026")
    write(people_actions.register, details, hashed, actor=SYSTEM, now=clock.now())
    assert verdicts(well)["demo accounts"] == "OK"
    assert verdicts(well, **PRODUCTION)["demo accounts"] == "FAIL"


def test_the_demo_district_in_production(well):
    write(settings.change, "is_demo", True, actor=SYSTEM, now=clock.now())
    assert verdicts(well, **PRODUCTION)["demo accounts"] == "FAIL"
