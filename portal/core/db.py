"""The database edge: declarative base, aware times, append-only tables, and `write`.

SQLite runs in WAL mode with `synchronous=FULL`; a success page is a promise that the data is on
disk. Reads see one snapshot (`BEGIN`), writes take the write lock first (`BEGIN IMMEDIATE`):
a deferred read that turns into a write fails at once with "database is locked", whatever the
busy timeout.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from threading import Lock
from typing import Any, TypeVar

from flask import Flask, g
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    CheckConstraint,
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Executable,
    Insert,
    MetaData,
    PoolProxiedConnection,
    String,
    Table,
    insert,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from portal.core import engines, ids
from portal.core.errors import Busy

ATTEMPTS = 3

Result = TypeVar("Result")


class Base(DeclarativeBase):
    """Base of every mapped class; constraint names are fixed, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(
    metadata=Base.metadata,
    session_options={
        "expire_on_commit": False,
        # Tests hand in a connection with an open transaction and roll it back afterwards.
        "join_transaction_mode": "create_savepoint",
    },
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant; a naive value raises ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive values, store UTC (SQLite keeps no offset)."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the instant aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class PublicIdMixin:
    """A row that appears in addresses: ten random characters beside the internal id."""

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(10), unique=True, default=ids.public_id)


def one_of(column: str, members: Any, name: str | None = None) -> CheckConstraint:
    """Return the CHECK that a text column holds a member of the enum (for `__table_args__`)."""
    values = ", ".join(f"'{member.value}'" for member in members)
    return CheckConstraint(f"{column} IN ({values})", name=name or f"{column}_known")


# --- engines -------------------------------------------------------------------------------------


def init_app(app: Flask) -> None:
    """Bind the application to its database and wire the engine's connection events."""
    db.init_app(app)
    with app.app_context():
        for engine in db.engines.values():
            engines.wire(engine)


def is_sqlite() -> bool:
    """Return whether the application runs on SQLite."""
    return bool(db.engine.dialect.name == "sqlite")


# --- writing -------------------------------------------------------------------------------------


def write(action: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:
    """Run one action in one transaction and commit it; the only way data changes.

    Ends the read snapshot, begins (taking SQLite's write lock), runs `action(*args, **kwargs)`,
    commits. An exception rolls back. After a serialization failure, a deadlock, or a row that
    somebody else inserted first, the action runs again and finds what is there by now; at most
    three times in all, so an action may have no effect outside the database.
    Raises `Busy` when a lock is not had within five seconds.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with _turn(), _transaction():
                return action(*args, **kwargs)
        except DBAPIError as error:
            if _is_lock_timeout(error):
                raise Busy from error
            if attempt == ATTEMPTS or not _may_succeed_later(error):
                raise
            time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311  jitter, not a secret
    raise AssertionError("unreachable")


# SQLite has one writer, and its busy handler sleeps and asks again, which is unfair to a crowd:
# the threads of one process queue here, so that only processes meet at the database's own lock.
_writer = Lock()


@contextmanager
def _turn() -> Iterator[None]:
    if not is_sqlite():
        yield
        return
    if not _writer.acquire(timeout=engines.LOCK_SECONDS):
        raise Busy
    try:
        yield
    finally:
        _writer.release()


@contextmanager
def _transaction() -> Iterator[None]:
    session = db.session
    session.rollback()
    # What was read in an earlier transaction of this session may have changed since.
    session.expire_all()
    try:
        connection = session.connection(execution_options={engines.WRITE_OPTION: True})
        session.info["writing"] = connection
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SET LOCAL lock_timeout = '{engines.LOCK_SECONDS}s'"))
        yield
        session.flush()
        _count_write(connection)
        session.commit()
    except BaseException:
        session.rollback()
        g.pop("kept", None)
        raise
    finally:
        session.info.pop("writing", None)
        g.pop("data_version", None)


def is_writing() -> bool:
    """Return whether this runs inside `write`."""
    return "writing" in db.session.info


def execute(
    statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
) -> CursorResult[Any]:
    """Run a statement in the running transaction and return its columns; nothing is flushed first.

    A `write` knows its connection: to ask the session for it costs a third of the statement. Within
    a savepoint the session is asked, as it sets the savepoint only then.
    """
    session = db.session()
    connection: Connection | None = session.info.get("writing")
    if connection is None or session.in_nested_transaction():
        connection = session.connection()
    return connection.execute(statement, values)


def append(model: type[Base], **values: Any) -> int:
    """Insert a row and return its id, for a third of the price of an object.

    What it refers to must have been flushed.
    """
    key: Any = execute(_insert(model), values).inserted_primary_key
    return int(key[0])


@cache
def _insert(model: type[Base]) -> Insert:
    return insert(model)


def locked(model: type[Result], row_id: int) -> Result | None:
    """Load one row as it is now and hold its lock until the end of the transaction."""
    if is_sqlite():  # holds the lock of all rows since the write began, and has read none before
        return db.session.get(model, row_id)
    return db.session.get(model, row_id, with_for_update=True, populate_existing=True)


def _is_lock_timeout(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    return state == "55P03" or "database is locked" in str(error.orig)


def _may_succeed_later(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in {"40001", "40P01", "23505"}


# --- data version --------------------------------------------------------------------------------


def _count_write(connection: Connection) -> None:
    """Let `data_version` see the write. SQLite's header field is part of the transaction."""
    if connection.dialect.name == "sqlite":
        cursor = connection.connection.cursor()
        (seen,) = cursor.execute("PRAGMA user_version").fetchone()
        cursor.execute(f"PRAGMA user_version = {(seen + 1) % 2_000_000_000}")


def data_version() -> str:
    """Return a text that differs whenever committed data differs.

    Read before the data it stands for, it is never newer than them. PostgreSQL's snapshot says it
    for nothing; on SQLite every `write` counts the header's user version up.
    """
    if not is_sqlite():
        query = "SELECT pg_current_snapshot()::text"
        return str(db.session.connection().exec_driver_sql(query).scalar_one())
    if db.session.registry.has() and db.session().in_transaction():
        return _user_version(db.session.connection().connection)  # of the snapshot it reads
    # Outside of any transaction: all that a page which is kept asks for.
    connection = db.engine.raw_connection()
    try:
        return _user_version(connection)
    finally:
        connection.close()


def _user_version(connection: PoolProxiedConnection) -> str:
    return str(connection.cursor().execute("PRAGMA user_version").fetchone()[0])


# --- append-only tables --------------------------------------------------------------------------

# Table name -> days after which the retention job may delete a row (None: never), by column `at`.
APPEND_ONLY: dict[str, int | None] = {}


def append_only(table: Table, *, keep_days: int | None = None) -> None:
    """Declare that rows of the table are never changed, and deleted only after `keep_days`."""
    APPEND_ONLY[table.name] = keep_days
