"""Selects by which the desk's batches find out whom their records mean."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from portal.attendance.models import Scan
from portal.core.db import db
from portal.shifts.models import Shift, ShiftState
from portal.signups.models import Signup


def scans_by_ids(scan_ids: Collection[str]) -> dict[str, Scan]:
    """Return the scans that were stored under these ids."""
    query = select(Scan).where(Scan.scan_id.in_(scan_ids))
    return {row.scan_id: row for row in db.session.scalars(query) if row.scan_id}


class Expected(NamedTuple):
    """Whom a sign-up stands for, and where."""

    person_id: int
    shift_id: int
    station_id: int


def signups_by_ids(public_ids: Collection[str]) -> dict[str, Expected]:
    """Return whom the sign-ups of these public ids stand for, whatever their state and shift."""
    query = (
        select(Signup.public_id, Signup.person_id, Signup.shift_id, Shift.station_id)
        .join(Signup.shift)
        .where(Signup.public_id.in_(public_ids))
    )
    return {row.public_id: Expected(*row[1:]) for row in db.session.execute(query)}


def shifts_near(station_id: int, after: datetime, before: datetime) -> Sequence[Shift]:
    """Return the planned shifts of a station that touch a span, with their offerings."""
    query = (
        select(Shift)
        .join(Shift.offering)
        .options(contains_eager(Shift.offering))
        .where(
            Shift.station_id == station_id,
            Shift.state == ShiftState.PLANNED,
            Shift.ends_at >= after,
            Shift.starts_at <= before,
        )
    )
    return db.session.scalars(query.order_by(Shift.starts_at, Shift.id).limit(20)).all()
