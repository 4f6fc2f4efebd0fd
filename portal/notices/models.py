"""The table of notices."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, PublicIdMixin, UtcDateTime


class Notice(PublicIdMixin, Base):
    """Something a person is told, shown in their own tray. `kind` picks the words."""

    __tablename__ = "notice"
    __table_args__ = (
        Index(None, "person_id", "read_at"),
        Index(None, "subject_kind", "subject_id"),
    )

    # One notice per outbox row, however often the row is delivered.
    outbox_id: Mapped[int] = mapped_column(Integer, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(30))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column(Integer)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # It cannot wait: as it was judged when it was delivered.
    is_urgent: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
