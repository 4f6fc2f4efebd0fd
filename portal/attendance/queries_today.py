"""Selects over what a desk has before it: who came, and stays that wait for somebody's word."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from portal.attendance.models import Visit, VisitState
from portal.attendance.settling import WAITING
from portal.core.db import db
from portal.shifts.models import Shift
from portal.shifts.queries_desk import PLANNED, Planned

_WIDTH = len(PLANNED)
# An open stay is closed by rule soon after the end; older ones are none of the desk's day.
_LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ToSettle:
    """So many stays of a shift that wait to be confirmed, the first of them by a day."""

    shift: Planned
    count: int
    by: date | None


def came(shift_ids: Collection[int]) -> Mapping[int, int]:
    """Return how many people came to each of these shifts."""
    query = (
        select(Visit.shift_id, func.count(Visit.person_id.distinct()))
        .where(Visit.shift_id.in_(shift_ids), Visit.state != VisitState.ANNULLED)
        .group_by(Visit.shift_id)
    )
    return dict(db.session.execute(query).tuples().all())


def left_open_at(station_ids: Collection[int], now: datetime) -> Sequence[ToSettle]:
    """Return the shifts that ended while people are still checked in."""
    query = (
        select(*PLANNED, func.count())
        .join_from(Visit, Shift, Shift.id == Visit.shift_id)
        .join(Shift.offering)
        .where(
            Visit.state == VisitState.OPEN,
            Shift.station_id.in_(station_ids),
            Shift.ends_at <= now,
            Shift.ends_at > now - _LATELY,
        )
        .group_by(*PLANNED)
    )
    return [
        ToSettle(Planned(*row[:_WIDTH]), row[_WIDTH], None) for row in db.session.execute(query)
    ]


def to_confirm_at(station_ids: Collection[int], most: int) -> Sequence[ToSettle]:
    """Return the shifts with stays that wait for a word, those to be confirmed first on top."""
    first = func.min(Visit.settle_by_on)
    query = (
        select(*PLANNED, func.count(), first)
        .join_from(Visit, Shift, Shift.id == Visit.shift_id)
        .join(Shift.offering)
        .where(
            Visit.state == VisitState.PROVISIONAL,
            Visit.pending.in_(WAITING),
            Shift.station_id.in_(station_ids),
        )
        .group_by(*PLANNED)
        .order_by(first, Shift.id)
        .limit(most)
    )
    return [ToSettle(Planned(*row[:_WIDTH]), *row[_WIDTH:]) for row in db.session.execute(query)]
