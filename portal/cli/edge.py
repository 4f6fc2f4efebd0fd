"""The edge of a command: what goes wrong is one plain sentence and exit code 1, no traceback."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from portal.core import clock, schema
from portal.core.db import Base, db
from portal.core.errors import Busy, Invalid, Refused
from portal.hours import seals

# Rows that come about by themselves or by `init`; a database that holds nothing else is empty.
_BY_THEMSELVES = {
    "activity_template", "attempt", "audit_entry", "calendar_day", "calendar_year", "lease",
    "service_category", "term", "term_link", "term_unit", "term_validity",
}  # fmt: skip


def command(
    name: str, *, needs_schema: bool = True
) -> Callable[[Callable[..., None]], click.Command]:
    """Make a command of a function; options are put on the function itself."""

    def decorate(function: Callable[..., None]) -> click.Command:
        @wraps(function)
        def run(*args: Any, **kwargs: Any) -> None:
            with plain_errors(), private_files():
                if needs_schema:
                    need_schema()
                function(*args, **kwargs)

        return click.command(name)(with_appcontext(run))

    return decorate


@contextmanager
def private_files() -> Iterator[None]:
    """Let what a command makes (the database, a backup) be readable by its own user alone."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


class plain_errors:  # noqa: N801  reads as a word in a with statement
    """Turns the errors an operator can do something about into one sentence."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Raise ClickException in place of a known error."""
        if isinstance(error, Refused | Invalid):
            raise click.ClickException(error.message) from error
        if isinstance(error, Busy):
            raise click.ClickException(
                "The database is locked by another program. Try again in a moment."
            ) from error
        if isinstance(error, SQLAlchemyError):
            raise click.ClickException(f"The database refused: {first_line(error)}") from error
        if isinstance(error, OSError):
            raise click.ClickException(f"{error.strerror or error}: {error.filename}") from error


def first_line(error: BaseException) -> str:
    """Return what happened, without the statement and its values (which hold personal data)."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return str(cause).strip().split("\n", 1)[0]


def upgraded_schema() -> bool:
    """Bring the schema up to date; return whether there was anything to do.

    A database made anew does not go on with the ledger's heads of one that was there before it.
    """
    is_new = schema.database_head() is None
    was_old = schema.upgrade()
    if is_new:
        seals.put_aside(clock.now())
    return was_old


def need_schema() -> None:
    """Raise ClickException unless the database has the revision the code needs."""
    head = schema.database_head()
    db.session.rollback()
    if head is None:
        raise click.ClickException("The database has no tables yet. Run: flask --app wsgi init")
    if head != schema.code_head():
        raise click.ClickException(
            f"The database has schema {head}, the code needs {schema.code_head()}. "
            "Stop the server, make a backup, then run: flask --app wsgi init"
        )


def holds_data() -> bool:
    """Return whether anybody wrote anything into the (migrated) database."""
    tables = (table for name, table in Base.metadata.tables.items() if name not in _BY_THEMSELVES)
    return any(db.session.execute(select(1).select_from(one).limit(1)).first() for one in tables)
