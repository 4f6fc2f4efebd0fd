"""The roll-up: what the figures pages add up. Recomputed from the records, never incremented."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import Date, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, one_of

# The station and the kind of a cell that stands for all of them together.
ALL = 0


class Grain(StrEnum):
    """How long a cell is."""

    DAY = "day"
    MONTH = "month"


class FigureCell(Base):
    """Sums of a local day or month: for each station and kind, and for `ALL` of either or both.

    Sums over all can be added up beforehand because the parts do not overlap. Persons do: so a
    cell keeps the set of those who had minutes (`persons`), and whoever adds cells unites the sets.
    """

    __tablename__ = "figure_cell"
    __table_args__ = (one_of("grain", Grain),)

    grain: Mapped[Grain] = mapped_column(String(5), primary_key=True)
    first_on: Mapped[date] = mapped_column(Date, primary_key=True)
    # No foreign keys: `ALL` is no station and no kind.
    station_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sessions: Mapped[int] = mapped_column(Integer)
    attendances: Mapped[int] = mapped_column(Integer)
    applications: Mapped[int] = mapped_column(Integer)
    registrations: Mapped[int] = mapped_column(Integer)
    departures: Mapped[int] = mapped_column(Integer)
    minutes: Mapped[int] = mapped_column(Integer)
    provisional_minutes: Mapped[int] = mapped_column(Integer)
    # Heads counted in open crowds: exactly, by estimate; sessions with a count, and still without.
    counted: Mapped[int] = mapped_column(Integer, default=0)
    estimated: Mapped[int] = mapped_column(Integer, default=0)
    headcounts: Mapped[int] = mapped_column(Integer, default=0)
    uncounted: Mapped[int] = mapped_column(Integer, default=0)
    persons: Mapped[bytes] = mapped_column(LargeBinary)
