"""Tables of close-outs. Reports only grow: a correction is a new version, the highest counts."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.attendance.models_headcounts import Headcount
from portal.core.db import Base, PublicIdMixin, UtcDateTime, append_only, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.org.models import Term
from portal.records.files import StoredFile
from portal.shifts.models import Shift

MOST_HUNDREDTHS = 99_999_999


class Outcome(StrEnum):
    """What was said of a shift: something, or that there is nothing to tell."""

    REPORTED = "reported"
    NOTHING = "nothing"


OUTCOME_LABELS = {Outcome.REPORTED: _l("已填报"), Outcome.NOTHING: _l("没有可报的")}

QUALITY_LABELS = {
    5: _l("很好"),
    4: _l("好"),
    3: _l("一般"),
    2: _l("不太好"),
    1: _l("不好"),
}


class Closeout(Base):
    """One version of a shift's close-out. Words about the service are a note (`remark`).

    `quality` is of the volunteers' service as a whole; `due_on` the day by which it had to be told.
    """

    __tablename__ = "closeout"
    __table_args__ = (
        UniqueConstraint("shift_id", "version"),
        one_of("outcome", Outcome),
        CheckConstraint("quality BETWEEN 1 AND 5", name="quality_known"),
        CheckConstraint(
            "outcome = 'reported' OR (headcount_id IS NULL AND quality IS NULL)",
            name="nothing_is_nothing",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="RESTRICT"))
    version: Mapped[int] = mapped_column(SmallInteger)
    outcome: Mapped[Outcome] = mapped_column(String(10))
    quality: Mapped[int | None] = mapped_column(SmallInteger)
    headcount_id: Mapped[int | None] = mapped_column(
        ForeignKey("headcount.id", ondelete="RESTRICT")
    )
    due_on: Mapped[date] = mapped_column(Date)
    actor_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime())

    shift: Mapped[Shift] = relationship()
    headcount: Mapped[Headcount | None] = relationship()


class CloseoutCount(Base):
    """How much of one output there was, in hundredths of its unit, in one version."""

    __tablename__ = "closeout_count"
    __table_args__ = (
        UniqueConstraint("closeout_id", "term_id"),
        CheckConstraint(f"hundredths BETWEEN 1 AND {MOST_HUNDREDTHS}", name="amount_bounded"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    closeout_id: Mapped[int] = mapped_column(ForeignKey("closeout.id", ondelete="RESTRICT"))
    term_id: Mapped[int] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"))
    hundredths: Mapped[int] = mapped_column(Integer)

    term: Mapped[Term] = relationship()


class Shown(StrEnum):
    """Who is to be seen on a photo, as whoever sends it says."""

    NOBODY = "nobody"
    AGREED = "agreed"


SHOWN_LABELS = {
    Shown.NOBODY: _l("照片里认不出人"),
    Shown.AGREED: _l("照片里的人都当面同意拍"),
}


class CloseoutPhoto(PublicIdMixin, Base):
    """A photo of a shift, never asked for. Only who keeps the station's rosters sees it."""

    __tablename__ = "closeout_photo"
    __table_args__ = (one_of("shown", Shown),)

    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="RESTRICT"), index=True)
    file_id: Mapped[int] = mapped_column(
        ForeignKey("stored_file.id", ondelete="RESTRICT"), unique=True
    )
    shown: Mapped[Shown] = mapped_column(String(10))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime())
    added_by_id: Mapped[int | None] = mapped_column(Integer)

    shift: Mapped[Shift] = relationship()
    file: Mapped[StoredFile] = relationship()


class CloseoutReminder(Base):
    """That the station was reminded of a shift; once."""

    __tablename__ = "closeout_reminder"

    shift_id: Mapped[int] = mapped_column(
        ForeignKey("shift.id", ondelete="RESTRICT"), primary_key=True
    )
    reminded_at: Mapped[datetime] = mapped_column(UtcDateTime())


append_only(Closeout.__table__)  # type: ignore[arg-type]
append_only(CloseoutCount.__table__)  # type: ignore[arg-type]
