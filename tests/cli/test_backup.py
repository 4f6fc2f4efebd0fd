"""A backup holds everything, and only a whole one of this version comes back."""

import json
import sqlite3
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
from flask_migrate import upgrade
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal import create_app
from portal.cli import archive, rounds
from portal.core import clock, tokens
from portal.core.access import SYSTEM, Role
from portal.core.db import Base, db, is_sqlite, write
from portal.core.ref import Ref
from portal.hours import actions as hours
from portal.hours import hooks, seals
from portal.hours.models import Source
from portal.org.models import Level, Station
from portal.people import actions as people_actions
from portal.people.models import Person, Volunteer
from portal.people.models_consents import GuardianConsent
from portal.records import files, notes, outbox, search, settings
from portal.shifts.models import PlaceRole
from portal.signups import actions as signups
from tests.conftest import config_for
from tests.wishes import pictures

# What restoring writes besides the rows of the file, and what counts from process to process.
OWN_TABLES = {"audit_entry", "lease"}


def fill(make):
    """Write rows of every type of column, and rows that point at rows of the same table."""
    station = make.station("幸福社区实践站")
    point = make.station("幸福广场点", parent=station, level=Level.POINT)
    # A parent that was made after its child, and a person merged into a later one.
    late = make.station("后建的实践所", level=Level.INSTITUTE)
    station.parent_id = late.id
    old, new = make.person("欧阳𬭎"), make.person("欧阳𬭎")
    old.merged_into_id = new.id
    volunteer = make.volunteer(station)
    row = db.session.scalars(select(Volunteer)).one()
    row.id_number_sealed = tokens.seal("id", "110101199001011237")
    db.session.add(
        GuardianConsent(
            person_id=new.id, guardian_sealed=b"\x00\xff\r\n", channel="paper", at=clock.now()
        )
    )
    db.session.commit()
    shift = make.shift(point)
    waiting = make.shift(station, places={"attendee": 1}, starts_at=clock.now() + timedelta(days=3))
    now = clock.now()
    write(signups.sign_up, shift.id, volunteer.id, PlaceRole.VOLUNTEER, actor=SYSTEM, now=now)
    for person in (make.person(), make.person()):
        write(signups.sign_up, waiting.id, person.id, PlaceRole.ATTENDEE, actor=SYSTEM, now=now)
    entry = write(hours.credit, credit(volunteer, shift, station), actor=SYSTEM, now=now)
    write(hours.reverse, entry.id, actor=SYSTEM, now=now)
    write(settings.change, "site_name", "门户\n\u2028\"'\\", actor=SYSTEM, now=now)
    write(notes.put, Ref("person", new.id), "reason", "一句话\r\n两行", actor=SYSTEM, now=now)
    write(outbox.put, "notice", Ref("shift", shift.id), {"n": [1, None, "文"]}, now=now)
    write(files.put, files.picture(pictures.jpeg()), now=now)
    write(search.put, Ref("station", station.id), "䶮城书法社区")
    make.holder(Role.ADMINISTRATOR, station)


def credit(person, shift, station):
    return hours.Credit(
        person_id=person.id,
        shift_id=shift.id,
        station_id=station.id,
        kind_id=shift.offering.kind_id,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        minutes=120,
        source=Source.CHECK_IN,
        source_ref=Ref("visit", 1),
        rule={"grace": 15, "note": None},
    )


def everything():
    """Return all rows of all tables, comparable between databases."""
    db.session.rollback()
    return {
        table.name: [
            tuple(row) for row in db.session.execute(select(table).order_by(*table.primary_key))
        ]
        for table in Base.metadata.sorted_tables
    }


def without_own(rows):
    return {name: found for name, found in rows.items() if name not in OWN_TABLES}


@pytest.fixture
def backup_file(filled, run, tmp_path):
    fill(filled)
    file = tmp_path / "portal.zip"
    assert run("backup", file).exit_code == 0
    return file


