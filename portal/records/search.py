"""The search index: which thing holds which pair of characters (see `core.grams`)."""

from __future__ import annotations

from sqlalchemy import Index, Integer, Select, String, delete, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import grams
from portal.core.db import Base, db
from portal.core.ref import Ref


class SearchGram(Base):
    """One gram of one thing."""

    __tablename__ = "search_gram"
    __table_args__ = (Index(None, "kind", "subject_id"),)

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    gram: Mapped[str] = mapped_column(String(60), primary_key=True)
    subject_id: Mapped[int] = mapped_column(Integer, primary_key=True)


def put(ref: Ref, text: str) -> None:
    """Index the text of a thing anew, in the running transaction."""
    drop(ref)
    rows = [{"kind": ref.kind, "gram": gram, "subject_id": ref.id} for gram in grams.of_text(text)]
    if rows:
        db.session.execute(insert(SearchGram), rows)


def drop(ref: Ref) -> None:
    """Take a thing out of the index."""
    db.session.execute(
        delete(SearchGram).where(SearchGram.kind == ref.kind, SearchGram.subject_id == ref.id)
    )


def matches(kind: str, query: str) -> Select[tuple[int]] | None:
    """Return a select of the ids that hold all grams of the query; None when nothing is asked."""
    wanted = grams.of_query(query)
    if not wanted:
        return None
    return (
        select(SearchGram.subject_id)
        .where(SearchGram.kind == kind, SearchGram.gram.in_(sorted(wanted)))
        .group_by(SearchGram.subject_id)
        .having(func.count() == len(wanted))
    )
