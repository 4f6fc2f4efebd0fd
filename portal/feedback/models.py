"""The table of feedback: what somebody said to us, and where it lies."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.org.models import Station, Term
from portal.people.models import Person
from portal.people.models_consents import Channel


class FeedbackState(StrEnum):
    """Where a piece of feedback stands."""

    FILED = "filed"
    HANDED_OVER = "handed_over"
    REOPENED = "reopened"
    ANSWERED = "answered"
    CANNOT_BE_DONE = "cannot_be_done"
    WITHDRAWN = "withdrawn"


FEEDBACK_STATE_LABELS = {
    FeedbackState.FILED: _l("等待答复"),
    FeedbackState.HANDED_OVER: _l("转办中"),
    FeedbackState.REOPENED: _l("不满意，重新办"),
    FeedbackState.ANSWERED: _l("已答复"),
    FeedbackState.CANNOT_BE_DONE: _l("办不了，已说明原因"),
    FeedbackState.WITHDRAWN: _l("已撤回"),
}

# Somebody still waits for an answer.
OPEN = (FeedbackState.FILED, FeedbackState.HANDED_OVER, FeedbackState.REOPENED)
_OPEN_SQL = ", ".join(f"'{state}'" for state in OPEN)


class Feedback(PublicIdMixin, Base):
    """A suggestion, complaint or praise. Its words are notes, one kind for each verb.

    `station_id` is where it lies; with the campaign office it lies at that station's officers.
    """

    __tablename__ = "feedback"
    __table_args__ = (
        one_of("state", FeedbackState),
        one_of("channel", Channel),
        CheckConstraint(
            f"(state IN ({_OPEN_SQL})) = (closed_at IS NULL)", name="closed_when_not_open"
        ),
        CheckConstraint(
            "NOT about_staff OR about_station_id IS NOT NULL", name="staff_of_a_station"
        ),
        Index(None, "station_id", "state", "due_on"),
        Index(None, "state", "due_on"),
        Index(None, "person_id"),
    )

    # What the person keeps and says on the telephone: eight random digits.
    number: Mapped[str] = mapped_column(String(8), unique=True)
    # The form that was sent: sent twice, it is filed once.
    form_key: Mapped[str] = mapped_column(String(20), unique=True)
    kind_id: Mapped[int] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"))
    state: Mapped[FeedbackState] = mapped_column(String(20))
    channel: Mapped[Channel] = mapped_column(String(10))
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    with_office: Mapped[bool] = mapped_column(Boolean)
    about_station_id: Mapped[int | None] = mapped_column(
        ForeignKey("station.id", ondelete="RESTRICT")
    )
    about_staff: Mapped[bool] = mapped_column(Boolean, default=False)
    about_path: Mapped[str] = mapped_column(String(200), default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    # Name and phone of who has no account, sealed.
    contact_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    filed_at: Mapped[datetime] = mapped_column(UtcDateTime())
    due_on: Mapped[date] = mapped_column(Date)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    reopened_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    overdue_told_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    kind: Mapped[Term] = relationship()
    station: Mapped[Station] = relationship(foreign_keys=[station_id])
    about_station: Mapped[Station | None] = relationship(foreign_keys=[about_station_id])
    person: Mapped[Person | None] = relationship()
