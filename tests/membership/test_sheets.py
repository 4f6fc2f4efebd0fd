"""Reading what somebody sends as a table: it is text, within bounds, or gets a sentence."""

import io
import zipfile
from contextlib import suppress
from datetime import date

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from portal.core.sheets import MOST_PARTS, MOST_UNPACKED, Unreadable
from portal.membership import sheets
from portal.membership.sheets import Line
from tests.membership.made import HEADER, workbook


@pytest.fixture(autouse=True)
def words(app):
    with app.test_request_context():
        yield


def refusal(content):
    with pytest.raises(Unreadable) as caught:
        sheets.read(content)
    return str(caught.value)


def csv(text, encoding="utf-8"):
    return text.encode(encoding)


def test_a_workbook_is_read_with_the_numbers_of_its_rows():
    content = workbook(
        ("程启明", "13800030001", "和平社区党支部", "2021-03-01"), (), ("傅红梅", 13800030002)
    )
    assert sheets.read(content) == [
        Line(2, "程启明", "13800030001", "和平社区党支部", "2021-03-01"),
        Line(4, "傅红梅", "13800030002", "", ""),
    ]


def test_days_and_numbers_are_read_as_people_see_them():
    book = Workbook()
    sheet = book.active
    sheet.append(HEADER)
    sheet.append(("程启明", 13800030001.0, "甲", date(2021, 3, 1)))
    stream = io.BytesIO()
    book.save(stream)
    assert sheets.read(stream.getvalue()) == [Line(2, "程启明", "13800030001", "甲", "2021-03-01")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_in_the_usual_encodings(encoding, delimiter):
    text = "手机,名字,支部\r\n13800030001,程启明,甲\r\n".replace(",", delimiter)
    assert sheets.read(csv(text, encoding)) == [Line(2, "程启明", "13800030001", "甲", "")]


def test_a_formula_is_text_and_never_computed():
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_formula(1, 0, '=HYPERLINK("http://elsewhere.example","程")', value="程启明")
        sheet.write_string(1, 1, "13800030001")
    assert sheets.read(stream.getvalue())[0].name == "程启明"
    text = "姓名,手机号\r\n=1+1,13800030001\r\n"
    assert sheets.read(csv(text))[0].name == "=1+1"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "请选一个文件"),
        (b"PK\x03\x04 this is no workbook", "打不开这个文件"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "打不开这个文件"),
        (b"\x89PNG\r\n\x1a\n\0\0", "打不开这个文件"),
        (b"\xff\xfe\xff\xff\xff", "打不开这个文件"),
        ("姓名,电子邮箱\r\n程启明,x\r\n".encode(), "没有“手机号”这一列"),
        (b"a,b\r\n1,2\r\n", "没有“姓名、手机号”这一列"),
        ("姓名,手机号\r\n\r\n,\r\n".encode(), "表里没有人"),
        (b"x" * (sheets.MOST_BYTES + 1), "最多 8 MB"),
    ],
)  # fmt: skip
def test_what_is_no_list_gets_a_sentence(content, sentence):
    assert sentence in refusal(content)


def packed(parts):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_a_zip_bomb_is_not_unpacked():
    bomb = packed({"xl/worksheets/sheet1.xml": b"0" * (MOST_UNPACKED + 1)})
    assert len(bomb) < 100_000
    assert "解开以后太大" in refusal(bomb)
    assert "解开以后太大" in refusal(packed({f"{n}": b"" for n in range(MOST_PARTS + 1)}))


def test_a_bomb_that_lies_about_its_size_is_no_workbook():
    """The directory says a hundred bytes; reading stops there, and the sum does not fit."""
    whole = workbook(("程启明", "13800030001"))
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {one.filename: archive.read(one) for one in archive.infolist()}
    parts["xl/sharedStrings.xml"] = b"<sst>" + b" " * 5_000_000 + b"</sst>"
    content = packed(parts)
    size = (5_000_000 + 11).to_bytes(4, "little")
    assert content.count(size) >= 1
    assert "打不开这个文件" in refusal(content.replace(size, (100).to_bytes(4, "little")))


def test_entities_are_not_unfolded():
    whole = workbook(("程启明", "13800030001"))
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {one.filename: archive.read(one) for one in archive.infolist()}
    sheet = parts["xl/sharedStrings.xml"].replace(
        b"<sst", b'<!DOCTYPE sst [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><sst'
    )
    assert "打不开这个文件" in refusal(packed(parts | {"xl/sharedStrings.xml": sheet}))


@pytest.mark.parametrize("made", ["workbook", "csv"])
def test_ten_thousand_rows_are_read_and_one_more_is_not(made):
    rows = [("程启明", f"138{n:08d}") for n in range(sheets.BOUNDS.rows + 1)]
    if made == "workbook":
        fits, more = workbook(*rows[:-1]), workbook(*rows)
    else:
        lines = ["姓名,手机号", *(",".join(row) for row in rows)]
        fits, more = csv("\n".join(lines[:-1])), csv("\n".join(lines))
    assert len(sheets.read(fits)) == sheets.BOUNDS.rows
    assert "最多 10,000 行" in refusal(more)


@given(st.binary(max_size=400))
def test_whatever_is_sent_is_read_or_refused(content):
    for sent in (content, b"PK\x03\x04" + content):
        with suppress(Unreadable):
            sheets.read(sent)


@given(st.integers(0, 2_000), st.integers(0, 255))
def test_a_workbook_with_one_wrong_byte_is_read_or_refused(place, byte):
    content = bytearray(workbook(("程启明", "13800030001")))
    content[place % len(content)] = byte
    with suppress(Unreadable):
        sheets.read(bytes(content))
