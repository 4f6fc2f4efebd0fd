"""Chinese text search by pairs of characters, the same on every database.

A word of Chinese is mostly two characters, so the index holds every pair of neighbouring
characters of a text and every single one; a query is answered by the rows that hold all its pairs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_BREAK = re.compile(r"[\W_]+")
LONGEST_QUERY = 60
# Hexadecimal digits as letters: `4e66` is a number to some tokenizers, `oegg` a word to all.
_AS_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def of_text(found: Iterable[str]) -> set[str]:
    """Return all single characters and pairs of the runs of a text, for the index."""
    grams: set[str] = set()
    for run in found:
        grams.update(run)
        grams.update(run[at : at + 2] for at in range(len(run) - 1))
    return grams


def of_query(asked: Iterable[str]) -> set[str]:
    """Return the grams a text must hold to have these runs."""
    return {
        run[at : at + 2] if len(run) > 1 else run
        for run in asked
        for at in range(max(len(run) - 1, 1))
    }


def tokens(grams: Iterable[str]) -> str:
    """Return grams as words of small Latin letters, in a fixed order, joined by blanks.

    Whatever characters a gram has, it is exactly one word to the tokenizer of every database.
    """
    return " ".join("z".join(map(_letters, gram)) for gram in sorted(grams))


@lru_cache(maxsize=8192)
def _letters(character: str) -> str:
    return f"{ord(character):x}".translate(_AS_LETTERS)


def runs(text: str) -> list[str]:
    """Return the stretches of letters, characters and digits, each in one form and small."""
    return [run for run in _BREAK.split(unicodedata.normalize("NFKC", text).casefold()) if run]
