"""What others call by name: spelling what was put into the search index, the checks of it and of bytes."""

from __future__ import annotations

from datetime import datetime

from portal.core.db import is_sqlite, write
from portal.records import files, search
from portal.records.spelling import spelled

AT_ONCE = 500


def due(now: datetime) -> None:
    """Spell the entries that wait for it; how they are spelled is found before anything is locked."""
    for entry in search.unspelled(AT_ONCE):
        write(search.spell, entry, spelled(entry.words))


def check() -> list[str]:
    """Return one line for each stored file that was changed, and for what search would miss."""
    found = [
        f"stored file {file_id}: its bytes do not agree with its digest"
        for file_id in files.damaged()
    ]
    found += [
        f"search entry of {ref.kind} {ref.id}: its pairs are not those of its words"
        for ref in search.unlike_their_words()
    ]
    if is_sqlite() and not write(search.fts5_agrees):
        found.append("search index: it does not hold what the search entries do")
    return found
