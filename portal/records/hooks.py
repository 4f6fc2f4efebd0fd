"""What others call by name: spelling what was put into the search index, the check of stored bytes."""

from __future__ import annotations

from datetime import datetime

from portal.core.db import write
from portal.records import files, search
from portal.records.spelling import spelled

AT_ONCE = 500


def due(now: datetime) -> None:
    """Spell the entries that wait for it; how they are spelled is found before anything is locked."""
    for entry in search.unspelled(AT_ONCE):
        write(search.spell, entry, spelled(entry.words))


def check() -> list[str]:
    """Return one line for each stored file whose bytes are not what was kept."""
    return [
        f"stored file {file_id}: its bytes do not agree with its digest"
        for file_id in files.damaged()
    ]
