"""Roll-ups: what the figures pages add up. Recomputed from the records, never incremented."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base


class DayFigure(Base):
    """Sums of one local day, station and kind (0: what has no kind, e.g. applications)."""

    __tablename__ = "day_figure"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    station_id: Mapped[int] = mapped_column(
        ForeignKey("station.id", ondelete="RESTRICT"), primary_key=True
    )
    kind_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sessions: Mapped[int] = mapped_column(Integer, default=0)
    attendances: Mapped[int] = mapped_column(Integer, default=0)
    applications: Mapped[int] = mapped_column(Integer, default=0)
    registrations: Mapped[int] = mapped_column(Integer, default=0)
    departures: Mapped[int] = mapped_column(Integer, default=0)
    minutes: Mapped[int] = mapped_column(Integer, default=0)
    provisional_minutes: Mapped[int] = mapped_column(Integer, default=0)


class PersonDay(Base):
    """Minutes of one person on a local day at a station, by kind: distinct persons are counted here."""

    __tablename__ = "person_day"
    __table_args__ = (Index(None, "station_id", "day"),)

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    station_id: Mapped[int] = mapped_column(
        ForeignKey("station.id", ondelete="RESTRICT"), primary_key=True
    )
    kind_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True
    )
    minutes: Mapped[int] = mapped_column(Integer)
