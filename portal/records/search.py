"""The search index: the words of each thing, how they are spelled, and which pairs they hold.

A query is answered by the things that hold all pairs of its characters (see `core.grams`), which is
fast, and of these by the ones whose text really has its words, which is exact: pairs may stand apart.
"""

from __future__ import annotations

from typing import NamedTuple, cast

from sqlalchemy import (
    ColumnElement,
    Index,
    Integer,
    Select,
    String,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import grams
from portal.core.db import Base, db, execute
from portal.core.ref import Ref

# A spelling of a text: whole syllables, and their first letters (书法: shufa, sf).
Spelled = tuple[str, str]


class SearchEntry(Base):
    """The words of one thing. `pinyin` and `initials` are empty until somebody spelled them."""

    __tablename__ = "search_entry"
    __table_args__ = (
        Index(
            "ix_search_entry_unspelled",
            "kind",
            "subject_id",
            sqlite_where=text("pinyin IS NULL"),
            postgresql_where=text("pinyin IS NULL"),
        ),
    )

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    subject_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    words: Mapped[str] = mapped_column(Text)
    pinyin: Mapped[str | None] = mapped_column(Text)
    initials: Mapped[str | None] = mapped_column(Text)


class SearchGram(Base):
    """One gram of one thing."""

    __tablename__ = "search_gram"
    __table_args__ = (Index(None, "kind", "subject_id"),)

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    gram: Mapped[str] = mapped_column(String(60), primary_key=True)
    subject_id: Mapped[int] = mapped_column(Integer, primary_key=True)


# --- what is in the index ------------------------------------------------------------------------

# Built once, and past the session: it would look through all it holds for what a delete means.
_TABLES = [cast(Table, one.__table__) for one in (SearchEntry, SearchGram)]
_DROPS = [
    delete(one).where(one.c.kind == bindparam("of_kind"), one.c.subject_id == bindparam("of_id"))
    for one in _TABLES
]
_PUT_ENTRY, _PUT_GRAM = map(insert, _TABLES)


def put(ref: Ref, said: str) -> None:
    """Index what is said of a thing anew, in the running transaction."""
    drop(ref)
    words = " ".join(grams.runs(said))
    execute(_PUT_ENTRY, {"kind": ref.kind, "subject_id": ref.id, "words": words})
    _put_grams(ref, grams.of_text(words))


def drop(ref: Ref) -> None:
    """Take a thing out of the index."""
    for statement in _DROPS:
        execute(statement, {"of_kind": ref.kind, "of_id": ref.id})


def _put_grams(ref: Ref, found: set[str]) -> None:
    rows = [{"kind": ref.kind, "gram": gram, "subject_id": ref.id} for gram in sorted(found)]
    if rows:
        execute(_PUT_GRAM, rows)


class Unspelled(NamedTuple):
    """An entry without its spelling."""

    ref: Ref
    words: str


def unspelled(limit: int) -> list[Unspelled]:
    """Return entries that nobody spelled yet."""
    query = (
        select(SearchEntry.kind, SearchEntry.subject_id, SearchEntry.words)
        .where(SearchEntry.pinyin.is_(None))
        .order_by(SearchEntry.kind, SearchEntry.subject_id)
        .limit(limit)
    )
    return [
        Unspelled(Ref(kind, number), words) for kind, number, words in db.session.execute(query)
    ]


def spell(entry: Unspelled, spelled: Spelled) -> None:
    """Add the spelling of an entry, unless its text is another by now."""
    pinyin, initials = spelled
    same = (
        SearchEntry.kind == entry.ref.kind,
        SearchEntry.subject_id == entry.ref.id,
        SearchEntry.words == entry.words,
        SearchEntry.pinyin.is_(None),
    )
    changed = update(SearchEntry).where(*same).values(pinyin=pinyin, initials=initials)
    if db.session.execute(changed).rowcount:  # type: ignore[attr-defined]
        known = grams.of_text(entry.words)
        _put_grams(entry.ref, grams.of_text(f"{pinyin} {initials}") - known)


def missing(kind: str, ids: Select[tuple[int]], limit: int) -> list[int]:
    """Return ids of these things that are not in the index at all."""
    known = select(SearchEntry.subject_id).where(SearchEntry.kind == kind)
    wanted = ids.subquery()
    column = wanted.c[0]
    query = select(column).where(column.not_in(known)).order_by(column).limit(limit)
    return list(db.session.scalars(query))


# --- what is found -------------------------------------------------------------------------------


def matches(kind: str, query: str) -> Select[tuple[int]] | None:
    """Return a select of the ids whose words hold those of the query; None when nothing is asked.

    A word of Latin letters is looked for in the text and in its spelling by pinyin.
    """
    words = grams.runs(query[: grams.LONGEST_QUERY])
    if not words:
        return None
    wanted = grams.of_query(" ".join(words))
    holds_all = (
        select(SearchGram.subject_id)
        .where(SearchGram.kind == kind, SearchGram.gram.in_(sorted(wanted)))
        .group_by(SearchGram.subject_id)
        .having(func.count() == len(wanted))
    )
    return select(SearchEntry.subject_id).where(
        SearchEntry.kind == kind, SearchEntry.subject_id.in_(holds_all), *map(_has, words)
    )


def _has(word: str) -> ColumnElement[bool]:
    columns = [SearchEntry.words]
    if word.isascii() and word.isalpha():
        columns += [SearchEntry.pinyin, SearchEntry.initials]  # type: ignore[list-item]
    return or_(*(column.contains(word, autoescape=True) for column in columns))
