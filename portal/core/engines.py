"""How each database is connected to: what makes SQLite durable, and how its write lock is taken."""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Engine, event

LOCK_SECONDS = 5
WEB_CHECKPOINT_PAGES = 4000
WRITE_OPTION = "portal_write"
_LOOK_SECONDS = 0.001


def engine_options(url: str) -> dict[str, Any]:
    """Return the engine options for a database address. What is stored stays out of messages."""
    if url.startswith("sqlite"):
        return {
            "connect_args": {"timeout": LOCK_SECONDS},
            "hide_parameters": True,
            "pool_size": 8,
            "max_overflow": 8,
        }
    # Named prepared statements break behind PgBouncer's transaction pooling.
    return {
        "hide_parameters": True,
        "connect_args": {"prepare_threshold": None, "connect_timeout": 5},
        "pool_pre_ping": True,
        "pool_size": 4,
        "max_overflow": 4,
    }


def wire(engine: Engine, *, checkpoint_pages: int = WEB_CHECKPOINT_PAGES) -> None:
    """Make every connection of a SQLite engine durable, referential and explicit about BEGIN."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            f"busy_timeout = {LOCK_SECONDS * 1000}",
            f"wal_autocheckpoint = {checkpoint_pages}",
            "cache_size = -4000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get(WRITE_OPTION):
            _begin_to_write(connection)
        else:
            connection.connection.cursor().execute("BEGIN")


def _begin_to_write(connection: Connection) -> None:
    """Take the write lock, asking for it every millisecond.

    SQLite's own busy handler sleeps up to a tenth of a second between two looks, while the lock is
    free and taken again some twenty times.
    """
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 0")
    last = time.monotonic() + LOCK_SECONDS
    try:
        while time.monotonic() < last:
            with suppress(sqlite3.OperationalError):
                cursor.execute("BEGIN IMMEDIATE")
                return
            time.sleep(_LOOK_SECONDS)
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # says what is wrong
    finally:
        cursor.execute(f"PRAGMA busy_timeout = {LOCK_SECONDS * 1000}")
