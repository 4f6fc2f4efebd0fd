"""Tables of certificates: what was certified, from which place of the ledger, and what became of it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.org.models import Station
from portal.people.models import Person


class Revocation(StrEnum):
    """Why a certificate was taken back."""

    MISTAKE = "mistake"
    OBJECTION = "objection"
    UNTRUE = "untrue"
    ASKED = "asked"
    ERASED = "erased"


REVOCATION_LABELS = {
    Revocation.MISTAKE: _l("开错了"),
    Revocation.OBJECTION: _l("有人提出异议，查实了"),
    Revocation.UNTRUE: _l("服务记录不实"),
    Revocation.ASKED: _l("本人要求撤销"),
    Revocation.ERASED: _l("本人注销了账号，姓名已经删除"),
}


class Certificate(PublicIdMixin, Base):
    """Service minutes of a person in a period at a unit (a station with all below it).

    Whether it holds is derived: `heads` say how far the ledger went, and the check compares.
    `entry_digest` is the SHA-256 over the digests of the entries it lists. What is printed on it is
    kept sealed, as it was issued.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        one_of("revoked_reason", Revocation),
        CheckConstraint("from_on <= to_on", name="period_in_order"),
        CheckConstraint("minutes > 0 AND entries > 0", name="certifies_something"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_reason IS NULL)", name="revoked_why"),
        CheckConstraint(
            "(superseded_at IS NULL) = (superseded_by_id IS NULL)", name="superseded_by_what"
        ),
        Index(None, "person_id"),
        Index(None, "station_id", "issued_at"),
        Index(None, "notice_until"),
    )

    number: Mapped[str] = mapped_column(String(20), unique=True)
    # The code on the paper: found by its hash; sealed, so that the paper can be printed again.
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    code_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date] = mapped_column(Date)
    minutes: Mapped[int] = mapped_column(Integer)
    entries: Mapped[int] = mapped_column(Integer)
    entry_digest: Mapped[str] = mapped_column(String(64))
    # Both are empty once the person was erased.
    name_masked: Mapped[str] = mapped_column(String(4))
    sheet_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime())
    issued_by_id: Mapped[int | None] = mapped_column(Integer)
    # The last day of the public notice; nothing when there is none.
    notice_until: Mapped[date | None] = mapped_column(Date)
    superseded_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("certificate.id", ondelete="RESTRICT"), index=True
    )
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    revoked_reason: Mapped[Revocation | None] = mapped_column(String(10))
    # When the person was told that a record behind it was corrected.
    change_told_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    person: Mapped[Person] = relationship()
    station: Mapped[Station] = relationship()
    superseded_by: Mapped[Certificate | None] = relationship(remote_side="Certificate.id")

    @property
    def is_live(self) -> bool:
        """Neither taken back nor replaced; its records may have changed all the same."""
        return self.revoked_at is None and self.superseded_at is None


class CertificateHead(Base):
    """How far one chain of the ledger went when the certificate was issued.

    A person has a chain of their own, and one for each record merged into theirs.
    """

    __tablename__ = "certificate_head"
    __table_args__ = (Index(None, "person_id"),)

    certificate_id: Mapped[int] = mapped_column(
        ForeignKey("certificate.id", ondelete="RESTRICT"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64))


class CertificateCounter(Base):
    """The last running number of a year."""

    __tablename__ = "certificate_counter"

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(Integer)