@pytest.fixture
def other_app(databases):
    """An application over a second, empty and migrated database."""
    url = databases.copy()
    app = create_app(config_for(url))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    databases.drop(url)


def test_everything_comes_back(backup_file, run, other_app):
    before = everything()
    assert "Restored" in run("restore", backup_file, app=other_app).output
    with other_app.app_context():
        after = everything()
        assert without_own(after) == without_own(before)
        assert after["audit_entry"][:-1] == before["audit_entry"]
        assert len(before["ledger_entry"]) == 2
        row = db.session.scalars(select(Volunteer)).one()
        assert tokens.unseal("id", row.id_number_sealed) == "110101199001011237"
        assert list(db.session.scalars(search.matches("station", "䶮城书法")))


def test_the_file_is_private_and_lists_its_counts(backup_file):
    assert backup_file.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(backup_file) as opened:
        manifest = json.loads(opened.read("manifest.json"))
        assert set(manifest["tables"]) == set(Base.metadata.tables)
        for name, count in manifest["tables"].items():
            assert opened.read(f"tables/{name}.jsonl").count(b"\n") == count
    assert not backup_file.with_name("portal.zip.part").exists()


def test_after_a_restore_ids_go_on_and_ledgers_only_grow(backup_file, run, other_app):
    run("restore", backup_file, app=other_app)
    with other_app.app_context():
        highest = max(db.session.scalars(select(Person.id)))
        details = people_actions.NewPerson(name="后来者")
        row = write(people_actions.record_person, details, actor=SYSTEM, now=clock.now())
        assert row.id == highest + 1
        for statement in ("UPDATE ledger_entry SET minutes = 1", "DELETE FROM step"):
            with pytest.raises(DBAPIError, match="append-only"):
                db.session.execute(text(statement))
            db.session.rollback()


def test_what_init_puts_in_is_no_data(backup_file, run, other_app):
    assert run("init", app=other_app).exit_code == 0
    assert run("restore", backup_file, app=other_app).exit_code == 0


def test_a_database_with_data_is_left_alone_unless_replaced(backup_file, run, filled):
    filled.station("备份以后的实践站")
    before = everything()
    refused = run("restore", backup_file)
    assert refused.exit_code == 1
    assert "--replace" in refused.output
    assert everything() == before
    run("restore", "--replace", backup_file)
    assert "备份以后的实践站" not in set(db.session.scalars(select(Station.name)))
    assert list(db.session.scalars(search.matches("station", "书法")))


def test_an_older_ledger_comes_back_and_its_later_heads_are_put_aside(filled, run, tmp_path):
    hour = timedelta(hours=1)
    station, person = filled.station(), filled.person()
    for number, file in enumerate(("older.zip", "newer.zip")):
        shift = filled.shift(station, starts_at=clock.now() - timedelta(days=number + 2))
        wanted = replace(credit(person, shift, station), source_ref=Ref("visit", number))
        write(hours.credit, wanted, actor=SYSTEM, now=clock.now())
        write(seals.seal, now=clock.now())
        run("backup", tmp_path / file)
    write(outbox_head, now=clock.now())
    assert "do not fit" not in run("restore", "--replace", tmp_path / "newer.zip").output
    restored = run("restore", "--replace", tmp_path / "older.zip")
    assert "do not fit" in restored.output
    assert restored.exit_code == 0
    assert not seals.heads_file().exists()
    [aside] = seals.heads_file().parent.glob(f"{seals.heads_file().stem}-until-*")
    assert len(aside.read_text().splitlines()) == 1
    aside.unlink()
    hooks.due(clock.now() + hour)
    rounds.relay(clock.now() + hour)
    assert hooks.check() == []


