"""The two weights of Noto Sans SC for reportlab, loaded when the first PDF is printed.

Import this module, and `paper`, where a PDF is made and not before.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics, ttfonts

REGULAR = "NotoSansSC"
BOLD = "NotoSansSC-Bold"

_FOLDER = Path(__file__).parent / "noto-sans-sc"
_FILES = {REGULAR: "NotoSansSC_400Regular.ttf", BOLD: "NotoSansSC_700Bold.ttf"}
_LONG_VALUE = re.compile(r"<([0-9A-Fa-f]{5,6})>")


def utf16(cmap: str) -> str:
    """Return the table with each value beyond U+FFFF as the pair of UTF-16 units PDF asks for."""
    return _LONG_VALUE.sub(
        lambda found: f"<{chr(int(found[1], 16)).encode('utf-16-be').hex().upper()}>", cmap
    )


@cache
def load() -> None:
    """Register both weights, once in a process. About 46 MB stay in memory from then on."""
    # reportlab writes such values with five digits, so 𬭎 prints right and copies out wrong.
    plain = ttfonts.makeToUnicodeCMap
    ttfonts.makeToUnicodeCMap = lambda *args: utf16(plain(*args))
    for name, file in _FILES.items():
        pdfmetrics.registerFont(ttfonts.TTFont(name, str(_FOLDER / file)))
        _own(name)
    pdfmetrics.registerFontFamily(
        REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD
    )


# What stands for a character that the font has no picture of.
_BOX = ord("□")


@cache
def _own(font: str) -> frozenset[int]:
    """Return what the font itself has, before anything stood in."""
    return frozenset(pdfmetrics.getFont(font).face.charToGlyph)


def printable(text: str) -> str:
    """Return the text as it can be printed: what the font lacks is a box that copies out right.

    Marks without a width of their own, which the font lacks, are left out.
    """
    lacking = {one for one in text if ord(one) not in _own(REGULAR) and not one.isspace()}
    marks = {one for one in lacking if unicodedata.category(one) in {"Cf", "Mn"}}
    for one in lacking - marks:
        for name in _FILES:
            face = pdfmetrics.getFont(name).face
            face.charToGlyph.setdefault(ord(one), face.charToGlyph[_BOX])
            face.charWidths.setdefault(ord(one), face.charWidths[_BOX])
    return "".join(one for one in text if one not in marks)


def lacking_letters(text: str) -> str:
    """Return the letters of the text that are printed as boxes, each once, as they come."""
    rare = (one for one in text if ord(one) not in _own(REGULAR))
    return "".join(dict.fromkeys(one for one in rare if unicodedata.category(one)[0] == "L"))
