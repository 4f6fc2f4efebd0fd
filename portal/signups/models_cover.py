"""Handing a place to somebody else: the request, and the chain of who held the place."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, append_only, one_of
from portal.people.models import Person
from portal.shifts.models import Shift
from portal.signups.models import Signup


class CoverState(StrEnum):
    """Where a request stands. The place stays with the giver until it is accepted."""

    OPEN = "open"
    ACCEPTED = "accepted"
    TAKEN_BACK = "taken_back"
    LAPSED = "lapsed"


_OPEN = text("state = 'open'")


class CoverRequest(PublicIdMixin, Base):
    """Who can take my duty? With a wanted shift it is a swap, for who holds a place there."""

    __tablename__ = "cover_request"
    __table_args__ = (
        one_of("state", CoverState),
        Index(
            "uq_cover_request_open",
            "signup_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index(None, "shift_id", "state"),
        Index(None, "wanted_shift_id"),
        Index(None, "person_id", "state"),
    )

    signup_id: Mapped[int] = mapped_column(ForeignKey("signup.id", ondelete="RESTRICT"))
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="RESTRICT"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    wanted_shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id", ondelete="RESTRICT"))
    state: Mapped[CoverState] = mapped_column(String(10))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime())
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    signup: Mapped[Signup] = relationship()
    shift: Mapped[Shift] = relationship(foreign_keys=[shift_id])
    wanted_shift: Mapped[Shift | None] = relationship(foreign_keys=[wanted_shift_id])
    person: Mapped[Person] = relationship()


class HandOver(Base):
    """One link of the chain: a place went from one sign-up to the next. Append-only."""

    __tablename__ = "hand_over"
    __table_args__ = (Index(None, "shift_id"), Index(None, "to_signup_id", unique=True))

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("cover_request.id", ondelete="RESTRICT"))
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="RESTRICT"))
    from_signup_id: Mapped[int] = mapped_column(ForeignKey("signup.id", ondelete="RESTRICT"))
    to_signup_id: Mapped[int] = mapped_column(ForeignKey("signup.id", ondelete="RESTRICT"))
    from_person_id: Mapped[int] = mapped_column(Integer)
    to_person_id: Mapped[int] = mapped_column(Integer)
    actor_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime())


append_only(HandOver.__table__)  # type: ignore[arg-type]
