"""The two weights of Noto Sans SC for reportlab, loaded when the first PDF is printed.

Import this module, and `paper`, where a PDF is made and not before.
"""

from __future__ import annotations

import re
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
    pdfmetrics.registerFontFamily(
        REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD
    )
