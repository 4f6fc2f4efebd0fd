"""What a phone's camera reads from a picture of the screen."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import zxingcpp

_CHANNELS = {2: 3, 6: 4}


def code_in(png: bytes) -> str:
    """Return the text of the one QR code in a screenshot."""
    width, height, grey = _grey(png)
    found = zxingcpp.read_barcodes(memoryview(grey).cast("B", (height, width)))
    assert len(found) == 1, f"{len(found)} codes in the picture"
    return found[0].text


def _grey(png: bytes) -> tuple[int, int, bytes]:
    """Return width, height and one byte a pixel (its green) of a PNG as Chromium writes it."""
    width, height, depth, colour, _compression, _filter, interlaced = struct.unpack(
        ">IIBBBBB", png[16:29]
    )
    assert (depth, interlaced) == (8, 0)
    channels = _CHANNELS[colour]
    data = zlib.decompress(b"".join(_chunks(png)))
    above = bytearray(width * channels)
    pixels = bytearray()
    for row in range(height):
        start = row * (len(above) + 1)
        above = _unfiltered(data[start], data[start + 1 : start + 1 + len(above)], above, channels)
        pixels += above[1::channels]
    return width, height, bytes(pixels)


def _chunks(png: bytes) -> Iterator[bytes]:
    at = 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            yield png[at + 8 : at + 8 + length]
        at += length + 12


def _unfiltered(kind: int, line: bytes, above: bytearray, channels: int) -> bytearray:
    out = bytearray(line)
    if kind == 0:
        return out
    for i in range(len(out)):
        left = out[i - channels] if i >= channels else 0
        corner = above[i - channels] if i >= channels else 0
        guess = (0, left, above[i], (left + above[i]) // 2, _paeth(left, above[i], corner))[kind]
        out[i] = (out[i] + guess) & 255
    return out


def _paeth(left: int, above: int, corner: int) -> int:
    near = left + above - corner
    return min((left, above, corner), key=lambda one: abs(near - one))
