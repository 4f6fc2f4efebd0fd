"""Tables of reporting to a community, and of the ways into a branch.

That somebody is a Party member stands in `people.models_party` alone, and in the two tables here
that lead to it: a request that waits, and a workbook that was read. Reporting to a community is
open to every volunteer, so that a row of it tells nothing of its person's membership.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.org.models import Station
from portal.org.models_party import PartyBranch
from portal.people.models import Person


class CommunityTie(PublicIdMixin, Base):
    """The community a person reports to (双报到), while `ended_on` is empty.

    `shown`: the person agreed that its staff see name, phone and what they can do.
    """

    __tablename__ = "community_tie"
    __table_args__ = (
        CheckConstraint("ended_on IS NULL OR ended_on >= since_on", name="ends_after_begin"),
        Index(
            "uq_community_tie_live",
            "person_id",
            unique=True,
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
        Index(None, "station_id"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    shown: Mapped[bool] = mapped_column(Boolean)
    since_on: Mapped[date] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)

    person: Mapped[Person] = relationship()
    station: Mapped[Station] = relationship()


class CommunityTieTerm(Base):
    """A skill or a kind of service that the person offers the community."""

    __tablename__ = "community_tie_term"

    tie_id: Mapped[int] = mapped_column(
        ForeignKey("community_tie.id", ondelete="RESTRICT"), primary_key=True
    )
    term_id: Mapped[int] = mapped_column(
        ForeignKey("term.id", ondelete="RESTRICT"), primary_key=True
    )


class ReportWay(StrEnum):
    """Who wrote a report down."""

    OWN = "own"
    DESK = "desk"


REPORT_WAY_LABELS = {ReportWay.OWN: _l("本人报到"), ReportWay.DESK: _l("站点代记")}


class CommunityReport(Base):
    """A person reported to their community: once in a period, which is named by its first day."""

    __tablename__ = "community_report"
    __table_args__ = (
        one_of("way", ReportWay),
        UniqueConstraint("person_id", "period_on"),
        CheckConstraint("reported_on >= period_on", name="within_period"),
        Index(None, "station_id", "reported_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    period_on: Mapped[date] = mapped_column(Date)
    reported_on: Mapped[date] = mapped_column(Date)
    way: Mapped[ReportWay] = mapped_column(String(10))
    actor_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime())

    station: Mapped[Station] = relationship()


class ReportReminder(Base):
    """That a member was reminded of a period; the key lets it happen once."""

    __tablename__ = "report_reminder"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True
    )
    period_on: Mapped[date] = mapped_column(Date, primary_key=True)


class MembershipRequest(PublicIdMixin, Base):
    """A person said which branch they are in; its secretary has not said yes (yet).

    A yes deletes the row: the membership says it from then on. One request a person.
    """

    __tablename__ = "membership_request"
    __table_args__ = (Index(None, "branch_id"),)

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="RESTRICT"), unique=True
    )
    branch_id: Mapped[int] = mapped_column(ForeignKey("party_branch.id", ondelete="RESTRICT"))
    # Since when the person says to be in the branch.
    since_on: Mapped[date] = mapped_column(Date)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime())
    refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    person: Mapped[Person] = relationship()
    branch: Mapped[PartyBranch] = relationship()


class MembershipImport(PublicIdMixin, Base):
    """What a secretary's workbook held, sealed, from the check to the import; then it is deleted."""

    __tablename__ = "membership_import"
    __table_args__ = (Index(None, "uploaded_at"),)

    branch_id: Mapped[int] = mapped_column(ForeignKey("party_branch.id", ondelete="RESTRICT"))
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime())
    rows_sealed: Mapped[bytes] = mapped_column(LargeBinary)

    branch: Mapped[PartyBranch] = relationship()
