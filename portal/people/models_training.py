"""The table of trainings: what somebody was trained in, when, and until when it holds."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime
from portal.org.models import Term
from portal.people.models import Person


class TrainingRecord(PublicIdMixin, Base):
    """One training of a person; a part of the service record (民政部令第67号). Words are notes.

    `shift_id` is the shift that gave it, which stands on a higher floor: an id without a foreign key.
    A record that was wrong is revoked and stays.
    """

    __tablename__ = "training_record"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_until >= held_on", name="ends_after_start"),
        Index(
            "uq_training_record_live",
            "person_id",
            "term_id",
            "held_on",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index(None, "shift_id"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    term_id: Mapped[int] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"))
    held_on: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    shift_id: Mapped[int | None] = mapped_column(Integer)
    recorded_by_id: Mapped[int | None] = mapped_column(Integer)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime())
    revoked_by_id: Mapped[int | None] = mapped_column(Integer)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    person: Mapped[Person] = relationship()
    term: Mapped[Term] = relationship()
