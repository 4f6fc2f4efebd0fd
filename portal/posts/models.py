"""The service post: an offering that stands at a venue, with a weekly grid of duties."""

from __future__ import annotations

from datetime import date, datetime

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

from portal.core.db import Base, PublicIdMixin, UtcDateTime
from portal.org.models import Term
from portal.people.models import Person
from portal.shifts.models import Offering, OfferingType, Shift


class ServicePost(Offering):
    """One post. `filled_until` is the last local day whose duties have been made into shifts."""

    __tablename__ = "service_post"
    __table_args__ = (  # type: ignore[assignment]
        CheckConstraint("duty_until IS NULL OR duty_until >= duty_from", name="duty_span"),
    )

    id: Mapped[int] = mapped_column(
        ForeignKey("offering.id", ondelete="RESTRICT"), primary_key=True
    )
    venue_type_id: Mapped[int] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"))
    field_id: Mapped[int] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"))
    site_name: Mapped[str] = mapped_column(String(60))
    # A road section has an office in charge of it.
    office_in_charge: Mapped[str] = mapped_column(String(60), default="")
    services: Mapped[str] = mapped_column(String(300), default="")
    promise: Mapped[str] = mapped_column(String(300), default="")
    hours_text: Mapped[str] = mapped_column(String(120), default="")
    materials: Mapped[str] = mapped_column(String(200), default="")
    insurance_note: Mapped[str] = mapped_column(String(300), default="")
    is_party_post: Mapped[bool] = mapped_column(Boolean, default=False)
    duty_from: Mapped[date] = mapped_column(Date)
    duty_until: Mapped[date | None] = mapped_column(Date)
    skips_holidays: Mapped[bool] = mapped_column(Boolean, default=True)
    filled_until: Mapped[date | None] = mapped_column(Date, index=True)

    venue_type: Mapped[Term] = relationship(foreign_keys=[venue_type_id])
    field: Mapped[Term] = relationship(foreign_keys=[field_id])

    __mapper_args__ = {  # noqa: RUF012  SQLAlchemy's own form
        "polymorphic_identity": OfferingType.SERVICE_POST,
    }


_LIVE_SLOT = text("retired_at IS NULL")
_NOT_DROPPED = text("NOT is_dropped")
_STANDS = text("ended_at IS NULL")


class DutySlot(PublicIdMixin, Base):
    """One cell of the weekly grid: weekday 0 (Monday) to 6, minutes of the local day, how many.

    A cell that is no longer wanted is retired: its shifts and standing places still name it.
    """

    __tablename__ = "duty_slot"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_known"),
        CheckConstraint(
            "starts_minute >= 0 AND starts_minute < ends_minute AND ends_minute <= 1440",
            name="span_within_day",
        ),
        CheckConstraint("volunteers BETWEEN 1 AND 200", name="volunteers_bounded"),
        Index(
            "uq_duty_slot_live",
            "post_id",
            "weekday",
            "starts_minute",
            unique=True,
            sqlite_where=_LIVE_SLOT,
            postgresql_where=_LIVE_SLOT,
        ),
    )

    post_id: Mapped[int] = mapped_column(ForeignKey("service_post.id", ondelete="RESTRICT"))
    weekday: Mapped[int] = mapped_column(SmallInteger)
    starts_minute: Mapped[int] = mapped_column(SmallInteger)
    ends_minute: Mapped[int] = mapped_column(SmallInteger)
    volunteers: Mapped[int] = mapped_column(SmallInteger)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    post: Mapped[ServicePost] = relationship()


class DutyShift(Base):
    """The shift that a cell of the grid made on a day; at most one that counts.

    `is_dropped`: called off by a change of the grid; not on the rota, and made anew if it returns.
    """

    __tablename__ = "duty_shift"
    __table_args__ = (
        Index(
            "uq_duty_shift_day",
            "slot_id",
            "day",
            unique=True,
            sqlite_where=_NOT_DROPPED,
            postgresql_where=_NOT_DROPPED,
        ),
    )

    shift_id: Mapped[int] = mapped_column(
        ForeignKey("shift.id", ondelete="RESTRICT"), primary_key=True
    )
    slot_id: Mapped[int] = mapped_column(ForeignKey("duty_slot.id", ondelete="RESTRICT"))
    day: Mapped[date] = mapped_column(Date)
    is_dropped: Mapped[bool] = mapped_column(Boolean, default=False)

    shift: Mapped[Shift] = relationship()
    slot: Mapped[DutySlot] = relationship()


class StandingPlace(PublicIdMixin, Base):
    """Somebody who takes a cell of the grid every week (固定岗), until it ends."""

    __tablename__ = "standing_place"
    __table_args__ = (
        Index(
            "uq_standing_place_live",
            "slot_id",
            "person_id",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
        Index(None, "person_id"),
    )

    slot_id: Mapped[int] = mapped_column(ForeignKey("duty_slot.id", ondelete="RESTRICT"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime())
    given_by_id: Mapped[int | None] = mapped_column(Integer)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    slot: Mapped[DutySlot] = relationship()
    person: Mapped[Person] = relationship()


class StandingTurn(Base):
    """What became of a standing place on one shift: a sign-up, or the code of why not.

    The row is why a shift is tried once: what somebody gave away later is not taken again.
    """

    __tablename__ = "standing_turn"
    __table_args__ = (UniqueConstraint("standing_id", "shift_id"), Index(None, "shift_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    standing_id: Mapped[int] = mapped_column(ForeignKey("standing_place.id", ondelete="RESTRICT"))
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="RESTRICT"))
    signup_id: Mapped[int | None] = mapped_column(ForeignKey("signup.id", ondelete="RESTRICT"))
    reason: Mapped[str] = mapped_column(String(30), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime())

    standing: Mapped[StandingPlace] = relationship()


class Absence(PublicIdMixin, Base):
    """Days on which a volunteer is away (请假), both included; erased with the person."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("first_on <= last_on", name="in_order"),
        Index(None, "person_id", "last_on"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    first_on: Mapped[date] = mapped_column(Date)
    last_on: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime())
    recorded_by_id: Mapped[int | None] = mapped_column(Integer)
