"""How many came to an open crowd: stated by whoever leads it, or tallied head by head on a phone.

Both only grow. The newest statement counts; where there is none, what the tally adds up to.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, UtcDateTime, append_only, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.shifts.models import Shift

MOST_HEADS = 1_000_000
MOST_AT_ONCE = 50


class Method(StrEnum):
    """How the number came about."""

    COUNTED = "counted"
    ESTIMATED = "estimated"


METHOD_LABELS = {Method.COUNTED: _l("一个一个数的"), Method.ESTIMATED: _l("估计的")}


class Headcount(Base):
    """One statement of how many came besides those who checked in; by whom is the actor.

    Who counted, where it was somebody else, is a note (`counted_by`).
    """

    __tablename__ = "headcount"
    __table_args__ = (
        one_of("method", Method),
        CheckConstraint(f"number BETWEEN 0 AND {MOST_HEADS}", name="number_bounded"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="RESTRICT"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    method: Mapped[Method] = mapped_column(String(10))
    actor_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime())

    shift: Mapped[Shift] = relationship()


class TallyMark(Base):
    """So many heads more or fewer. `mark_id` is the phone's idempotency key, for ever."""

    __tablename__ = "tally_mark"
    __table_args__ = (
        UniqueConstraint("shift_id", "mark_id"),
        CheckConstraint(
            f"amount BETWEEN -{MOST_AT_ONCE} AND {MOST_AT_ONCE} AND amount <> 0",
            name="amount_bounded",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="RESTRICT"))
    mark_id: Mapped[str] = mapped_column(String(36))
    amount: Mapped[int] = mapped_column(SmallInteger)
    # The phone's own time; `at` is when we received it.
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime())
    actor_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime())


append_only(Headcount.__table__)  # type: ignore[arg-type]
append_only(TallyMark.__table__)  # type: ignore[arg-type]
