"""The table of star levels that somebody recognised. What is reached is computed, never stored."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime
from portal.people.models import Person

_LIVE = "withdrawn_at IS NULL"


class StarRecognition(PublicIdMixin, Base):
    """A level recognised: by whom, when, with how many minutes, and the hours it asked for then."""

    __tablename__ = "star_recognition"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 9", name="level_known"),
        CheckConstraint("minutes >= hours * 60", name="reached"),
        Index(
            "uq_star_recognition_live",
            "person_id",
            "level",
            unique=True,
            sqlite_where=text(_LIVE),
            postgresql_where=text(_LIVE),
        ),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    level: Mapped[int] = mapped_column(SmallInteger)
    hours: Mapped[int] = mapped_column(Integer)
    minutes: Mapped[int] = mapped_column(Integer)
    recognised_by_id: Mapped[int | None] = mapped_column(Integer)
    recognised_at: Mapped[datetime] = mapped_column(UtcDateTime())
    withdrawn_by_id: Mapped[int | None] = mapped_column(Integer)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    person: Mapped[Person] = relationship()
