"""Evidence: photos redrawn, PDFs as attachments, and what only says it is one of them kept out."""

import io
import zipfile

import pytest
from PIL import Image

from portal.core import clock
from portal.core.db import write
from portal.core.errors import Invalid
from portal.records import documents, files, hooks
from tests.wishes import pictures

MOST = 5 * 1024 * 1024
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"


def taken(data, most=MOST):
    return documents.evidence(data, most_bytes=most)


def archive():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr("run.html", "<script>alert(1)</script>")
    return stream.getvalue()


def with_object(name):
    return PDF.replace(b"/Type /Catalog", b"/Type /Catalog " + name)


def test_a_photo_is_redrawn_whatever_is_behind_it():
    source = pictures.jpeg() + archive() + b"<script>alert(1)</script>"
    kept = taken(source)
    assert kept.media_type == "image/jpeg"
    for body in (kept.body, kept.small):
        assert pictures.PLACE.encode() not in body
        assert b"script" not in body
        assert b"PK\x03\x04" not in body
        assert not Image.open(io.BytesIO(body)).getexif()


def test_a_pdf_leaves_as_it_came_and_only_as_an_attachment(app):
    row = write(files.put, taken(PDF), now=clock.now())
    response = files.served(row.id, small=False)
    assert response.get_data() == PDF
    assert response.mimetype == "application/pdf"
    assert response.headers["Content-Disposition"] == "attachment"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    photo = write(files.put, taken(pictures.png()), now=clock.now())
    assert files.served(photo.id, small=False).headers["Content-Disposition"] == "inline"
    assert hooks.check() == []


BAD = {
    "empty": b"",
    "text": b"no picture, no document",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "html": b"<!DOCTYPE html><script>alert(1)</script>",
    "gif": b"GIF89a",
    "zip": archive(),
    "exe": b"MZ\x90\x00" + b"\0" * 200,
    "bomb": pictures.bomb(),
    "wall": pictures.bomb(9000),
    "cut-jpeg": pictures.jpeg(size=(640, 480))[:800],
    "html-then-pdf": b"<html><script>alert(1)</script>" + PDF,
    "jpeg-head-then-pdf": b"\xff\xd8\xff\xe0" + PDF,
    "pdf-of-html": b"%PDF-1.7<html><script>alert(1)</script>",
    "pdf-then-zip": PDF + archive(),
    "pdf-then-html": PDF + b"<script>alert(1)</script>",
    "pdf-without-end": PDF[:-7],
    "pdf-script": with_object(b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"),
    "pdf-script-hidden": with_object(b"/OpenAction << /S /J#61vaScript >>"),
    "pdf-launch": with_object(b"/OpenAction << /S /Launch >>"),
    "pdf-attachment": with_object(b"/Names << /EmbeddedFiles 2 0 R >>"),
    "pdf-password": PDF.replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt 3 0 R"),
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD.keys())
def test_what_only_says_it_is_evidence_gets_a_sentence(app, data):
    with pytest.raises(Invalid) as caught:
        taken(data)
    assert caught.value.field == "evidence"
    assert caught.value.message.endswith("。")


def test_what_is_too_large_is_not_even_looked_at(app):
    for data in (b"%PDF-1.7\n" + b"x" * MOST, b"\xff\xd8" + b"x" * MOST):
        with pytest.raises(Invalid, match="5 MB"):
            taken(data)
    assert taken(PDF, most=len(PDF)).body == PDF
