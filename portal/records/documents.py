"""Evidence as people have it: a photo, redrawn on its way in, or a PDF that is only ever handed out.

What a file is, its bytes say; its name and what the browser calls it are not looked at. A PDF cannot
be redrawn, so it is never shown by us: it leaves as an attachment, and one that could do something
by itself when it is opened does not come in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.records import files
from portal.records.files import Picture

PDF = "application/pdf"
_HEAD = re.compile(rb"%PDF-[12]\.\d[\r\n]")
# Behind the end a reader looks no further; whoever appends an archive or a page there counts on it.
_TAIL = re.compile(rb"startxref\s+\d+\s+%%EOF\s*\Z")
_HASHED = re.compile(rb"#([0-9A-Fa-f]{2})")
_ACTIVE = re.compile(
    rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToE|Encrypt)\b"
)


@dataclass(frozen=True, slots=True)
class Document:
    """A PDF that was looked through; kept as it came."""

    body: bytes
    small: bytes = b""
    media_type: str = PDF


def evidence(data: bytes, *, most_bytes: int, field: str = "evidence") -> Picture | Document:
    """Return a photo or a PDF to be kept. Raises Invalid beside the field for anything else."""
    if len(data) > most_bytes:
        raise Invalid(field, _("文件太大了，最多 %(n)d MB。", n=most_bytes // (1024 * 1024)))
    return _document(data, field) if data.startswith(b"%PDF") else _photo(data, field)


def _photo(data: bytes, field: str) -> Picture:
    try:
        return files.picture(data, field)
    except Invalid as wrong:
        if wrong.message == files.not_a_picture():
            message = _("只收照片（JPG、PNG、WebP）或者 PDF。请换一个文件。")
            raise Invalid(field, message) from wrong
        raise


def _document(data: bytes, field: str) -> Document:
    if not (_HEAD.match(data) and _TAIL.search(data[-1024:])):
        raise Invalid(field, _("这个 PDF 不完整，或者夹带了别的内容。请重新导出，或者拍照片。"))
    # Names may be spelled with #xx for any of their characters.
    if _ACTIVE.search(_HASHED.sub(lambda found: bytes([int(found[1], 16)]), data)):
        raise Invalid(
            field, _("这个 PDF 有密码、附件或者脚本，不能收。请打印成新的 PDF，或者拍照片。")
        )
    return Document(data)
