"""What tick and check-data do about figures."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.figures import actions, comparison, rollup
from portal.figures.models import ALL, FigureCell
from portal.figures.rules import Span
from portal.records.stale import StaleDay

DAYS_AT_ONCE = 10
ROUNDS = 20


def due(now: datetime) -> None:
    """Roll up the marked days that are over, oldest first, a few at a time."""
    if _unmarked_today(now):
        write(actions.mark_today, actor=SYSTEM, now=now)
    before: list[date] = []
    for _round in range(ROUNDS):
        days = _marked_days(now)
        if not days or days == before:
            return
        write(actions.roll_up, days, actor=SYSTEM, now=now)
        write(actions.settle, days, actor=SYSTEM, now=now)
        before = days


def check() -> list[str]:
    """Return one line for each cell of the roll-up that does not hold, marked days left aside."""
    now = clock.now()
    first, last = _first_day(), clock.local_day(now) - timedelta(days=1)
    if first is None or first > last:
        return []
    days = Span(first, last)
    stale = _marks()
    found = list(comparison.differences([days], now=now))
    stale |= _marks()  # somebody may have changed a record while we compared
    stale |= {(day, ALL) for day, _station_id in stale}
    kept = [one for one in found if (one.cell.first_on, one.cell.station_id) not in stale]
    return [f"figures: {one}" for one in (*kept, *comparison.differences_of_months(days))]


def _marks() -> set[tuple[date, int]]:
    marked = db.session.execute(select(StaleDay.day, StaleDay.station_id))
    return {(day, station_id) for day, station_id in marked}


def _marked_days(now: datetime) -> list[date]:
    query = select(StaleDay.day).where(StaleDay.day < clock.local_day(now)).distinct()
    return list(db.session.scalars(query.order_by(StaleDay.day).limit(DAYS_AT_ONCE)))


def _unmarked_today(now: datetime) -> bool:
    today = clock.local_day(now)
    return not rollup.shift_days(today, today) <= _marks()


def _first_day() -> date | None:
    stored = db.session.scalar(select(func.min(FigureCell.first_on)))
    return min((day for day in (rollup.first_day(), stored) if day), default=None)
