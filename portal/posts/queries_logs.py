"""Selects over duty logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Select, func, select

from portal.core.db import db
from portal.posts.models_logs import DutyCount, DutyLog


def latest(shift_id: int) -> DutyLog | None:
    """Return the version of a shift's log that counts."""
    return next(iter(versions(shift_id)), None)


def versions(shift_id: int) -> Sequence[DutyLog]:
    """Return all versions of a shift's log, the newest first."""
    query = select(DutyLog).where(DutyLog.shift_id == shift_id)
    return db.session.scalars(query.order_by(DutyLog.version.desc())).all()


def counts(log_id: int) -> Mapping[int, int]:
    """Return the numbers of a log, by term."""
    query = select(DutyCount.term_id, DutyCount.number).where(DutyCount.log_id == log_id)
    return dict(db.session.execute(query).tuples().all())


def helped_on(shift_ids: Sequence[int] | Select[tuple[int]]) -> Mapping[int, int]:
    """Return how many people were helped, by shift, as the newest versions say."""
    newest = (
        select(DutyLog.shift_id, func.max(DutyLog.version).label("version"))
        .where(DutyLog.shift_id.in_(shift_ids))
        .group_by(DutyLog.shift_id)
        .subquery()
    )
    query = select(DutyLog.shift_id, DutyLog.helped).join(
        newest,
        (newest.c.shift_id == DutyLog.shift_id) & (newest.c.version == DutyLog.version),
    )
    return dict(db.session.execute(query).tuples().all())
