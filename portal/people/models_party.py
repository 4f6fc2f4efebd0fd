"""Tables of Party membership: sensitive data (个人信息保护法 art. 28), apart from the person's row."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, UtcDateTime, one_of
from portal.org.models_party import PartyBranch
from portal.people.models import Person
from portal.people.models_consents import Channel


class PartyMember(Base):
    """A person in a branch, while `ended_on` is empty. There is no row without a consent on record."""

    __tablename__ = "party_member"
    __table_args__ = (
        one_of("channel", Channel),
        CheckConstraint("ended_on IS NULL OR ended_on >= since_on", name="ends_after_begin"),
        Index(
            "uq_party_member_live",
            "person_id",
            unique=True,
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
        Index(None, "branch_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("party_branch.id", ondelete="RESTRICT"))
    # Since when, and until when, the branch counts the person: targets are shared out by it.
    since_on: Mapped[date] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    channel: Mapped[Channel] = mapped_column(String(10))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime())
    recorded_by_id: Mapped[int | None] = mapped_column(Integer)

    person: Mapped[Person] = relationship()
    branch: Mapped[PartyBranch] = relationship()


class BranchSecretary(Base):
    """Who keeps a branch and all below it: the permission behind which membership lies."""

    __tablename__ = "branch_secretary"
    __table_args__ = (
        Index(
            "uq_branch_secretary_live",
            "branch_id",
            "person_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index(None, "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("party_branch.id", ondelete="RESTRICT"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime())
    granted_by_id: Mapped[int | None] = mapped_column(Integer)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    branch: Mapped[PartyBranch] = relationship()
    person: Mapped[Person] = relationship()
