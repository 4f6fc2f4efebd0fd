"""What comes round by itself: the tasks of `tick`, the outbox, and SQLite's checkpoint.

Each task runs under a lease of its own, so two workers and a cron job may run side by side. A
task is harmless when run twice: the lease saves work, it is not what makes it right.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import update

from portal import load
from portal.core.db import db, is_sqlite, write
from portal.floors import FEATURES
from portal.people.models_sign_ins import SignIn
from portal.records import leases, limits, outbox, settings

LEASE_MINUTES = 5
LONGEST_LOG = 64 * 1024 * 1024
_DELIVER = "deliver_"

Task = Callable[[datetime], object]


def tick(now: datetime) -> list[str]:
    """Run every task once; return the names of those that failed."""
    return [name for name, task in tasks() if not _run(name, task, now)]


def tasks() -> Iterator[tuple[str, Task]]:
    """Yield the tasks bottom-up: the records' own first, then each feature's `hooks.due`."""
    yield "records.relay", relay
    yield "records.prune", prune
    yield "people.end_idle", end_idle
    for feature in FEATURES:
        due = getattr(load(feature, "hooks"), "due", None)
        if due is not None:
            yield f"{feature}.due", due


def relay(now: datetime) -> int:
    """Deliver what waits in the outbox; return how many rows went out."""
    return outbox.relay(deliverers(), now=now)


def deliverers() -> dict[str, outbox.Deliverer]:
    """Return the deliverer of each kind of outbox row: the functions `hooks.deliver_<kind>`."""
    found: dict[str, outbox.Deliverer] = {}
    for feature in FEATURES:
        hooks = load(feature, "hooks")
        names = (name for name in vars(hooks or object) if name.startswith(_DELIVER))
        found.update((name.removeprefix(_DELIVER), getattr(hooks, name)) for name in names)
    return found


def prune(now: datetime) -> None:
    """Delete what no rule needs any more."""
    write(limits.prune, now=now)
    write(outbox.prune, now=now)


def end_idle(now: datetime) -> None:
    """End the sign-ins that even the longest of the lifetimes no longer covers.

    The shorter ones of staff are judged at each request; this keeps the table honest.
    """
    idle = timedelta(days=settings.get("resident_idle_days"))
    absolute = timedelta(days=settings.get("resident_absolute_days"))
    write(_end_sign_ins, now - idle, now - absolute, now=now)


def _end_sign_ins(unused_since: datetime, begun_before: datetime, *, now: datetime) -> None:
    over = (SignIn.last_seen_at < unused_since) | (SignIn.created_at < begun_before)
    ended = update(SignIn).where(SignIn.ended_at.is_(None), over)
    db.session.execute(ended.values(ended_at=now))


def _run(name: str, task: Task, now: datetime) -> bool:
    try:
        if write(leases.take, name, minutes=LEASE_MINUTES, now=now):
            task(now)
            write(leases.release, name, now=now)
    except Exception:  # one failing task, whatever its fault, does not stop the others
        logging.getLogger("portal.tick").exception("task %s failed", name)
        _give_back(name, now)
        return False
    finally:
        db.session.rollback()
    return True


def _give_back(name: str, now: datetime) -> None:
    try:
        write(leases.give_back, name, now=now)
    except Exception:  # noqa: BLE001  the database is gone; the lease ends by itself
        db.session.rollback()


# --- SQLite's log --------------------------------------------------------------------------------


def log_size() -> int:
    """Return the bytes of SQLite's write-ahead log; 0 on PostgreSQL."""
    file = database_file()
    log = file.with_name(file.name + "-wal") if file else None
    return log.stat().st_size if log and log.exists() else 0


def database_file() -> Path | None:
    """Return the SQLite file; None on PostgreSQL."""
    name = db.engine.url.database
    return Path(name) if is_sqlite() and name else None


def checkpoint() -> None:
    """Copy the log into the database. Only the worker does, which the WAL-reset fault calls for.

    Passive as long as that keeps up; over 64 MB it waits for the readers and cuts the log off.
    """
    if not is_sqlite():
        return
    mode = "TRUNCATE" if log_size() > LONGEST_LOG else "PASSIVE"
    connection = db.engine.raw_connection()  # without BEGIN: no checkpoint inside a transaction
    try:
        connection.cursor().execute(f"PRAGMA wal_checkpoint({mode})")
    finally:
        connection.close()
