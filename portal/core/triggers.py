"""The triggers behind `db.append_only`: rows that are never changed, on both databases."""

from __future__ import annotations

from sqlalchemy import Connection, text

from portal.core.db import APPEND_ONLY, Base


def install_triggers(connection: Connection) -> None:
    """(Re)create the triggers behind `append_only`; called after every migration.

    A SQLite table rebuild drops triggers without a word, which is why they are made anew each time.
    """
    existing = set(Base.metadata.tables) & set(_table_names(connection))
    make = _sqlite_trigger if connection.dialect.name == "sqlite" else _postgresql_trigger
    if connection.dialect.name == "postgresql":
        connection.execute(text(_POSTGRESQL_FUNCTION))
    for name in sorted(existing & set(APPEND_ONLY)):
        for statement in make(name, APPEND_ONLY[name]):
            connection.execute(text(statement))


def remove_triggers(connection: Connection) -> None:
    """Take the triggers away inside a transaction that puts them back (a restore)."""
    on_table = connection.dialect.name == "postgresql"
    for name in sorted(set(_table_names(connection)) & set(APPEND_ONLY)):
        for verb in ("update", "delete", "truncate"):
            place = f" ON {name}" if on_table else ""
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name}_refuses_{verb}{place}"))


def _table_names(connection: Connection) -> list[str]:
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if connection.dialect.name == "sqlite"
        else "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    )
    return list(connection.execute(text(query)).scalars())


def _sqlite_trigger(table: str, keep_days: int | None) -> list[str]:
    when = f"WHEN OLD.at > datetime('now', '-{keep_days} days')" if keep_days else ""
    statements = []
    for verb, condition in (("UPDATE", ""), ("DELETE", when)):
        name = f"{table}_refuses_{verb.lower()}"
        statements.append(f"DROP TRIGGER IF EXISTS {name}")
        statements.append(
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
    return statements


_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION portal_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""


def _postgresql_trigger(table: str, keep_days: int | None) -> list[str]:
    when = f"WHEN (OLD.at > now() - interval '{keep_days} days')" if keep_days else ""
    statements = []
    for verb, grain, condition in (
        ("UPDATE", "ROW", ""),
        ("DELETE", "ROW", when),
        ("TRUNCATE", "STATEMENT", ""),
    ):
        name = f"{table}_refuses_{verb.lower()}"
        statements.append(f"DROP TRIGGER IF EXISTS {name} ON {table}")
        statements.append(
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH {grain} {condition} "
            "EXECUTE FUNCTION portal_append_only()"
        )
    return statements
