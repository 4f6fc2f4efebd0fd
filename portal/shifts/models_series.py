"""Tables of series: an offering whose dates come out of a rule, and what each date is of it."""

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
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.shifts.models import Offering, PlaceRole, Shift


class Holidays(StrEnum):
    """What becomes of a date that falls on a holiday of the district's working calendar."""

    SKIP = "skip"
    KEEP = "keep"


class Series(PublicIdMixin, Base):
    """The rule of an offering's dates, in the district's local time.

    `rule` is an RRULE of RFC 5545 that begins on `starts_on` and holds for what is still to come:
    a change of "this and later" moves `starts_on` there, and the dates before are rows of their own.
    COUNT counts the dates that take place: one that a holiday takes is made up for at the end.
    """

    __tablename__ = "series"
    __table_args__ = (
        one_of("holidays", Holidays),
        CheckConstraint("starts_minute BETWEEN 0 AND 1439", name="starts_within_day"),
        CheckConstraint("length_minutes BETWEEN 1 AND 1440", name="length_within_day"),
    )

    offering_id: Mapped[int] = mapped_column(
        ForeignKey("offering.id", ondelete="RESTRICT"), unique=True
    )
    rule: Mapped[str] = mapped_column(String(120))
    starts_on: Mapped[date] = mapped_column(Date)
    starts_minute: Mapped[int] = mapped_column(SmallInteger)
    length_minutes: Mapped[int] = mapped_column(SmallInteger)
    holidays: Mapped[Holidays] = mapped_column(String(4))
    # What each new date gets: its place and host, where they are not the offering's own.
    place: Mapped[str] = mapped_column(String(120), default="")
    host: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    created_by_id: Mapped[int | None] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime())

    offering: Mapped[Offering] = relationship()


class SeriesPlace(Base):
    """The places that each new date of the series gets."""

    __tablename__ = "series_place"
    __table_args__ = (
        one_of("role", PlaceRole),
        UniqueConstraint("series_id", "role", "label"),
        CheckConstraint("capacity >= 1", name="capacity_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="RESTRICT"))
    role: Mapped[PlaceRole] = mapped_column(String(10))
    label: Mapped[str] = mapped_column(String(40), default="")
    capacity: Mapped[int] = mapped_column(SmallInteger)


_NOT_DROPPED = text("NOT is_dropped")


class SeriesDate(Base):
    """Which date of the series a shift is: the day that the rule gave it, wherever it was moved to.

    `is_own`: somebody changed this date alone, so it does not follow a change of the series.
    `is_dropped`: called off because the series no longer has the day; it may be made anew one day.
    """

    __tablename__ = "series_date"
    __table_args__ = (
        Index(
            "uq_series_date_live",
            "series_id",
            "original_on",
            unique=True,
            sqlite_where=_NOT_DROPPED,
            postgresql_where=_NOT_DROPPED,
        ),
    )

    shift_id: Mapped[int] = mapped_column(
        ForeignKey("shift.id", ondelete="RESTRICT"), primary_key=True
    )
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="RESTRICT"))
    original_on: Mapped[date] = mapped_column(Date)
    is_own: Mapped[bool] = mapped_column(Boolean, default=False)
    is_dropped: Mapped[bool] = mapped_column(Boolean, default=False)
    # A holiday that was published later fell on it, and somebody decided to keep the date.
    is_kept: Mapped[bool] = mapped_column(Boolean, default=False)

    shift: Mapped[Shift] = relationship()
    series: Mapped[Series] = relationship()
