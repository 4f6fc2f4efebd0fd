"""Tables of the paper sign-in sheets: what was printed, so that what is written on it can be typed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, UtcDateTime
from portal.shifts.models import Shift
from portal.signups.models import Signup


class PaperSheet(Base):
    """The n-th sheet that was printed for a shift; each printing has a number of its own."""

    __tablename__ = "paper_sheet"
    __table_args__ = (
        UniqueConstraint("shift_id", "number"),
        CheckConstraint("number BETWEEN 1 AND 99", name="number_has_two_digits"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="RESTRICT"))
    number: Mapped[int] = mapped_column(SmallInteger)
    printed_at: Mapped[datetime] = mapped_column(UtcDateTime())
    printed_by_id: Mapped[int | None] = mapped_column(Integer)

    shift: Mapped[Shift] = relationship()


class PaperRow(Base):
    """A row of a sheet: somebody who was signed up, or a blank one for who walks in."""

    __tablename__ = "paper_row"
    __table_args__ = (CheckConstraint("number >= 1", name="number_positive"),)

    sheet_id: Mapped[int] = mapped_column(
        ForeignKey("paper_sheet.id", ondelete="RESTRICT"), primary_key=True
    )
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    signup_id: Mapped[int | None] = mapped_column(
        ForeignKey("signup.id", ondelete="RESTRICT"), index=True
    )

    sheet: Mapped[PaperSheet] = relationship()
    signup: Mapped[Signup | None] = relationship()
