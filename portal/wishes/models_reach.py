"""Tables of whom an open wish reaches: paired units, and those who get the weekly letter."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, UtcDateTime
from portal.org.models import Term
from portal.org.models_units import CivilizedUnit
from portal.wishes.models import Wish


class WishUnit(Base):
    """A paired unit that has been shown an unclaimed wish."""

    __tablename__ = "wish_unit"
    __table_args__ = (Index(None, "unit_id"),)

    wish_id: Mapped[int] = mapped_column(
        ForeignKey("wish.id", ondelete="RESTRICT"), primary_key=True
    )
    unit_id: Mapped[int] = mapped_column(
        ForeignKey("civilized_unit.id", ondelete="RESTRICT"), primary_key=True
    )
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime())

    wish: Mapped[Wish] = relationship()
    unit: Mapped[CivilizedUnit] = relationship()


class WishDigest(Base):
    """Whether a person wants the weekly letter, where they said so; and of which week they had it."""

    __tablename__ = "wish_digest"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True
    )
    # None: never asked. Party members get it until they say no, volunteers when they say yes.
    wanted: Mapped[bool | None] = mapped_column(Boolean)
    # The Monday of the week of the newest letter.
    week_on: Mapped[date | None] = mapped_column(Date)


class WishDigestItem(Base):
    """One wish of a person's newest letter, and why it was chosen for them."""

    __tablename__ = "wish_digest_item"
    __table_args__ = (Index(None, "wish_id"),)

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True
    )
    wish_id: Mapped[int] = mapped_column(
        ForeignKey("wish.id", ondelete="RESTRICT"), primary_key=True
    )
    is_near: Mapped[bool] = mapped_column(Boolean)
    skill_id: Mapped[int | None] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"))

    wish: Mapped[Wish] = relationship()
    skill: Mapped[Term | None] = relationship()