def outbox_head(*, now):
    seals.put_head(seals.due_day(now), now=now)
    seals.send_head(seals.due_day(now))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (
            lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
            "not a whole",
        ),
        (lambda file: file.write_bytes(b"hello"), "not a whole"),
        (lambda file: file.unlink(), "There is no file"),
        (lambda file: change(file, schema="0000"), "has schema 0000"),
        (lambda file: change(file, format="something else"), "not a whole"),
        (lambda file: change(file, tables={}), "tables of this version"),
        (lambda file: change(file, count=("station", 1)), "the backup says"),
        (lambda file: cut_rows(file, "station"), "points at another"),
        (lambda file: cut_rows(file, "step"), "the backup says"),
        (lambda file: garble(file, "person"), "cannot be read"),
    ],
)
def test_a_bad_file_changes_nothing(backup_file, run, filled, spoil, words):
    filled.station("备份以后的实践站")
    before = everything()
    spoil(backup_file)
    refused = run("restore", "--replace", backup_file)
    assert refused.exit_code == 1
    assert words in refused.output
    assert everything() == before
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text("DELETE FROM step"))
    db.session.rollback()


def rewrite(file, edit):
    with zipfile.ZipFile(file) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    edit(members)
    with zipfile.ZipFile(file, "w") as opened:
        for name, content in members.items():
            opened.writestr(name, content)


def change(file, count=None, **values):
    def edit(members):
        manifest = {**json.loads(members["manifest.json"]), **values}
        if count:
            manifest["tables"][count[0]] += count[1]
        members["manifest.json"] = json.dumps(manifest).encode()

    rewrite(file, edit)


def cut_rows(file, table):
    name = f"tables/{table}.jsonl"
    rewrite(
        file, lambda members: members.update({name: b"".join(members[name].splitlines(True)[1:])})
    )


def garble(file, table):
    name = f"tables/{table}.jsonl"
    rewrite(file, lambda members: members.update({name: b'{"id": 1}\n' + members[name]}))


def test_a_backup_sees_one_state_while_others_write(filled, run, tmp_path, monkeypatch):
    """A write between two tables is in neither, or in both."""
    filled.station()
    written = []
    original = archive._write_table

    def slowly(opened, connection, table):
        if not written and table.name == "station":
            written.append(filled.station("写在备份中间"))
        return original(opened, connection, table)

    monkeypatch.setattr(archive, "_write_table", slowly)
    file = tmp_path / "portal.zip"
    run("backup", file)
    with zipfile.ZipFile(file) as opened:
        names = opened.read("tables/station.jsonl").decode()
    assert written
    assert "写在备份中间" not in names


def test_the_server_has_to_be_stopped(backup_file, run, own_app):
    if is_sqlite():
        other = sqlite3.connect(db.engine.url.database)
        other.execute("SELECT count(*) FROM station")
    else:
        other = db.engine.dialect.connect(**db.engine.dialect.create_connect_args(db.engine.url)[1])
    try:
        refused = run("restore", "--replace", backup_file)
    finally:
        other.close()
    assert refused.exit_code == 1
    assert "Stop the server" in refused.output


def test_a_district_moves_between_databases(backup_file, run, databases, tmp_path):
    """SQLite to SQLite, or PostgreSQL to SQLite and back: the same rows."""
    before = everything()
    lite = create_app(config_for(f"sqlite:///{tmp_path / 'moved.db'}"))
    run("restore", backup_file, app=lite)
    there = tmp_path / "there.zip"
    with lite.app_context():
        assert db.engine.dialect.name == "sqlite"
        assert without_own(everything()) == without_own(before)
    run("backup", there, app=lite)
    with lite.app_context():
        db.engine.dispose()
    run("restore", "--replace", there)
    assert without_own(everything()) == without_own(before)


def test_another_secret_key_is_told(backup_file, run, tmp_path):
    app = create_app(config_for(f"sqlite:///{tmp_path / 'moved.db'}", secret_key="another " * 8))
    with app.app_context():
        upgrade()
    assert "not the one of the backup" in run("restore", backup_file, app=app).output
    with app.app_context():
        db.engine.dispose()
