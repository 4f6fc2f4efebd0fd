"""The table of what people say at a post's printed code: it counts once somebody confirmed it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.attendance.models import Direction
from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.people.models import Person
from portal.shifts.models import Shift


class ClaimState(StrEnum):
    """Where a claim stands."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    LAPSED = "lapsed"


CLAIM_STATE_LABELS = {
    ClaimState.WAITING: _l("等负责人确认"),
    ClaimState.CONFIRMED: _l("已确认"),
    ClaimState.REFUSED: _l("没有通过"),
    ClaimState.LAPSED: _l("过期未确认"),
}


class Claim(PublicIdMixin, Base):
    """Somebody says they are here, or leaving. `device` is a hash that tells phones apart."""

    __tablename__ = "claim"
    __table_args__ = (
        one_of("direction", Direction),
        one_of("state", ClaimState),
        Index(
            "uq_claim_waiting",
            "shift_id",
            "person_id",
            "direction",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(None, "shift_id", "state"),
        Index(None, "state", "settle_by_on"),
        Index(None, "person_id"),
    )

    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="RESTRICT"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    direction: Mapped[Direction] = mapped_column(String(3))
    at: Mapped[datetime] = mapped_column(UtcDateTime())
    device: Mapped[str] = mapped_column(String(32), default="")
    state: Mapped[ClaimState] = mapped_column(String(10))
    settle_by_on: Mapped[date] = mapped_column(Date)
    decided_by_id: Mapped[int | None] = mapped_column(Integer)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    # Why it was not recorded though it was confirmed, a code.
    reason: Mapped[str] = mapped_column(String(20), default="")

    shift: Mapped[Shift] = relationship(viewonly=True)
    person: Mapped[Person] = relationship(viewonly=True)
