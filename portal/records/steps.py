"""Step rows: every move of a thing from one state to the next. Append-only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, Integer, String, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.access import Actor
from portal.core.db import Base, UtcDateTime, append, append_only, db
from portal.core.ref import Ref


class Step(Base):
    """One move. `reason` is a code; words about a person live in an erasable note."""

    __tablename__ = "step"
    __table_args__ = (Index(None, "subject_kind", "subject_id", "id"), Index(None, "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column(Integer)
    from_state: Mapped[str] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    verb: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[int | None] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(40), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime())


append_only(Step.__table__)  # type: ignore[arg-type]


def record(  # noqa: PLR0913  a move has these parts
    subject: Ref,
    from_state: str,
    verb: str,
    to_state: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> None:
    """Write one move in the running transaction."""
    append(
        Step,
        subject_kind=subject.kind,
        subject_id=subject.id,
        from_state=from_state,
        to_state=to_state,
        verb=verb,
        actor_id=actor.person_id,
        reason=reason,
        at=now,
    )


def of(subject: Ref) -> Sequence[Step]:
    """Return the moves of a thing, oldest first."""
    query = select(Step).filter_by(subject_kind=subject.kind, subject_id=subject.id)
    return db.session.scalars(query.order_by(Step.id)).all()
