"""The rules by which service time is credited: versions that only grow, each from a day on."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, UtcDateTime, append_only, one_of
from portal.core.i18n import lazy_gettext as _l


class Rounding(StrEnum):
    """What becomes of less than one step."""

    DOWN = "down"
    NEAREST = "nearest"
    UP = "up"


ROUNDING_LABELS = {
    Rounding.DOWN: _l("向下取整"),
    Rounding.NEAREST: _l("四舍五入"),
    Rounding.UP: _l("向上取整"),
}


class ShortStays(StrEnum):
    """What becomes of a stay that covers too little of its shift. What was given counts in full."""

    FLAG = "flag"
    HOLD = "hold"


SHORT_STAY_LABELS = {
    ShortStays.FLAG: _l("照实计入，做个标记"),
    ShortStays.HOLD: _l("先不计，等负责人确认后照实计入"),
}


class CreditRule(Base):
    """One version, for shifts from a local day on. Figures are minutes, the share is percent.

    Where several begin by a day, the one that begins last holds, of those the newest. `break_after`
    and `minimum_share` of 0 mean that there is none.
    """

    __tablename__ = "credit_rule"
    __table_args__ = (one_of("rounding", Rounding), one_of("short_stays", ShortStays))

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, unique=True)
    valid_from: Mapped[date] = mapped_column(Date)
    grace: Mapped[int] = mapped_column(Integer)
    rounding: Mapped[str] = mapped_column(String(10))
    step: Mapped[int] = mapped_column(Integer)
    minimum_share: Mapped[int] = mapped_column(Integer)
    short_stays: Mapped[str] = mapped_column(String(10))
    day_cap: Mapped[int] = mapped_column(Integer)
    break_after: Mapped[int] = mapped_column(Integer)
    break_minutes: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(200))
    actor_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime())


append_only(CreditRule.__table__)  # type: ignore[arg-type]
