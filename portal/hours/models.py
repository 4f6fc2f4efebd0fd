"""The ledger of service minutes. Append-only: a correction is a reversing entry."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, UtcDateTime, append_only, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.people.models import Person
from portal.shifts.models import Shift


class Source(StrEnum):
    """Where a record comes from, for ever (民政部令 67; product rule 3)."""

    CHECK_IN = "check_in"
    PAPER = "paper"
    WISH = "wish"
    MAKE_UP = "make_up"


SOURCE_LABELS = {
    Source.CHECK_IN: _l("签到"),
    Source.PAPER: _l("纸质签到表"),
    Source.WISH: _l("心愿服务"),
    Source.MAKE_UP: _l("补录"),
}


REF_LENGTH = 16


class LedgerEntry(Base):
    """Minutes of a person, credited (>= 0) or reversed (<= 0).

    `seq` counts the person's entries from 1 and `digest` chains them: SHA-256 over the digest
    before and the entry's own fields, so that a changed, moved or missing entry shows.
    `rule` holds the figures the credit was judged by.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        one_of("source", Source),
        UniqueConstraint("person_id", "seq"),
        UniqueConstraint("source_kind", "source_id", "source_round"),
        CheckConstraint("starts_at <= ends_at", name="ends_after_start"),
        CheckConstraint(
            "(reverses_id IS NULL AND minutes >= 0) OR (reverses_id IS NOT NULL AND minutes <= 0)",
            name="sign_fits",
        ),
        Index(None, "person_id", "starts_at"),
        Index(None, "day", "station_id"),
        Index(None, "shift_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    seq: Mapped[int] = mapped_column(Integer)
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id", ondelete="RESTRICT"))
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    kind_id: Mapped[int] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"))
    day: Mapped[date] = mapped_column(Date)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime())
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime())
    minutes: Mapped[int] = mapped_column(Integer)
    source: Mapped[Source] = mapped_column(String(10))
    # The thing that earned the minutes (a visit, a pledge …). Credited once per round; a round
    # is a credit or its reversal, counted from 0.
    source_kind: Mapped[str] = mapped_column(String(20))
    source_id: Mapped[int] = mapped_column(Integer)
    source_round: Mapped[int] = mapped_column(Integer, default=0)
    reverses_id: Mapped[int | None] = mapped_column(
        ForeignKey("ledger_entry.id", ondelete="RESTRICT"), unique=True
    )
    rule: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    actor_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime())
    digest: Mapped[str] = mapped_column(String(64))

    person: Mapped[Person] = relationship()
    shift: Mapped[Shift | None] = relationship()

    @property
    def ref(self) -> str:
        """How addresses name the entry: the beginning of its digest, as its id never leaves."""
        return self.digest[:REF_LENGTH]


append_only(LedgerEntry.__table__)  # type: ignore[arg-type]


class LedgerSeal(Base):
    """One entry's place in the ledger as a whole, written by the worker after the entry.

    `number` counts from 1 without a gap; `digest` chains them: SHA-256 over the digest before, the
    entry's id and the entry's own digest. Writers never wait for the head of this chain.
    """

    __tablename__ = "ledger_seal"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(
        ForeignKey("ledger_entry.id", ondelete="RESTRICT"), unique=True
    )
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime())


class LedgerHead(Base):
    """How far the seals had come when a local day was over. It leaves the house by the outbox."""

    __tablename__ = "ledger_head"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    number: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime())


append_only(LedgerSeal.__table__)  # type: ignore[arg-type]
append_only(LedgerHead.__table__)  # type: ignore[arg-type]
