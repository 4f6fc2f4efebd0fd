"""Leases: a task of `tick` runs once at a time, however many workers there are."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import String, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, UtcDateTime, db, is_sqlite


class Lease(Base):
    """One row a task: who may run it until when, and when it last ended well."""

    __tablename__ = "lease"

    task: Mapped[str] = mapped_column(String(60), primary_key=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime())
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


def take(task: str, *, minutes: int, now: datetime) -> bool:
    """Take the task's lease; False while somebody else holds it. An action for `write`."""
    insert = sqlite.insert(Lease) if is_sqlite() else postgresql.insert(Lease)
    db.session.execute(insert.values(task=task, until=now).on_conflict_do_nothing())
    free = update(Lease).where(Lease.task == task, Lease.until <= now).returning(Lease.task)
    values = {"until": now + timedelta(minutes=minutes)}
    return db.session.execute(free.values(values)).first() is not None


def release(task: str, *, now: datetime) -> None:
    """Give the lease back and note that the task ended well. An action for `write`."""
    db.session.execute(update(Lease).where(Lease.task == task).values(until=now, done_at=now))


def give_back(task: str, *, now: datetime) -> None:
    """Give the lease of a task that failed back, so that the next round tries again."""
    db.session.execute(update(Lease).where(Lease.task == task).values(until=now))


def last_done() -> datetime | None:
    """Return when a task last ended well."""
    query = select(Lease.done_at).where(Lease.done_at.is_not(None))
    return db.session.scalars(query.order_by(Lease.done_at.desc()).limit(1)).first()
