"""The outbox: what must happen outside the transaction, written down inside it.

Delivered at least once, after `not_before`, by the worker; a deliverer is the function
`deliver_<kind>(row, now)` of a feature's `hooks.py` and must be harmless when run twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Index, Integer, String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, UtcDateTime, db, locked, write
from portal.core.errors import Busy
from portal.core.ref import Ref

KEEP = timedelta(days=30)
AGAIN_AFTER = timedelta(minutes=5)
BATCH = 100


class OutboxRow(Base):
    """One thing to deliver. `done_at` is set when it was delivered."""

    __tablename__ = "outbox_row"
    __table_args__ = (
        Index(None, "done_at", "not_before"),
        Index(None, "subject_kind", "subject_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column(Integer)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    not_before: Mapped[datetime] = mapped_column(UtcDateTime())
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


Deliverer = Callable[[OutboxRow, datetime], None]


def put(
    kind: str,
    subject: Ref,
    payload: dict[str, Any],
    *,
    now: datetime,
    wait: timedelta | None = None,
) -> None:
    """Write a row in the running transaction; it goes out after `wait`."""
    db.session.add(
        OutboxRow(
            kind=kind,
            subject_kind=subject.kind,
            subject_id=subject.id,
            payload=payload,
            created_at=now,
            not_before=now + (wait or timedelta()),
        )
    )


def recall(subject: Ref) -> None:
    """Delete what still waits about a thing (a change was undone in time)."""
    db.session.execute(
        delete(OutboxRow).where(
            OutboxRow.subject_kind == subject.kind,
            OutboxRow.subject_id == subject.id,
            OutboxRow.done_at.is_(None),
        )
    )


def relay(deliverers: dict[str, Deliverer], *, now: datetime) -> int:
    """Deliver what is due, each row in a transaction of its own; return how many went out.

    A row that cannot be delivered is logged and tried again later; it does not hold up the others.
    """
    return sum(_deliver_or_postpone(row_id, deliverers, now) for row_id in _due(now))


def _deliver_or_postpone(row_id: int, deliverers: dict[str, Deliverer], now: datetime) -> bool:
    try:
        return write(_deliver, row_id, deliverers, now=now)
    except Busy:
        raise
    except Exception:  # a fault of one deliverer, whatever it is
        logging.getLogger("portal.outbox").exception("outbox row %d failed", row_id)
        write(_postpone, row_id, now=now)
        return False


def _postpone(row_id: int, *, now: datetime) -> None:
    row = locked(OutboxRow, row_id)
    if row is not None and row.done_at is None:
        row.not_before = now + AGAIN_AFTER


def _due(now: datetime) -> Sequence[int]:
    query = (
        select(OutboxRow.id)
        .where(OutboxRow.done_at.is_(None), OutboxRow.not_before <= now)
        .order_by(OutboxRow.not_before, OutboxRow.id)
        .limit(BATCH)
    )
    return db.session.scalars(query).all()


def _deliver(row_id: int, deliverers: dict[str, Deliverer], *, now: datetime) -> bool:
    row = locked(OutboxRow, row_id)
    if row is None or row.done_at is not None:
        return False
    deliverers[row.kind](row, now)
    row.done_at = now
    return True


def prune(*, now: datetime) -> None:
    """Delete rows delivered long ago."""
    db.session.execute(delete(OutboxRow).where(OutboxRow.done_at < now - KEEP))


def oldest_waiting() -> datetime | None:
    """Return since when the oldest undelivered row is due, for `doctor`."""
    query = select(OutboxRow.not_before).where(OutboxRow.done_at.is_(None))
    return db.session.scalars(query.order_by(OutboxRow.not_before).limit(1)).first()


def stuck(*, now: datetime) -> int:
    """Return how many rows have been tried in vain for more than a day, for `doctor`."""
    query = select(func.count()).where(
        OutboxRow.done_at.is_(None),
        OutboxRow.created_at < now - timedelta(days=1),
        OutboxRow.not_before <= now + AGAIN_AFTER,
    )
    return db.session.scalar(query) or 0
