"""`check-data` asks whether the records agree; `doctor` whether the installation is well."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import click
from sqlalchemy import text

from portal import load
from portal.cli import doctor as examination
from portal.cli.edge import command
from portal.core.db import db, is_sqlite
from portal.floors import FEATURES


@command("check-data")
def check_data() -> None:
    """Recompute places, hours and figures from the records; list each mismatch; 1 if any."""
    report()


def report() -> None:
    """Print each mismatch, or that there is none. Raises SystemExit(1) for mismatches."""
    db.session.rollback()
    if not is_sqlite():
        # One state for all checks, also while people go on signing up.
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    found = 0
    for line in mismatches():
        click.echo(line)
        found += 1
    db.session.rollback()
    if found:
        click.echo(f"{found} mismatches.")
        raise SystemExit(1)
    click.echo("The data agree.")


def mismatches() -> Iterator[str]:
    """Yield each mismatch, the database's own first, then those of each feature bottom-up."""
    if is_sqlite():
        yield from _sqlite_faults()
    for feature in FEATURES:
        check = getattr(load(feature, "hooks"), "check", None)
        if check is not None:
            try:
                yield from (f"{feature}: {line}" for line in check())
            except Exception as error:  # a check that breaks is a finding like any other
                logging.getLogger("portal.check").exception("check of %s failed", feature)
                yield f"{feature}: the check itself failed ({type(error).__name__})"


def _sqlite_faults() -> Iterator[str]:
    for (line,) in db.session.execute(text("PRAGMA integrity_check")):
        if line != "ok":
            yield f"database file: {line}"
    for table, row_id, parent, _key in db.session.execute(text("PRAGMA foreign_key_check")):
        yield f"database file: {table} {row_id} points at a missing row of {parent}"


@command("doctor", needs_schema=False)
def doctor() -> None:
    """Look over the installation; one line each, with what to do; 1 if something is wrong."""
    failed = False
    for finding in examination.findings():
        click.echo(str(finding))
        failed = failed or finding.level == examination.Level.FAIL
    if failed:
        raise SystemExit(1)


COMMANDS = (check_data, doctor)
