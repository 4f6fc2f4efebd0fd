"""QR codes as SVG without style or script, so that they pass a strict content policy."""

from __future__ import annotations

from itertools import groupby

import qrcode
from markupsafe import Markup
from qrcode.constants import ERROR_CORRECT_M

QUIET_ZONE = 4


def svg(text: str, *, label: str) -> Markup:
    """Return an SVG picture of the text as QR code."""
    rows = matrix(text)
    size = len(rows)
    path = "".join(_runs(rows))
    return Markup(
        '<svg class="qr" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" '
        'role="img" aria-label="{label}" shape-rendering="crispEdges">'
        '<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path fill="#000" d="{path}"/></svg>'
    ).format(size=size, label=label, path=path)


def matrix(text: str) -> list[list[bool]]:
    """Return the rows of the text's QR code, dark as true (level M, quiet zone of four modules).

    The mask is fixed: the search for the prettiest mask is four fifths of the work, and every
    mask decodes.
    """
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE, mask_pattern=3)
    code.add_data(text)
    code.make(fit=True)
    rows: list[list[bool]] = code.get_matrix()
    return rows


def _runs(rows: list[list[bool]]) -> list[str]:
    parts = []
    for y, row in enumerate(rows):
        x = 0
        for dark, cells in groupby(row):
            length = len(list(cells))
            if dark:
                parts.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    return parts
