"""Migrations: the head is the models; up, down, up; append-only tables refuse on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Boolean, Date, DateTime, Integer, LargeBinary, inspect, select, text
from sqlalchemy.exc import DBAPIError

from portal import FEATURES, load_models
from portal.core import engines
from portal.core.db import APPEND_ONLY, Base, UtcDateTime, db, write
from portal.core.ref import Ref
from portal.core.schema import code_head, database_head, is_of_models
from portal.records import hooks, search

NOW = datetime.now(UTC)
for feature in FEATURES:
    load_models(feature)
TABLES = sorted(APPEND_ONLY)
BEFORE_FULL_TEXT = "0021"


def value_for(column):  # noqa: PLR0911  one type, one value
    """Return some value that the column's type takes."""
    kind = column.type
    if isinstance(kind, UtcDateTime | DateTime):
        return NOW
    if isinstance(kind, Date):
        return date(2026, 5, 1)
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Integer):
        return 1
    if isinstance(kind, LargeBinary):
        return b"1"
    known = _first_of_check(column)
    if known is not None:
        return known
    return {} if kind.__class__.__name__ == "JSON" else "x"


def _first_of_check(column):
    for constraint in column.table.constraints:
        rule = str(getattr(constraint, "sqltext", ""))
        if rule.startswith(f"{column.name} IN ("):
            return rule.split("'")[1]
    return None


def fill(connection, name, **given):
    """Put a row into the table, with foreign keys left unwatched: only the trigger is asked."""
    table = Base.metadata.tables[name]
    values = {
        column.name: given.get(column.name, value_for(column))
        for column in table.columns
        if not (column.nullable or column is table.autoincrement_column) or column.name in given
    }
    _fit(table, values)
    connection.execute(table.insert().values(**values))


def _fit(table, values):
    """Spans of two times need an order."""
    for name in list(values):
        if name == "ends_at":
            values[name] = NOW + timedelta(hours=1)


def drop_keys(connection, names):
    """Take the foreign keys of these tables away (PostgreSQL); SQLite has a switch."""
    if connection.dialect.name == "sqlite":
        return
    found = inspect(connection)
    for name in names:
        for key in found.get_foreign_keys(name):
            connection.execute(text(f'ALTER TABLE "{name}" DROP CONSTRAINT "{key["name"]}"'))


def is_refused(connection, statement):
    with pytest.raises(DBAPIError) as caught, connection.begin_nested():
        connection.execute(text(statement))
    assert "append-only" in str(caught.value.orig)


def comparing(connection):
    options = {"compare_type": True, "render_as_batch": True, "include_name": is_of_models}
    return MigrationContext.configure(connection, opts=options)


@pytest.fixture
def bare(own_app: Flask):
    """A connection on which rows may be put without their parents."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")
        drop_keys(connection, TABLES)
        yield connection
        connection.rollback()
        if connection.dialect.name == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = ON")


def test_the_head_is_the_models(own_app):
    with db.engine.connect() as connection:
        context = comparing(connection)
        assert compare_metadata(context, Base.metadata) == []
        assert database_head(connection) == code_head()


def test_constraints_of_the_models_are_in_the_database(own_app):
    """What a comparison of tables does not see: CHECKs and partial unique indexes."""
    found = inspect(db.engine)
    missing = []
    for table in Base.metadata.tables.values():
        known = {check["name"] for check in found.get_check_constraints(table.name)}
        wanted = {
            str(constraint.name)
            for constraint in table.constraints
            if type(constraint).__name__ == "CheckConstraint"
        }
        missing += sorted(wanted - known)
        indexes = {index["name"]: index["unique"] for index in found.get_indexes(table.name)}
        missing += [
            index.name
            for index in table.indexes
            if index.name not in indexes or bool(indexes[index.name]) != bool(index.unique)
        ]
    assert missing == []


def test_up_down_and_up_again(own_app):
    downgrade(revision="base")
    with db.engine.connect() as connection:
        left = set(inspect(connection).get_table_names()) - {"alembic_version"}
        assert left == set()
    upgrade()
    with db.engine.connect() as connection:
        assert database_head(connection) == code_head()
        context = comparing(connection)
        assert compare_metadata(context, Base.metadata) == []
        drop_keys(connection, TABLES)
        if connection.dialect.name == "sqlite":
            connection.rollback()
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")
        for name in TABLES:
            fill(connection, name)
            key = next(iter(Base.metadata.tables[name].primary_key)).name
            is_refused(connection, f'UPDATE {name} SET "{key}" = "{key}"')
            is_refused(connection, f"DELETE FROM {name}")
        connection.rollback()


def test_what_is_indexed_is_found_across_the_step_that_made_the_index_anew(own_app):
    """And at once, with nothing spelled or put again in between."""
    write(search.put, Ref("team", 7), "书法队")
    write(search.put, Ref("wish", 7), "䶮城 5G")
    (first, _second) = search.unspelled(2)
    write(search.spell, first, ("shufadui", "sfd"))
    db.session.remove()
    downgrade(revision=BEFORE_FULL_TEXT)
    pairs = "SELECT count(*) FROM search_gram WHERE kind = 'team' AND gram IN ('书法', 'sf')"
    assert db.session.scalar(text(pairs)) == 2
    db.session.remove()
    upgrade()
    for kind, query in (("team", "书法"), ("team", "shufa"), ("team", "fd"), ("wish", "䶮城")):
        assert list(db.session.scalars(search.matches(kind, query))) == [7], query
    assert list(hooks.check()) == []


def test_there_are_append_only_tables():
    assert {"audit_entry", "step", "setting", "consent", "ledger_entry", "scan"} <= set(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_an_append_only_row_is_neither_changed_nor_deleted(bare, name):
    fill(bare, name)
    for column in inspect(bare).get_columns(name):
        is_refused(bare, f'UPDATE {name} SET "{column["name"]}" = "{column["name"]}"')
    is_refused(bare, f"DELETE FROM {name}")
    if bare.dialect.name == "postgresql":
        is_refused(bare, f"TRUNCATE {name} CASCADE")
    assert bare.execute(select(Base.metadata.tables[name])).all()


@pytest.mark.parametrize("name", [name for name, days in APPEND_ONLY.items() if days])
def test_old_rows_may_be_deleted_after_the_time_of_keeping(bare, name):
    days = APPEND_ONLY[name]
    fill(bare, name, at=NOW - timedelta(days=days + 1))
    is_refused(bare, f"UPDATE {name} SET id = id")
    kept_since = {"at": NOW - timedelta(days=days)}
    deleted = bare.execute(text(f"DELETE FROM {name} WHERE at < :at"), kept_since)
    assert deleted.rowcount == 1
    fill(bare, name, at=NOW - timedelta(days=days - 1))
    is_refused(bare, f"DELETE FROM {name}")


def test_foreign_keys_are_watched_on_both_databases(own_app):
    with pytest.raises(DBAPIError), db.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO account (person_id, phone, password_hash, created_at) "
                "VALUES (987654, '13700000000', 'x', CURRENT_TIMESTAMP)"
            )
        )


def test_sqlite_is_durable_and_waits(own_app):
    with db.engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            pytest.skip("of SQLite only")
        asked = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert asked == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": engines.LOCK_SECONDS * 1000,
    }
