"""Pure decisions about paper sheets: the short code of a row, and whether a typed one can be right.

A code is sheet, row and a check letter: 2-07K. The letter is made of the shift as well, so a row of
another shift's sheet is found out (all but one in nineteen), and every single wrong digit and every
two neighbours that changed places.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from portal.core.ids import ALPHABET

# As many as a prime says; none that is taken for a digit or another letter in handwriting.
_LETTERS = "ACDEFGHJKMNPRTVWXYZ"
# Its powers are all different before they begin anew.
_ROOT = 2
_CODE = re.compile(rf"([1-9]\d?)[-. ]?(\d{{2,3}})[-. ]?([{_LETTERS}])")
MOST_SHEETS = 99
MOST_ROWS = 999


class RowOf(NamedTuple):
    """Which row of which sheet."""

    sheet: int
    row: int


def row_code(shift_id: str, sheet: int, row: int) -> str:
    """Return the code of a row, as it is printed; `shift_id` is the shift's public id."""
    return f"{sheet}-{row:02d}{_letter(shift_id, sheet, row)}"


def read_code(shift_id: str, typed: str) -> RowOf | None:
    """Return which row was meant, or None when the code cannot be one of this shift."""
    found = _CODE.fullmatch(typed.strip().upper())
    if found is None:
        return None
    sheet, row = int(found[1]), int(found[2])
    return RowOf(sheet, row) if row and found[3] == _letter(shift_id, sheet, row) else None


def _letter(shift_id: str, sheet: int, row: int) -> str:
    # The digits come first: each has a weight of its own, none of the others' multiples.
    total, weight = 0, 1
    for value in (*map(int, f"{sheet:02d}{row:03d}"), *map(ALPHABET.index, shift_id)):
        total += weight * value
        weight = weight * _ROOT % len(_LETTERS)
    return _LETTERS[total % len(_LETTERS)]
