"""Counts what is sent to the database, for pages that may not ask once a row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from portal.core.db import db

_BOOK_KEEPING = ("SAVEPOINT", "RELEASE", "ROLLBACK TO", "BEGIN")


@contextmanager
def count_queries() -> Iterator[list[str]]:
    """Yield a list that grows by each statement sent within the block."""
    seen: list[str] = []
    engine = db.session.get_bind().engine

    def see(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.lstrip().startswith(_BOOK_KEEPING):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", see)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", see)
