"""Tables of what is typed from paper sheets: batches that a second person releases."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.attendance.models_sheets import PaperSheet
from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l


class BatchState(StrEnum):
    """From typing to release; a sheet that nobody wrote on is set aside."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    RELEASED = "released"
    UNUSED = "unused"


BATCH_STATE_LABELS = {
    BatchState.DRAFT: _l("正在录"),
    BatchState.SUBMITTED: _l("等放行"),
    BatchState.RETURNED: _l("退回重录"),
    BatchState.RELEASED: _l("已放行"),
    BatchState.UNUSED: _l("没有用"),
}


class PaperBatch(PublicIdMixin, Base):
    """What is typed of one sheet until it is released; what is added later is another batch."""

    __tablename__ = "paper_batch"
    __table_args__ = (
        one_of("state", BatchState),
        CheckConstraint(
            "(state = 'released') = (released_at IS NOT NULL)", name="released_has_time"
        ),
        Index(
            "uq_paper_batch_open",
            "sheet_id",
            unique=True,
            sqlite_where=text("state <> 'released'"),
            postgresql_where=text("state <> 'released'"),
        ),
        Index(None, "sheet_id"),
        Index(None, "state"),
    )

    sheet_id: Mapped[int] = mapped_column(ForeignKey("paper_sheet.id", ondelete="RESTRICT"))
    state: Mapped[BatchState] = mapped_column(String(10))
    # Counts the savings: who saves an older page than the newest does not wipe out a colleague's.
    version: Mapped[int] = mapped_column(Integer, default=0)
    submitted_by_id: Mapped[int | None] = mapped_column(Integer)
    released_by_id: Mapped[int | None] = mapped_column(Integer)
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime())

    sheet: Mapped[PaperSheet] = relationship()


class Outcome(StrEnum):
    """What became of a typed row at the release."""

    RECORDED = "recorded"
    HELD = "held"
    REFUSED = "refused"


class PaperEntry(Base):
    """One typed row, as it was typed: so nothing is lost while something is wrong with it.

    `name` and `phone` are of who was written down by hand; they go when the row is released, or the
    person (`person_id`, where somebody was found) is erased.
    """

    __tablename__ = "paper_entry"
    __table_args__ = (
        one_of("outcome", Outcome),
        CheckConstraint("number >= 1", name="number_positive"),
        Index(None, "person_id"),
    )

    batch_id: Mapped[int] = mapped_column(
        ForeignKey("paper_batch.id", ondelete="RESTRICT"), primary_key=True
    )
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    came: Mapped[str] = mapped_column(String(20), default="")
    went: Mapped[str] = mapped_column(String(20), default="")
    name: Mapped[str] = mapped_column(String(40), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    typed_by_id: Mapped[int | None] = mapped_column(Integer)
    outcome: Mapped[Outcome | None] = mapped_column(String(10))
    # Why it was not recorded, a code.
    reason: Mapped[str] = mapped_column(String(30), default="")
