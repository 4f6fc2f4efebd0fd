"""What others call by name: spelling what was put into the search index."""

from __future__ import annotations

from datetime import datetime

from portal.core.db import write
from portal.records import search
from portal.records.spelling import spelled

AT_ONCE = 500


def due(now: datetime) -> None:
    """Spell the entries that wait for it; how they are spelled is found before anything is locked."""
    for entry in search.unspelled(AT_ONCE):
        write(search.spell, entry, spelled(entry.words))
