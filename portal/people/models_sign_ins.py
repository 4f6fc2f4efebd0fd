"""Tables of signing in: where somebody is signed in, and codes for a new password."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, UtcDateTime


class SignIn(Base):
    """A sign-in that lasts until it is ended, idle too long, or too old. Holds no secret itself."""

    __tablename__ = "sign_in"
    __table_args__ = (Index(None, "person_id", "ended_at"), Index(None, "last_seen_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime())
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    device: Mapped[str] = mapped_column(String(40), default="")


class ResetCode(Base):
    """A one-time code for a new password, handed over by staff. `identified` says how they knew."""

    __tablename__ = "reset_code"
    __table_args__ = (Index(None, "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    code_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime())
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    made_by_id: Mapped[int | None] = mapped_column(Integer)
    identified: Mapped[str] = mapped_column(String(40), default="")
