"""The first letter of how a Chinese character is spelled, for whoever types `wxm` to find 王小明.

The table holds one letter for each character of Unicode's first block of them. The library that
knows whole syllables takes 57 MiB, which no web process is to pay for.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("initials.txt")
_FIRST = 0x4E00
# Characters with two readings that names have; as a surname the first of them.
_SEVERAL = {
    "单": "sd", "仇": "qc", "解": "xj", "曾": "zc", "区": "oq", "查": "zc", "盖": "gh", "缪": "m",
    "覃": "qt", "乐": "yl", "尉": "yw", "员": "y", "种": "cz", "秘": "bm", "折": "sz", "召": "sz",
    "隗": "wk", "莘": "sx", "长": "cz", "重": "cz", "朝": "cz", "行": "xh", "茜": "qx", "厦": "xs",
    "校": "xj", "传": "cz", "藏": "zc", "盛": "sc", "晟": "sc", "筠": "yj", "俞": "ys", "卜": "b",
    "石": "s", "车": "c", "都": "d", "降": "xj", "柏": "b", "贾": "jg", "适": "sk", "参": "cs", "翟": "zd",
}  # fmt: skip


def letters(character: str) -> str:
    """Return the letters with which the character's spelling may begin; itself when it is Latin."""
    if character in _SEVERAL:
        return _SEVERAL[character]
    if character.isascii():
        return character.lower()
    place, table = ord(character) - _FIRST, _table()
    return table[place] if 0 <= place < len(table) else ""


def of(text: str) -> str:
    """Return the first letter of each character, as names are put in order by."""
    return "".join(letters(character)[:1] or "~" for character in text)


def hold(text: str, typed: str) -> bool:
    """Return whether characters that stand together in the text begin with the letters typed."""
    wanted = typed.lower()
    return any(
        all(
            letter in letters(character)
            for letter, character in zip(wanted, text[start:], strict=False)
        )
        for start in range(len(text) - len(wanted) + 1)
    )


@cache
def _table() -> str:
    return _TABLE.read_text(encoding="ascii").replace("\n", "")
