"""The table of who came without a sign-up: a provisional visit until staff say who it is."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.attendance.models import Way
from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.people.models import Person
from portal.shifts.models import PlaceRole, Shift


class WalkInState(StrEnum):
    """Where a provisional visit stands."""

    WAITING = "waiting"
    ADMITTED = "admitted"
    REFUSED = "refused"
    LAPSED = "lapsed"


WALK_IN_STATE_LABELS = {
    WalkInState.WAITING: _l("等确认"),
    WalkInState.ADMITTED: _l("已确认"),
    WalkInState.REFUSED: _l("不计"),
    WalkInState.LAPSED: _l("过期未确认"),
}


class WalkIn(PublicIdMixin, Base):
    """Somebody who came without a sign-up. Nothing of it counts before it is admitted.

    `key` is what the stay is known by, for ever. `name` and `phone` are wiped once it is settled.
    """

    __tablename__ = "walk_in"
    __table_args__ = (
        one_of("state", WalkInState),
        one_of("way", Way),
        one_of("role", PlaceRole),
        CheckConstraint("out_at IS NULL OR in_at <= out_at", name="out_after_in"),
        CheckConstraint("state <> 'admitted' OR person_id IS NOT NULL", name="admitted_is_known"),
        Index(None, "shift_id", "state"),
        Index(None, "state", "settle_by_on"),
        Index(None, "person_id"),
    )

    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="RESTRICT"))
    key: Mapped[str] = mapped_column(String(36), unique=True)
    way: Mapped[Way] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(40), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    role: Mapped[PlaceRole] = mapped_column(String(10))
    in_at: Mapped[datetime] = mapped_column(UtcDateTime())
    out_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    # Who was found by name and phone; once admitted, who it is.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    state: Mapped[WalkInState] = mapped_column(String(10))
    settle_by_on: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime())
    recorded_by_id: Mapped[int | None] = mapped_column(Integer)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    decided_by_id: Mapped[int | None] = mapped_column(Integer)
    # Why staff could not admit it yet, a code.
    reason: Mapped[str] = mapped_column(String(30), default="")

    shift: Mapped[Shift] = relationship(viewonly=True)
    person: Mapped[Person | None] = relationship(viewonly=True)
