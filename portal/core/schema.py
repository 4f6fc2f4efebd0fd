"""Which revision the database has, which one the code needs, and the way from one to the other."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache
from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_migrate import upgrade as run_migrations
from sqlalchemy import Connection

from portal.core.db import db

# Made by a migration, for each database in its own way, with what FTS5 keeps beside it.
_BESIDE_THE_MODELS = "search_index"


def is_of_models(name: str | None, _kind: str, _parents: Mapping[str, Any]) -> bool:
    """Return whether the models are to know this table or index (Alembic's `include_name`)."""
    return not (name or "").startswith(_BESIDE_THE_MODELS)


@cache
def code_head() -> str:
    """Return the revision the code needs."""
    folder = current_app.extensions["migrate"].directory
    head = ScriptDirectory(folder).get_current_head()
    if head is None:
        raise RuntimeError(f"no migrations in {folder}")
    return head


def database_head(connection: Connection | None = None) -> str | None:
    """Return the revision the database has; None when it was never migrated."""
    bound = connection or db.session.connection()
    return MigrationContext.configure(bound).get_current_revision()


def upgrade() -> bool:
    """Bring the database to the code's revision; return whether there was anything to do."""
    before = database_head()
    db.session.remove()
    if before == code_head():
        return False
    logging.getLogger("alembic").setLevel(logging.WARNING)
    run_migrations()
    return True
