"""The table of evaluations: how well somebody served, on a shift or over a time."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core import clock
from portal.core.db import Base, PublicIdMixin, UtcDateTime
from portal.org.models import Station, Term
from portal.people.models import Person
from portal.shifts.models import Shift


class Evaluation(PublicIdMixin, Base):
    """Quality of a person's service (民政部令第67号): of one shift, or of a time at a station.

    The remark and the volunteer's answer are notes; a change of quality is a step. `due_on` is the
    day by which it was to be entered.
    """

    __tablename__ = "evaluation"
    __table_args__ = (
        CheckConstraint("first_on <= last_on", name="ends_after_start"),
        Index(
            "uq_evaluation_shift",
            "person_id",
            "shift_id",
            unique=True,
            sqlite_where=text("shift_id IS NOT NULL"),
            postgresql_where=text("shift_id IS NOT NULL"),
        ),
        Index(
            "uq_evaluation_period",
            "person_id",
            "station_id",
            "first_on",
            "last_on",
            unique=True,
            sqlite_where=text("shift_id IS NULL"),
            postgresql_where=text("shift_id IS NULL"),
        ),
        Index(None, "shift_id"),
        Index(None, "due_on"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id", ondelete="RESTRICT"))
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    first_on: Mapped[date] = mapped_column(Date)
    last_on: Mapped[date] = mapped_column(Date)
    quality_id: Mapped[int] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"))
    due_on: Mapped[date] = mapped_column(Date)
    entered_by_id: Mapped[int | None] = mapped_column(Integer)
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime())
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    person: Mapped[Person] = relationship()
    shift: Mapped[Shift | None] = relationship()
    station: Mapped[Station] = relationship()
    quality: Mapped[Term] = relationship()

    @property
    def is_late(self) -> bool:
        """Whether it was entered after the days that the law gives."""
        return clock.local_day(self.entered_at) > self.due_on
