"""Appeals against what is counted as a late cancellation or as not having come."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.signups.models import Signup


class AppealState(StrEnum):
    """Where an appeal stands. What was granted is not counted any more."""

    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"


APPEAL_STATE_LABELS = {
    AppealState.OPEN: _l("申诉中，等站点答复"),
    AppealState.GRANTED: _l("申诉通过，不再计"),
    AppealState.REFUSED: _l("申诉没有通过"),
}


class Appeal(PublicIdMixin, Base):
    """Somebody says why a sign-up should not be counted against them; one for each sign-up."""

    __tablename__ = "appeal"
    __table_args__ = (one_of("state", AppealState), Index(None, "state", "id"))

    signup_id: Mapped[int] = mapped_column(
        ForeignKey("signup.id", ondelete="RESTRICT"), unique=True
    )
    state: Mapped[AppealState] = mapped_column(String(10))
    filed_at: Mapped[datetime] = mapped_column(UtcDateTime())
    # Who wrote it down: the person, their family, or staff on their behalf (代办).
    actor_id: Mapped[int | None] = mapped_column(Integer)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    signup: Mapped[Signup] = relationship(viewonly=True)
