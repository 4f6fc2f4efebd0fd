"""Tables of who speaks for a unit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, UtcDateTime
from portal.org.models_units import CivilizedUnit
from portal.people.models import Person


class UnitLiaison(Base):
    """A person who answers for a unit (联络员): takes its orders, reads its communities' wishes."""

    __tablename__ = "unit_liaison"
    __table_args__ = (
        Index(
            "uq_unit_liaison_live",
            "unit_id",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("civilized_unit.id", ondelete="RESTRICT"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    appointed_at: Mapped[datetime] = mapped_column(UtcDateTime())
    appointed_by_id: Mapped[int | None] = mapped_column(Integer)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    unit: Mapped[CivilizedUnit] = relationship()
    person: Mapped[Person] = relationship()
