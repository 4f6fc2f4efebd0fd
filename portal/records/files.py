"""Stored bytes: pictures, redrawn on their way in and kept in the database.

Redrawing leaves out all that a camera writes beside the picture (EXIF: place, device, time), and
whatever else a file may carry. Nothing is shown as it came; what is kept as it came (see
`documents`) leaves as an attachment only.
"""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flask import Response
from PIL import Image, ImageOps
from sqlalchemy import CheckConstraint, Integer, LargeBinary, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, UtcDateTime, db
from portal.core.errors import Invalid
from portal.core.i18n import gettext as _

MOST_BYTES = 8 * 1024 * 1024
SMALL_BYTES = 60 * 1024
# A small file may claim to be a huge picture; a phone's camera makes some fifty million at most.
MOST_PIXELS = 60_000_000
LONGEST_SIDE = 1600
SMALL_SIDE = 640
_FORMATS = ("JPEG", "PNG", "WEBP")
_MEDIA_TYPE = "image/jpeg"
# What a reader of pictures stumbles over when bytes are no picture, or a broken one.
_FAULTS = (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError)


class StoredFile(Base):
    """A picture as we redrew it, and a small variant (a document has none). The digest is of both."""

    __tablename__ = "stored_file"
    __table_args__ = (
        CheckConstraint(f"size BETWEEN 1 AND {MOST_BYTES}", name="size_bounded"),
        CheckConstraint(f"length(small) <= {SMALL_BYTES}", name="small_is_small"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int] = mapped_column(Integer)
    body: Mapped[bytes] = mapped_column(LargeBinary, deferred=True, info={"large": True})
    small: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime())


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was looked through and redrawn."""

    body: bytes
    small: bytes
    media_type: str = _MEDIA_TYPE


class Keepable(Protocol):
    """What was looked through and may be kept."""

    @property
    def body(self) -> bytes: ...
    @property
    def small(self) -> bytes: ...
    @property
    def media_type(self) -> str: ...


def not_a_picture() -> str:
    """Return the sentence for what is no picture at all."""
    return str(_("这不是能用的照片。请选手机拍的照片（JPG、PNG 或 WebP）。"))


def picture(data: bytes, field: str = "photo") -> Picture:
    """Return the picture redrawn as JPEG. Raises Invalid beside the field for what is none."""
    if len(data) > MOST_BYTES:
        raise Invalid(field, _("照片太大了，最多 8 MB。可以换一张小一点的。"))
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Invalid(field, _("照片的尺寸太大了，请换一张小一点的。"))
            return _redrawn(opened)
    except _FAULTS as fault:
        raise Invalid(field, not_a_picture()) from fault


def _redrawn(opened: Image.Image) -> Picture:
    opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    turned = ImageOps.exif_transpose(opened).convert("RGBA")
    turned.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    plain = Image.new("RGB", turned.size, "white")
    plain.paste(turned, mask=turned)
    return Picture(_as_jpeg(plain, 82), _small(plain))


def _small(plain: Image.Image) -> bytes:
    """Return it small enough, whatever is in it: coarser first, then smaller."""
    side = SMALL_SIDE
    while True:
        shrunk = plain.copy()
        shrunk.thumbnail((side, side))
        for quality in (78, 60, 40):
            body = _as_jpeg(shrunk, quality)
            if len(body) <= SMALL_BYTES:
                return body
        side //= 2


def _as_jpeg(drawn: Image.Image, quality: int) -> bytes:
    stream = io.BytesIO()
    drawn.save(stream, "JPEG", quality=quality, optimize=True)
    return stream.getvalue()


def put(given: Keepable, *, now: datetime) -> StoredFile:
    """Keep a picture or a document, in the running transaction."""
    row = StoredFile(
        sha256=_digest(given.body, given.small),
        media_type=given.media_type,
        size=len(given.body),
        body=given.body,
        small=given.small,
        added_at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row


def served(file_id: int, *, small: bool) -> Response:
    """Answer with the bytes; who may see them was asked by the feature that owns the file."""
    column = StoredFile.small if small else StoredFile.body
    body, media_type = db.session.execute(
        select(column, StoredFile.media_type).where(StoredFile.id == file_id)
    ).one()
    response = Response(body, mimetype=media_type)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    is_picture = media_type == _MEDIA_TYPE
    response.headers["Content-Disposition"] = "inline" if is_picture else "attachment"
    return response


def remove(file_ids: Iterable[int]) -> None:
    """Delete files nobody holds any more."""
    db.session.execute(delete(StoredFile).where(StoredFile.id.in_(list(file_ids))))


def damaged() -> Iterator[int]:
    """Yield the ids of files whose bytes are not what was kept, one at a time in memory."""
    for file_id in db.session.scalars(select(StoredFile.id).order_by(StoredFile.id)).all():
        query = select(StoredFile.sha256, StoredFile.size, StoredFile.body, StoredFile.small)
        sha256, size, body, small = db.session.execute(query.where(StoredFile.id == file_id)).one()
        if _digest(body, small) != sha256 or len(body) != size:
            yield file_id


def _digest(body: bytes, small: bytes) -> str:
    return hashlib.sha256(body + small).hexdigest()
