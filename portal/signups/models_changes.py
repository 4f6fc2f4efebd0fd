"""What was changed about a shift, so that it can be undone while its notices wait."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, append_only, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.shifts.models import Shift


class ChangeKind(StrEnum):
    """What was done. `call_off_all`: a shift that went with its whole offering."""

    CHANGE = "change"
    CALL_OFF = "call_off"
    CALL_OFF_ALL = "call_off_all"


CHANGE_LABELS = {
    ChangeKind.CHANGE: _l("改了这一场"),
    ChangeKind.CALL_OFF: _l("取消了这一场"),
    ChangeKind.CALL_OFF_ALL: _l("整个取消了"),
}


class ShiftChange(PublicIdMixin, Base):
    """One change of a shift, with what it was before and is after. Append-only.

    `before` and `after` hold the columns of the shift, the place of its offering and the capacities.
    """

    __tablename__ = "shift_change"
    __table_args__ = (
        one_of("kind", ChangeKind),
        Index(None, "shift_id", "at"),
        Index(None, "undo_until"),
    )

    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(12))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    actor_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime())
    # Its notices wait until then; the same as `at` where they went out at once.
    undo_until: Mapped[datetime] = mapped_column(UtcDateTime())

    shift: Mapped[Shift] = relationship()


class ChangeRow(Base):
    """A sign-up that a change moved: what it was before, and the state it has after. Append-only."""

    __tablename__ = "change_row"

    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int] = mapped_column(
        ForeignKey("shift_change.id", ondelete="RESTRICT"), index=True
    )
    signup_id: Mapped[int] = mapped_column(ForeignKey("signup.id", ondelete="RESTRICT"))
    # state, offered_until, rank, party_id
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[str] = mapped_column(String(12))


class ChangeUndone(Base):
    """That a change was undone, by whom and when. Append-only."""

    __tablename__ = "change_undone"

    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int] = mapped_column(
        ForeignKey("shift_change.id", ondelete="RESTRICT"), unique=True
    )
    actor_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime())


append_only(ShiftChange.__table__)  # type: ignore[arg-type]
append_only(ChangeRow.__table__)  # type: ignore[arg-type]
append_only(ChangeUndone.__table__)  # type: ignore[arg-type]
