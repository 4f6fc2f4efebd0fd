"""Duty logs: what a duty came to, in numbers. Append-only: a correction is a new version."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, UtcDateTime, append_only
from portal.org.models import Term
from portal.shifts.models import Shift


class DutyLog(Base):
    """One version of a shift's log; the highest counts. Words about an incident are a note."""

    __tablename__ = "duty_log"
    __table_args__ = (
        UniqueConstraint("shift_id", "version"),
        CheckConstraint("helped BETWEEN 0 AND 9999", name="helped_bounded"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="RESTRICT"))
    version: Mapped[int] = mapped_column(SmallInteger)
    helped: Mapped[int] = mapped_column(SmallInteger)
    actor_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime())

    shift: Mapped[Shift] = relationship()


class DutyCount(Base):
    """How often one kind of thing was done, in one version of a log."""

    __tablename__ = "duty_count"
    __table_args__ = (
        UniqueConstraint("log_id", "term_id"),
        CheckConstraint("number BETWEEN 1 AND 9999", name="number_bounded"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    log_id: Mapped[int] = mapped_column(ForeignKey("duty_log.id", ondelete="RESTRICT"))
    term_id: Mapped[int] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"))
    number: Mapped[int] = mapped_column(SmallInteger)

    term: Mapped[Term] = relationship()


append_only(DutyLog.__table__)  # type: ignore[arg-type]
append_only(DutyCount.__table__)  # type: ignore[arg-type]
