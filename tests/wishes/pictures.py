"""Pictures as phones make them, with place and device in them; and what only says it is one."""

import io
import struct
import zlib

from PIL import Image

# Where the camera says it was.
PLACE = "secret-place-31.2304N"


def jpeg(size=(2400, 1200), colour="#1a4f8b", orientation=1):
    picture = Image.new("RGB", size, colour)
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = PLACE
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (31.0, 13.0, 49.0)
    return _saved(picture, "JPEG", exif=exif, comment=PLACE.encode())


def png():
    return _saved(Image.new("RGBA", (900, 700), (200, 30, 30, 120)), "PNG")


def noisy():
    """A picture that no quality makes small at once."""
    return _saved(Image.effect_noise((1600, 1600), 120).convert("RGB"), "JPEG", quality=80)


def bomb(side=60_000):
    """A PNG of a few bytes that says it is as large as a wall."""

    def chunk(kind, data):
        whole = kind + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _saved(picture, kind, **values):
    stream = io.BytesIO()
    picture.save(stream, kind, **values)
    return stream.getvalue()
