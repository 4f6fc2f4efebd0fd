"""What a phone reads is what was put in."""

import re

import pytest
import zxingcpp

from portal.core import ids, qr

SCALE = 4


def picture(svg):
    """Draw the runs of the picture's path, as a phone's camera would see them."""
    size = int(re.search(r'viewBox="0 0 (\d+) ', svg).group(1))
    path = re.search(r'fill="#000" d="([^"]*)"', svg).group(1)
    rows = [bytearray(b"\xff" * size) for _ in range(size)]
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1", path):
        for at in range(int(length)):
            rows[int(y)][int(x) + at] = 0
    wide = [bytes(cell for cell in row for _ in range(SCALE)) for row in rows]
    pixels = b"".join(row * SCALE for row in wide)
    return memoryview(pixels).cast("B", shape=[size * SCALE, size * SCALE])


def read(svg):
    found = zxingcpp.read_barcodes(picture(svg))
    assert len(found) == 1
    return found[0].text


@pytest.mark.parametrize(
    "text",
    [
        "https://portal.example/check-in/k7m2pqabcd2345",
        "http://192.168.1.20:8000/check-in/" + ids.ALPHABET[:14],
        "V1.AAAA",
        "签到",
        "x" * 300,
    ],
)
def test_it_is_read_back(text):
    assert read(qr.svg(text, label="签到码")) == text


def test_many_codes_are_read_back():
    """The mask is fixed, so every pattern has to do with it."""
    for _ in range(40):
        text = f"https://portal.example/check-in/{ids.code(14)}"
        assert read(qr.svg(text, label="x")) == text


def test_the_picture_needs_no_style_and_no_script_and_has_a_name():
    svg = qr.svg("x", label='"><script>')
    assert "style" not in svg
    assert "<script>" not in svg
    assert 'role="img"' in svg
    assert "&#34;&gt;&lt;script&gt;" in svg
