"""What others call by name: spelling what was put into the search index, the checks of it and of bytes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from portal.core.db import is_sqlite, write
from portal.records import files, search
from portal.records.spelling import spelled

AT_ONCE = 500


def due(now: datetime) -> None:
    """Spell the entries that wait for it; how they are spelled is found before anything is locked."""
    for entry in search.unspelled(AT_ONCE):
        write(search.spell, entry, spelled(entry.words))


def check() -> Iterator[str]:
    """Yield one line for each stored file that was changed, and for what search would miss."""
    for file_id in files.damaged():
        yield f"stored file {file_id}: its bytes do not agree with its digest"
    for ref in search.unlike_their_words():
        yield f"search entry of {ref.kind} {ref.id}: its pairs are not those of its words"
    if is_sqlite() and not write(search.fts5_agrees):
        yield "search index: it does not hold what the search entries do"
