"""`visits`: derive visits anew from their scans, where `check-data` says that they do not agree."""

from __future__ import annotations

import click

from portal.attendance import checks, rederiving
from portal.cli.edge import command
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.shifts import queries as shifts


@command("visits")
@click.argument("shift", required=False)
def visits(shift: str | None) -> None:
    """Derive the visits of SHIFT anew from its scans; without one, of every shift that needs it.

    SHIFT is the id in the address of its roster. Hours follow: what no longer holds is taken back
    and credited anew. The audit log tells.
    """
    if shift is None:
        ids = sorted(checks.shifts_that_differ())
    else:
        found = shifts.terms_by_id(shift)
        if found is None:
            raise click.ClickException(f"There is no shift {shift}.")
        ids = [found.id]
    db.session.rollback()
    people = sum(
        write(rederiving.rederive, shift_id, actor=SYSTEM, now=clock.now()) for shift_id in ids
    )
    click.echo(f"{len(ids)} shifts looked at, the visits of {people} people changed.")


COMMANDS = (visits,)
