"""Stored pictures: redrawn, small, without what the camera wrote beside; bad files get a sentence."""

import io

import pytest
from PIL import Image
from sqlalchemy import text, update

from portal.core import clock
from portal.core.db import db, write
from portal.core.errors import Invalid
from portal.records import files, hooks
from portal.records.files import StoredFile
from tests.wishes import pictures


def kept(data):
    return write(files.put, files.picture(data), now=clock.now())


def opened(body):
    return Image.open(io.BytesIO(body))


def test_a_picture_is_redrawn_without_place_and_device(app):
    source = pictures.jpeg()
    assert pictures.PLACE.encode() in source
    made = files.picture(source)
    for body in (made.body, made.small):
        assert pictures.PLACE.encode() not in body
        assert b"Exif" not in body
        assert not opened(body).getexif()
    assert max(opened(made.body).size) == files.LONGEST_SIDE
    assert max(opened(made.small).size) <= files.SMALL_SIDE


def test_a_picture_taken_upright_stands_upright(app):
    made = files.picture(pictures.jpeg(size=(1200, 600), orientation=6))
    width, height = opened(made.body).size
    assert height == 2 * width


@pytest.mark.parametrize("source", [pictures.jpeg, pictures.png, pictures.noisy])
def test_the_small_variant_is_small(app, source):
    made = files.picture(source())
    assert len(made.small) <= files.SMALL_BYTES
    assert opened(made.small).format == "JPEG"


@pytest.mark.parametrize(
    "data",
    [b"", b"no picture", b"\xff\xd8\xff\xe0 broken", b"<svg onload='alert(1)'/>", b"GIF89a",
     pictures.png()[:200], pictures.jpeg()[:4000], pictures.bomb(), pictures.bomb(9000),
     b"\xff\xd8" + b"x" * files.MOST_BYTES],
    ids=["empty", "text", "head", "svg", "gif", "cut-png", "cut-jpeg", "bomb", "wall", "huge"],
)  # fmt: skip
def test_bad_huge_and_bomb_get_a_sentence(app, data):
    with pytest.raises(Invalid) as caught:
        files.picture(data)
    assert caught.value.field == "photo"
    assert caught.value.message.startswith(("这不是", "照片"))


def test_the_check_finds_changed_bytes(app):
    row, other = kept(pictures.jpeg()), kept(pictures.png())
    assert hooks.check() == []
    db.session.execute(update(StoredFile).where(StoredFile.id == row.id).values(small=b"else"))
    db.session.commit()
    assert hooks.check() == [f"stored file {row.id}: its bytes do not agree with its digest"]
    write(files.remove, [row.id])
    assert hooks.check() == []
    assert db.session.scalar(text("SELECT count(*) FROM stored_file")) == 1
    assert other.size == len(files.served(other.id, small=False).get_data())
