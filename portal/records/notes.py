"""Free text about a person or a step, kept apart so that it can be erased."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Index, Integer, String, Text, and_, delete, false, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.access import Actor
from portal.core.db import Base, UtcDateTime, db
from portal.core.ref import Ref


class Note(Base):
    """Words about one thing: `kind` says which (e.g. `reason`, `identity`)."""

    __tablename__ = "note"
    __table_args__ = (Index(None, "subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime())


def put(subject: Ref, kind: str, text: str, *, actor: Actor, now: datetime) -> None:
    """Keep the words, when there are any."""
    if text:
        db.session.add(
            Note(
                subject_kind=subject.kind,
                subject_id=subject.id,
                kind=kind,
                text=text,
                actor_id=actor.person_id,
                at=now,
            )
        )


def of(subject: Ref) -> Sequence[Note]:
    """Return the notes of a thing, newest first."""
    query = select(Note).filter_by(subject_kind=subject.kind, subject_id=subject.id)
    return db.session.scalars(query.order_by(Note.id.desc())).all()


def latest(subject: Ref, kind: str) -> str:
    """Return the newest words of a kind, or an empty text."""
    return next((note.text for note in of(subject) if note.kind == kind), "")


def latest_of(subjects: Collection[Ref], kind: str) -> Mapping[Ref, str]:
    """Return the newest words of a kind about each of these things, in one query."""
    wanted: dict[str, list[int]] = {}
    for subject in subjects:
        wanted.setdefault(subject.kind, []).append(subject.id)
    of_these = (
        and_(Note.subject_kind == name, Note.subject_id.in_(ids)) for name, ids in wanted.items()
    )
    query = select(Note).where(Note.kind == kind, or_(false(), *of_these)).order_by(Note.id)
    return {Ref(row.subject_kind, row.subject_id): row.text for row in db.session.scalars(query)}


def erase(subject: Ref) -> None:
    """Delete all words about a thing."""
    db.session.execute(delete(Note).filter_by(subject_kind=subject.kind, subject_id=subject.id))
