"""Days whose rolled-up figures no longer hold. Marked by whoever changes a countable record."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, Integer
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, execute, is_sqlite


class StaleDay(Base):
    """A local day of a station whose figures are to be computed again."""

    __tablename__ = "stale_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    station_id: Mapped[int] = mapped_column(Integer, primary_key=True)


_SQLITE = sqlite.insert(StaleDay).on_conflict_do_nothing()
_POSTGRESQL = postgresql.insert(StaleDay).on_conflict_do_nothing()


def mark(day: date, station_id: int) -> None:
    """Mark the day in the running transaction; marking twice is harmless."""
    insert = _SQLITE if is_sqlite() else _POSTGRESQL
    execute(insert, {"day": day, "station_id": station_id})
