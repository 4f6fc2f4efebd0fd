"""The search index: the words of each thing, how they are spelled, and which pairs they hold.

A query is answered by the things that hold all pairs of its characters (see `core.grams`), which is
fast, and of these by the ones whose text really has its words, which is exact: pairs may stand apart.

Over the column `grams` lies the full-text index of the database, made by the migration and named
`search_index` on both: FTS5 with the entries as its external content, kept in step by triggers; a
GIN index over a `simple` tsvector on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, cast

from sqlalchemy import (
    ColumnElement,
    Index,
    Integer,
    Select,
    String,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    column,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    table,
    text,
    update,
)
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import grams
from portal.core.db import Base, db, execute, is_sqlite
from portal.core.ref import Ref

# A spelling of a text: whole syllables, and their first letters (书法: shufa, sf).
Spelled = tuple[str, str]


class SearchEntry(Base):
    """The words of one thing. `pinyin` and `initials` are empty until somebody spelled them.

    `grams` are the kind and the pairs of all three, as words of Latin letters. The id is FTS5's: only an integer
    key stays as it is when the file is packed.
    """

    __tablename__ = "search_entry"
    __table_args__ = (
        UniqueConstraint("kind", "subject_id"),
        Index(
            "ix_search_entry_unspelled",
            "kind",
            "subject_id",
            sqlite_where=text("pinyin IS NULL"),
            postgresql_where=text("pinyin IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column(Integer)
    words: Mapped[str] = mapped_column(Text)
    pinyin: Mapped[str | None] = mapped_column(Text)
    initials: Mapped[str | None] = mapped_column(Text)
    grams: Mapped[str] = mapped_column(Text)


# --- what is in the index ------------------------------------------------------------------------

# Built once, and past the session: it would look through all it holds for what a delete means.
_ENTRY = cast(Table, SearchEntry.__table__)
_PUT = insert(_ENTRY)
_DROP = delete(_ENTRY).where(
    _ENTRY.c.kind == bindparam("of_kind"), _ENTRY.c.subject_id == bindparam("of_id")
)


def put(ref: Ref, said: str) -> None:
    """Index what is said of a thing anew, in the running transaction."""
    drop(ref)
    words = " ".join(grams.runs(said))
    held = _grams(ref.kind, words)
    execute(_PUT, {"kind": ref.kind, "subject_id": ref.id, "words": words, "grams": held})


def drop(ref: Ref) -> None:
    """Take a thing out of the index."""
    execute(_DROP, {"of_kind": ref.kind, "of_id": ref.id})


def _grams(kind: str, *parts: str | None) -> str:
    """Return what a full-text index is to hold of a thing.

    Its kind is one more gram, longer than all of a text, so that a query leads to its kind alone.
    """
    runs = " ".join(part for part in parts if part).split()
    return grams.tokens({kind} | grams.of_text(runs))


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
    changed = {
        "pinyin": pinyin,
        "initials": initials,
        "grams": _grams(entry.ref.kind, entry.words, pinyin, initials),
    }
    execute(update(SearchEntry).where(*same).values(changed))


def missing(kind: str, ids: Select[tuple[int]], limit: int) -> list[int]:
    """Return ids of these things that are not in the index at all."""
    known = select(SearchEntry.subject_id).where(SearchEntry.kind == kind)
    wanted = ids.subquery()
    column = wanted.c[0]
    query = select(column).where(column.not_in(known)).order_by(column).limit(limit)
    return list(db.session.scalars(query))


# --- what is found -------------------------------------------------------------------------------


_FTS5 = table("search_index", column("rowid", Integer), column("search_index", Text))
_SIMPLE: ColumnElement[str] = literal_column("'simple'::regconfig")


def matches(kind: str, query: str) -> Select[tuple[int]] | None:
    """Return a select of the ids whose words hold those of the query; None when nothing is asked.

    A word of Latin letters is looked for in the text and in its spelling by pinyin.
    """
    words = grams.runs(query[: grams.LONGEST_QUERY])
    if not words:
        return None
    wanted = grams.tokens({kind} | grams.of_query(words))
    return select(SearchEntry.subject_id).where(_holds_all(wanted), *map(_has, words))


def _holds_all(tokens: str) -> ColumnElement[bool]:
    """Say that an entry holds all these words of letters, which have no meaning as operators."""
    if is_sqlite():
        return SearchEntry.id.in_(
            select(_FTS5.c.rowid).where(_FTS5.c.search_index.bool_op("MATCH")(tokens))
        )
    held = func.search_vector(SearchEntry.grams)  # what the index is over
    return held.bool_op("@@")(func.plainto_tsquery(_SIMPLE, tokens))


def _has(word: str) -> ColumnElement[bool]:
    columns = [SearchEntry.words]
    if word.isascii() and word.isalpha():
        columns += [SearchEntry.pinyin, SearchEntry.initials]  # type: ignore[list-item]
    return or_(*(column.contains(word, autoescape=True) for column in columns))


# --- whether it is sound -------------------------------------------------------------------------


def unlike_their_words() -> Iterator[Ref]:
    """Yield the things whose pairs are not those of their words and spelling."""
    columns = (SearchEntry.words, SearchEntry.pinyin, SearchEntry.initials)
    query = select(SearchEntry.kind, SearchEntry.subject_id, SearchEntry.grams, *columns)
    for kind, number, held, *said in db.session.execute(query.order_by(SearchEntry.id)):
        if held != _grams(kind, *said):
            yield Ref(kind, number)


def fts5_agrees() -> bool:
    """Return whether FTS5 holds what the entries do; it is asked by a statement that writes."""
    try:
        execute(text("INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)"))
    except DatabaseError:
        return False
    return True
