"""Selects for check-data, the legal export and erasure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from portal.core.db import db
from portal.core.ref import Ref
from portal.people import queries as people
from portal.posts.models import DutyShift, DutySlot
from portal.posts.models_logs import DutyLog
from portal.shifts.models import Shift


def misplaced() -> Sequence[int]:
    """Return the shifts whose offering is not the post of their cell."""
    query = (
        select(DutyShift.shift_id)
        .join(DutyShift.shift)
        .join(DutyShift.slot)
        .where(Shift.offering_id != DutySlot.post_id)
    )
    return db.session.scalars(query.order_by(DutyShift.shift_id)).all()


def doubled() -> Sequence[tuple[int, datetime]]:
    """Return posts and instants at which two duties begin."""
    query = (
        select(Shift.offering_id, Shift.starts_at)
        .join(DutyShift, DutyShift.shift_id == Shift.id)
        .where(DutyShift.is_dropped.is_(False), Shift.moved_from_at.is_(None))
        .group_by(Shift.offering_id, Shift.starts_at)
        .having(func.count() > 1)
    )
    return db.session.execute(query).tuples().all()


def logs_by(person_id: int) -> Sequence[DutyLog]:
    """Return the logs a person wrote, the newest first."""
    query = select(DutyLog).options(joinedload(DutyLog.shift))
    query = query.where(DutyLog.actor_id.in_(people.selves(person_id)))
    return db.session.scalars(query.order_by(DutyLog.id.desc())).all()


def log_refs_by(person_id: int) -> list[Ref]:
    """Return what the notes of these logs are about."""
    return [Ref("duty_log", row.id) for row in logs_by(person_id)]
