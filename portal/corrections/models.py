"""Tables of what is entered late or put right: a request, and the evidence that came with it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.hours.models import LedgerEntry
from portal.org.models import Station, Term
from portal.people.models import Person
from portal.records.files import StoredFile
from portal.shifts.models import Shift


class CorrectionKind(StrEnum):
    """A record that is missing, or one that is wrong."""

    MAKE_UP = "make_up"
    CORRECTION = "correction"


CORRECTION_KIND_LABELS = {
    CorrectionKind.MAKE_UP: _l("补录"),
    CorrectionKind.CORRECTION: _l("更正"),
}


class CorrectionState(StrEnum):
    """Where a request stands."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


CORRECTION_STATE_LABELS = {
    CorrectionState.SUBMITTED: _l("等待答复"),
    CorrectionState.RETURNED: _l("退回补充"),
    CorrectionState.APPROVED: _l("通过"),
    CorrectionState.REFUSED: _l("没有通过"),
    CorrectionState.WITHDRAWN: _l("已撤回"),
}

# Nothing was decided yet.
OPEN = (CorrectionState.SUBMITTED, CorrectionState.RETURNED)
_OPEN_SQL = ", ".join(f"'{state}'" for state in OPEN)


class Correction(PublicIdMixin, Base):
    """A request to record service late (make-up), or to put a record right (correction).

    A make-up is of a shift, or of service that nobody planned: then it names none, and a note of
    kind `title`, `place` and `story` each says what it was. A correction names the ledger's entry.
    `starts_at`, `ends_at` and `minutes` are what is claimed; 0 minutes take the entry back.
    """

    __tablename__ = "correction"
    __table_args__ = (
        one_of("kind", CorrectionKind),
        one_of("state", CorrectionState),
        CheckConstraint("(kind = 'correction') = (entry_id IS NOT NULL)", name="names_its_entry"),
        CheckConstraint("starts_at < ends_at", name="ends_after_start"),
        CheckConstraint("minutes > 0 OR (minutes = 0 AND kind = 'correction')", name="claims_time"),
        CheckConstraint(
            f"(state IN ({_OPEN_SQL})) = (answered_at IS NULL)", name="answered_when_not_open"
        ),
        Index(
            "uq_correction_open_entry",
            "entry_id",
            unique=True,
            sqlite_where=text(f"state IN ({_OPEN_SQL})"),
            postgresql_where=text(f"state IN ({_OPEN_SQL})"),
        ),
        Index(None, "station_id", "state", "due_on"),
        Index(None, "state", "due_on"),
        Index(None, "person_id", "id"),
        Index(None, "author_id"),
        Index(None, "shift_id"),
    )

    # The form that was sent: sent twice, it is filed once.
    form_key: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[CorrectionKind] = mapped_column(String(10))
    state: Mapped[CorrectionState] = mapped_column(String(12))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    kind_id: Mapped[int] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"))
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id", ondelete="RESTRICT"))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entry.id", ondelete="RESTRICT"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime())
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime())
    minutes: Mapped[int] = mapped_column(Integer)
    # Who wrote it down: the person, or the leader for them (代办).
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    filed_at: Mapped[datetime] = mapped_column(UtcDateTime())
    due_on: Mapped[date] = mapped_column(Date)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    overdue_told_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    author: Mapped[Person] = relationship(foreign_keys=[author_id])
    station: Mapped[Station] = relationship()
    term: Mapped[Term] = relationship()
    shift: Mapped[Shift | None] = relationship()
    entry: Mapped[LedgerEntry | None] = relationship()


class CorrectionEvidence(PublicIdMixin, Base):
    """A picture or a PDF that shows that the service was given. Deleted some time after the answer."""

    __tablename__ = "correction_evidence"
    __table_args__ = (Index(None, "correction_id"),)

    correction_id: Mapped[int] = mapped_column(ForeignKey("correction.id", ondelete="RESTRICT"))
    file_id: Mapped[int] = mapped_column(
        ForeignKey("stored_file.id", ondelete="RESTRICT"), unique=True
    )
    added_at: Mapped[datetime] = mapped_column(UtcDateTime())
    added_by_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))

    correction: Mapped[Correction] = relationship()
    file: Mapped[StoredFile] = relationship()
