"""Runs migrations: foreign keys off outside the transaction on SQLite, triggers made anew."""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import Connection, text

from portal.core.db import Base
from portal.core.schema import is_of_models
from portal.core.triggers import install_triggers

engine = current_app.extensions["migrate"].db.engine


def render_item(kind: str, item: object, _autogen_context: object) -> str | bool:
    """Write our own column type as the plain one it is stored as."""
    if kind == "type" and type(item).__name__ == "UtcDateTime":
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: Connection) -> None:
    """Migrate in one transaction; a failing step leaves nothing behind on either database."""
    sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        include_name=is_of_models,
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        if not sqlite:
            connection.execute(text("SET LOCAL lock_timeout = '4s'"))
        context.run_migrations()
        install_triggers(connection)
        if sqlite:
            broken = connection.execute(text("PRAGMA foreign_key_check")).all()
            if broken:
                raise RuntimeError(f"foreign keys broken by the migration: {broken[:5]}")


with engine.connect() as connection:
    if connection.dialect.name == "sqlite":
        # A table rebuild with foreign keys on deletes child rows without a word, and the switch
        # has no effect inside a transaction.
        connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")
        try:
            run(connection)
        finally:
            connection.rollback()
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = ON")
    else:
        run(connection)
