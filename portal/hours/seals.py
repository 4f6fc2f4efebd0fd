"""Seals of the ledger as a whole: what shows that an entry was changed, moved, removed or cut off.

Each person's entries are chained where they are written. That chain alone does not miss its own end,
nor a person's record that is gone altogether. So the worker seals every entry in the order of its id,
and at the end of a local day the head of the seals leaves the house: into a file beside the database,
into the log, and with both to wherever these are kept. Whoever rewrites entries, chains and seals
still has to rewrite what was written down elsewhere.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from flask import current_app
from sqlalchemy import func, insert, select

from portal.core import clock
from portal.core.db import db
from portal.core.ref import Ref
from portal.hours import rules
from portal.hours.models import LedgerEntry, LedgerHead, LedgerSeal
from portal.records import outbox

BATCH = 1000
# On PostgreSQL a lower id can be committed after a higher one; by then it is this far back at most.
LATE_BY = 10_000


class Head(NamedTuple):
    """How far the seals have come: the number of the last one (0: none) and its digest."""

    number: int
    digest: str


# --- sealing -------------------------------------------------------------------------------------


def seal(*, now: datetime) -> int:
    """Seal the next entries in the order of their ids; return how many. An action for `write`.

    Two workers at once: the number is the key, so one of them fails and comes again.
    """
    before = head()
    waiting = _unsealed()
    rows = []
    digest = before.digest
    for number, (entry_id, entry_digest) in enumerate(waiting, before.number + 1):
        digest = rules.seal(digest, entry_id, entry_digest)
        rows.append({"number": number, "entry_id": entry_id, "digest": digest, "at": now})
    if rows:
        db.session.execute(insert(LedgerSeal), rows)
    return len(rows)


def head() -> Head:
    """Return how far the seals have come."""
    query = select(LedgerSeal.number, LedgerSeal.digest).order_by(LedgerSeal.number.desc())
    found = db.session.execute(query.limit(1)).first()
    return Head(*found) if found else Head(0, rules.CHAIN_START)


def _unsealed() -> Sequence[tuple[int, str]]:
    newest = db.session.scalar(select(func.max(LedgerSeal.entry_id))) or 0
    sealed = select(LedgerSeal.entry_id).where(LedgerSeal.entry_id == LedgerEntry.id)
    query = (
        select(LedgerEntry.id, LedgerEntry.digest)
        .where(LedgerEntry.id > newest - LATE_BY, ~sealed.exists())
        .order_by(LedgerEntry.id)
        .limit(BATCH)
    )
    return db.session.execute(query).tuples().all()


# --- the daily head ------------------------------------------------------------------------------


def put_head(day: date, *, now: datetime) -> None:
    """Write down the head of a local day that is over, once. An action for `write`."""
    reached = head()
    if not reached.number or db.session.get(LedgerHead, day) is not None:
        return
    db.session.add(LedgerHead(day=day, number=reached.number, digest=reached.digest, at=now))
    outbox.put("ledger_head", Ref("ledger_head", reached.number), {"day": day.isoformat()}, now=now)


def send_head(day: date) -> None:
    """Add a day's head to the file and to the log. Twice is harmless."""
    row = db.session.get(LedgerHead, day)
    if row is None:
        return
    line = f"{row.day.isoformat()} {row.number} {row.digest}"
    logging.getLogger("portal.ledger").info("head of the ledger: %s", line)
    file = heads_file()
    if line not in _lines(file):
        with file.open("a", encoding="ascii") as stream:
            stream.write(f"{line}\n")


def heads_file() -> Path:
    """Return the file that the heads are added to."""
    path: Path = current_app.config["PORTAL"].ledger_heads_file
    return path


def put_aside(now: datetime) -> Path | None:
    """Rename the file of heads when it is not this ledger's: a new database, or an old backup's.

    Returns its new name; None when it fits and stays.
    """
    file = heads_file()
    if not file.exists() or not any(faults()):
        return None
    return file.rename(file.with_name(f"{file.stem}-until-{now:%Y%m%d-%H%M%S}{file.suffix}"))


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="ascii").splitlines() if file.exists() else []


def due_day(now: datetime) -> date:
    """Return the last local day that is over."""
    return clock.local_day(now) - timedelta(days=1)


# --- checking ------------------------------------------------------------------------------------


def faults() -> Iterator[str]:
    """Say where seals, entries and the heads written down elsewhere do not agree."""
    heads = {number: (where, digest) for where, number, digest in _heads()}
    entry, sealed = LedgerEntry.__table__, LedgerSeal.__table__
    query = (
        select(sealed.c.number, sealed.c.entry_id, sealed.c.digest, entry.c.digest)
        .outerjoin(entry, entry.c.id == sealed.c.entry_id)
        .order_by(sealed.c.number)
        .execution_options(yield_per=2000)
    )
    before, reached = rules.CHAIN_START, 0
    for number, entry_id, digest, entry_digest in db.session.execute(query):
        reached += 1
        if number != reached:
            yield f"ledger seal {number}: should be number {reached}"
            reached = number
        if entry_digest is None:
            yield f"ledger seal {number}: entry {entry_id} is gone"
        elif rules.seal(before, entry_id, entry_digest) != digest:
            yield f"ledger seal {number}: does not fit entry {entry_id} and the seal before"
        where, kept = heads.pop(number, ("", digest))
        if kept != digest:
            yield f"ledger seal {number}: differs from the head of {where}"
        before = digest
    for number, (where, _digest) in sorted(heads.items()):
        yield f"ledger seal {number}: is gone, the head of {where} knows it"


def _heads() -> Iterator[tuple[str, int, str]]:
    """Yield where, number and digest of each head: the table's, then over them the file's."""
    query = select(LedgerHead.day, LedgerHead.number, LedgerHead.digest)
    for day, number, digest in db.session.execute(query).tuples():
        yield f"{day.isoformat()}", number, digest
    for line in _lines(heads_file()):
        written_on, reached, kept = line.split(" ")
        yield f"{written_on} in {heads_file().name}", int(reached), kept


def unsealed_since() -> datetime | None:
    """Return since when the oldest entry waits for its seal, for `doctor`."""
    sealed = select(LedgerSeal.entry_id).where(LedgerSeal.entry_id == LedgerEntry.id)
    return db.session.scalar(select(func.min(LedgerEntry.at)).where(~sealed.exists()))
