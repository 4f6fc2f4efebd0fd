"""Chinese text search by pairs of characters, the same on every database.

A word of Chinese is mostly two characters, so the index holds every pair of neighbouring
characters of a text and every single one; a query is answered by the rows that hold all its pairs.
"""

from __future__ import annotations

import re
import unicodedata

_BREAK = re.compile(r"[\W_]+")
LONGEST_QUERY = 60


def of_text(text: str) -> set[str]:
    """Return all single characters and pairs of a text, for the index."""
    grams: set[str] = set()
    for run in runs(text):
        grams.update(run)
        grams.update(run[at : at + 2] for at in range(len(run) - 1))
    return grams


def of_query(text: str) -> set[str]:
    """Return the grams a text must hold to answer the query; empty when nothing can be asked."""
    grams: set[str] = set()
    for run in runs(text[:LONGEST_QUERY]):
        if len(run) == 1:
            grams.add(run)
        grams.update(run[at : at + 2] for at in range(len(run) - 1))
    return grams


def runs(text: str) -> list[str]:
    """Return the stretches of letters, characters and digits, each in one form and small."""
    return [run for run in _BREAK.split(unicodedata.normalize("NFKC", text).casefold()) if run]
