"""`backup FILE` while serving, `restore FILE` with the server stopped; see `archive` for the file."""

from __future__ import annotations

import os
import sqlite3
import zipfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy import Connection, text

from portal.cli import archive, checks, rounds
from portal.cli.edge import command, holds_data, need_schema
from portal.core import clock, schema, tokens
from portal.core.access import SYSTEM, Actor
from portal.core.db import db, is_sqlite, write
from portal.core.ref import Ref
from portal.core.triggers import install_triggers, remove_triggers
from portal.hours import seals
from portal.records import audit


@command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write everything the database holds into one zip, as of one instant, while serving.

    The secret key is not in it: keep a copy of the key file elsewhere.
    """
    part = file.with_name(file.name + ".part")
    try:
        with db.engine.connect() as connection:
            snapshot = _one_snapshot(connection)
            head = schema.database_head(snapshot) or ""
            manifest = archive.write(part, snapshot, head, _key_mark(), clock.now())
        _sync(part)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    rows = sum(manifest.tables.values())
    click.echo(f"{file}: {rows} rows of {len(manifest.tables)} tables, schema {manifest.schema}.")


def _one_snapshot(connection: Connection) -> Connection:
    """Let all reads of the connection see one state. On SQLite a transaction does so by itself."""
    if is_sqlite():
        return connection
    return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _sync(file: Path) -> None:
    with file.open("rb") as stream:
        os.fsync(stream.fileno())


@command("restore", needs_schema=False)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Delete what the database holds first.")
def restore(file: Path, *, replace: bool) -> None:
    """Load a backup with the server stopped; all of it or nothing. Checks the data afterwards."""
    try:
        opened, manifest = archive.open_archive(file, schema.code_head())
        with opened:
            _prepare(replace=replace)
            write(_load, opened, manifest, actor=SYSTEM, now=clock.now())
    except archive.BadArchive as error:
        raise click.ClickException(f"{error} Nothing was changed.") from error
    click.echo(f"Restored {sum(manifest.tables.values())} rows as of {manifest.made_at}.")
    if manifest.key_mark != _key_mark():
        click.echo(
            "The secret key is not the one of the backup: sealed values and signatures cannot be "
            "read until the old key is back (SECRET_KEY or the key file)."
        )
    aside = seals.put_aside(clock.now())
    if aside:
        click.echo(f"The heads of the ledger written down so far do not fit; they are in {aside}.")
    checks.report()


def _prepare(*, replace: bool) -> None:
    others = _others_connected()
    if others:
        raise click.ClickException(f"{others} Stop the server and the worker first.")
    if schema.database_head() is None:
        schema.upgrade()
    need_schema()
    if holds_data() and not replace:
        raise click.ClickException(
            "The database holds data. Make a backup of it, then use --replace to delete it."
        )


def _load(
    opened: zipfile.ZipFile, manifest: archive.Manifest, *, actor: Actor, now: datetime
) -> None:
    connection = db.session.connection()
    remove_triggers(connection)
    _delete_everything(connection)
    archive.load(opened, manifest, connection)
    install_triggers(connection)
    audit.record("data.restore", Ref("backup", 0), actor=actor, now=now, made_at=manifest.made_at)


def _delete_everything(connection: Connection) -> None:
    tables = list(reversed(archive.tables()))
    if connection.dialect.name == "postgresql":
        names = ", ".join(f'"{table.name}"' for table in tables)
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
        return
    for table in tables:
        # RESTRICT refuses row by row, so rows that others of the same table point at come last.
        for column in archive.self_references(table):
            pointed_at = f'SELECT "{column.name}" FROM "{table.name}" WHERE "{column.name}" NOTNULL'  # noqa: S608
            leaves = text(f'DELETE FROM "{table.name}" WHERE id NOT IN ({pointed_at})')  # noqa: S608
            while connection.execute(leaves).rowcount:
                pass
        connection.execute(table.delete())


def _others_connected() -> str:
    """Return a sentence when another process uses the database, as far as that can be seen."""
    db.session.remove()
    db.engine.dispose()
    file = rounds.database_file()
    if file is not None:
        return _others_on_sqlite(file)
    query = text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend'"
    )
    count = db.session.scalar(query)
    return f"{count} other connections use the database." if count else ""


def _others_on_sqlite(file: Path) -> str:
    """Whoever has a database in WAL mode open holds a shared lock on it."""
    with closing(sqlite3.connect(file, timeout=0.2, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return "Another program has the database open."
    return ""


def _key_mark() -> str:
    return tokens.keyed_hash("backup", "the same key")[:16]


COMMANDS = (backup, restore)
