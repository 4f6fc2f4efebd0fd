"""Selects for check-data."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, or_, select

from portal.attendance.models_headcounts import Headcount
from portal.closeouts.models import Closeout, CloseoutCount, Outcome
from portal.core.db import db


def with_gaps() -> Sequence[int]:
    """Return the shifts whose versions are not numbered from 1 on without a gap."""
    query = (
        select(Closeout.shift_id)
        .group_by(Closeout.shift_id)
        .having(or_(func.min(Closeout.version) != 1, func.max(Closeout.version) != func.count()))
    )
    return db.session.scalars(query.order_by(Closeout.shift_id)).all()


def with_foreign_heads() -> Sequence[int]:
    """Return the close-outs that name the headcount of another shift."""
    query = select(Closeout.id).join(Closeout.headcount)
    query = query.where(Headcount.shift_id != Closeout.shift_id)
    return db.session.scalars(query.order_by(Closeout.id)).all()


def with_counted_nothing() -> Sequence[int]:
    """Return the close-outs that say «nothing to tell» and still count something."""
    query = select(Closeout.id).where(
        Closeout.outcome == Outcome.NOTHING,
        select(CloseoutCount.id).where(CloseoutCount.closeout_id == Closeout.id).exists(),
    )
    return db.session.scalars(query.order_by(Closeout.id)).all()
