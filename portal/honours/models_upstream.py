"""Tables of what was entered in the national system: batches, and the ledger entries in each."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.hours.models import LedgerEntry
from portal.org.models import Station


class BatchState(StrEnum):
    """How far a batch has come. A failed one counts for nothing: its entries are offered again."""

    MADE = "made"
    HANDED_IN = "handed_in"
    CONFIRMED = "confirmed"
    FAILED = "failed"


BATCH_STATE_LABELS = {
    BatchState.MADE: _l("已导出，还没有上报"),
    BatchState.HANDED_IN: _l("已上报，等确认"),
    BatchState.CONFIRMED: _l("已录入全国系统"),
    BatchState.FAILED: _l("没有成功，作废"),
}


class UpstreamBatch(PublicIdMixin, Base):
    """One export: whose stations, which days, how many rows, and who made it when."""

    __tablename__ = "upstream_batch"
    __table_args__ = (
        one_of("state", BatchState),
        CheckConstraint("first_on <= last_on", name="ends_after_start"),
        CheckConstraint("entries + corrections > 0", name="not_empty"),
        Index(None, "station_id", "made_at"),
    )

    station_id: Mapped[int] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    first_on: Mapped[date] = mapped_column(Date)
    last_on: Mapped[date] = mapped_column(Date)
    state: Mapped[BatchState] = mapped_column(String(10))
    entries: Mapped[int] = mapped_column(Integer)
    corrections: Mapped[int] = mapped_column(Integer)
    persons: Mapped[int] = mapped_column(Integer)
    minutes: Mapped[int] = mapped_column(Integer)
    made_by_id: Mapped[int | None] = mapped_column(Integer)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime())
    # The day on which the present state began outside of the house.
    handed_in_on: Mapped[date | None] = mapped_column(Date)
    confirmed_on: Mapped[date | None] = mapped_column(Date)

    station: Mapped[Station] = relationship()


class UpstreamEntry(Base):
    """A ledger entry in a batch. The ledger itself is never touched.

    A credit is in one live batch at most, and so is the reversal that corrects it.
    """

    __tablename__ = "upstream_entry"
    __table_args__ = (
        Index(
            "uq_upstream_entry_live",
            "entry_id",
            unique=True,
            sqlite_where=text("released_at IS NULL"),
            postgresql_where=text("released_at IS NULL"),
        ),
    )

    batch_id: Mapped[int] = mapped_column(
        ForeignKey("upstream_batch.id", ondelete="RESTRICT"), primary_key=True
    )
    entry_id: Mapped[int] = mapped_column(
        ForeignKey("ledger_entry.id", ondelete="RESTRICT"), primary_key=True
    )
    # Set when the batch failed.
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    entry: Mapped[LedgerEntry] = relationship()
