"""The format of a backup: a zip of one JSON-lines file per table, and a manifest written last.

Values are those of the columns' types, not of a database: instants as UTC, days as ISO, bytes in
base64. So the same file goes into SQLite and PostgreSQL. Nothing is held in memory but one batch.
"""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Column, Connection, Date, LargeBinary, Table, func, insert, select

from portal.core.db import Base, UtcDateTime

FORMAT = "practice-portal backup 1"
MANIFEST = "manifest.json"
BATCH = 1000
# Of rows that hold a picture each.
LARGE_BATCH = 20

Value = Any
Coder = tuple[Callable[[Value], Value], Callable[[Value], Value]]


class BadArchive(Exception):
    """The file cannot be used; the message says why in one sentence."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `key_mark` tells whether the secret key is still the same."""

    schema: str
    made_at: str
    key_mark: str
    tables: dict[str, int]
    format: str = field(default=FORMAT)


def tables() -> list[Table]:
    """Return all tables, those that others point at first."""
    return list(Base.metadata.sorted_tables)


# --- writing -------------------------------------------------------------------------------------


def write(
    file: Path, connection: Connection, schema: str, key_mark: str, now: datetime
) -> Manifest:
    """Write every table as the connection's snapshot sees it."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        counts = {table.name: _write_table(archive, connection, table) for table in tables()}
        manifest = Manifest(schema, now.astimezone(UTC).isoformat(), key_mark, counts)
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
    return manifest


def _write_table(archive: zipfile.ZipFile, connection: Connection, table: Table) -> int:
    names = [column.name for column in table.columns]
    writers = [_coder(column)[0] for column in table.columns]
    rows = connection.execution_options(yield_per=_batch(table)).execute(
        select(table).order_by(*table.primary_key.columns)
    )
    count = 0
    with archive.open(_member(table), "w", force_zip64=True) as raw:
        for row in rows:
            values = {
                name: None if value is None else writer(value)
                for name, writer, value in zip(names, writers, row, strict=True)
            }
            raw.write(
                json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            )
            count += 1
    return count


# --- reading -------------------------------------------------------------------------------------


def open_archive(file: Path, schema: str) -> tuple[zipfile.ZipFile, Manifest]:
    """Open a file and check all that can be checked before anything is changed."""
    if not file.is_file():
        raise BadArchive(f"There is no file {file}.")
    try:
        archive = zipfile.ZipFile(file)
        broken = archive.testzip()
        known = json.loads(archive.read(MANIFEST))
        manifest = Manifest(**known)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError, EOFError) as error:
        raise BadArchive(f"{file} is not a whole backup of the portal.") from error
    if broken is not None or manifest.format != FORMAT:
        raise BadArchive(f"{file} is not a whole backup of the portal.")
    if manifest.schema != schema:
        raise BadArchive(
            f"The backup has schema {manifest.schema}, this version of the portal has {schema}. "
            "Restore it with the version that wrote it, and upgrade afterwards."
        )
    if set(manifest.tables) != set(Base.metadata.tables):
        raise BadArchive(f"{file} does not hold the tables of this version.")
    return archive, manifest


def load(archive: zipfile.ZipFile, manifest: Manifest, connection: Connection) -> None:
    """Insert every row, in one transaction of the caller's. Raises BadArchive for wrong counts."""
    for table in tables():
        rows = _read_table(archive, table)
        for column in self_references(table):
            rows = _pointed_at_first(rows, column.name)
        count = _insert(connection, table, rows)
        if count != manifest.tables[table.name]:
            raise BadArchive(
                f"{table.name} has {count} rows, the backup says {manifest.tables[table.name]}."
            )
    if connection.dialect.name == "postgresql":
        _set_sequences(connection)


def _read_table(archive: zipfile.ZipFile, table: Table) -> Iterator[dict[str, Value]]:
    readers = {column.name: _coder(column)[1] for column in table.columns}
    with archive.open(_member(table)) as raw:
        lines: TextIO = io.TextIOWrapper(raw, encoding="utf-8", newline="\n")
        for number, line in enumerate(lines, 1):
            try:
                values = json.loads(line)
                yield {
                    name: None if values[name] is None else reader(values[name])
                    for name, reader in readers.items()
                }
            except (ValueError, KeyError, TypeError) as error:
                raise BadArchive(f"Line {number} of {_member(table)} cannot be read.") from error


def _pointed_at_first(rows: Iterator[dict[str, Value]], column: str) -> Iterator[dict[str, Value]]:
    """Yield rows of a table that points at itself so that each comes after the row it points at."""
    seen: set[Value] = set()
    waiting: dict[Value, list[dict[str, Value]]] = {}
    for row in rows:
        if row[column] is not None and row[column] not in seen and row[column] != row["id"]:
            waiting.setdefault(row[column], []).append(row)
            continue
        ready = [row]
        while ready:
            one = ready.pop()
            yield one
            seen.add(one["id"])
            ready += waiting.pop(one["id"], ())
    if waiting:
        raise BadArchive("A row points at another that is not in the backup.")


def _insert(connection: Connection, table: Table, rows: Iterator[dict[str, Value]]) -> int:
    count = 0
    while batch := list(islice(rows, _batch(table))):
        connection.execute(insert(table), batch)
        count += len(batch)
    return count


def _batch(table: Table) -> int:
    return LARGE_BATCH if any(column.info.get("large") for column in table.columns) else BATCH


def _set_sequences(connection: Connection) -> None:
    for table in tables():
        column = table.autoincrement_column
        if column is not None:
            highest = connection.scalar(select(func.max(column)))
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            if highest is not None:
                connection.execute(select(func.setval(sequence, highest)))


def _member(table: Table) -> str:
    return f"tables/{table.name}.jsonl"


def self_references(table: Table) -> list[Column[Any]]:
    """Return the columns with which rows of the table point at rows of the same table."""
    return [key.parent for key in table.foreign_keys if key.column.table is table]


def _coder(column: Column[Any]) -> Coder:
    if isinstance(column.type, UtcDateTime):
        return _write_instant, datetime.fromisoformat
    if isinstance(column.type, Date):
        return date.isoformat, date.fromisoformat
    if isinstance(column.type, LargeBinary):
        return _write_bytes, base64.b64decode
    return _as_it_is, _as_it_is


def _write_instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat()


def _write_bytes(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _as_it_is(value: Value) -> Value:
    return value
