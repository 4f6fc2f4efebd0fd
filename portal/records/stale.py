"""Days whose rolled-up figures no longer hold. Marked by whoever changes a countable record."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, Integer, bindparam, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, execute


class StaleDay(Base):
    """A local day of a station whose figures are to be computed again."""

    __tablename__ = "stale_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    station_id: Mapped[int] = mapped_column(Integer, primary_key=True)


# Both databases say it so; SQLAlchemy's own clause for it would be put together at each mark.
_MARK = text(
    "INSERT INTO stale_day (day, station_id) VALUES (:day, :station_id) ON CONFLICT DO NOTHING"
).bindparams(bindparam("day", type_=Date))


def mark(day: date, station_id: int) -> None:
    """Mark the day in the running transaction; marking twice is harmless."""
    execute(_MARK, {"day": day, "station_id": station_id})
