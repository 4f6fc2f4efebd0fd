"""Reading a table of members from a file that somebody sent: a workbook, or CSV.

Nothing of it is trusted: neither that it is a workbook, nor how large it says it is. Cells are text;
a formula is no value, so what a spreadsheet would compute is never asked.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from openpyxl import load_workbook

from portal.core.i18n import gettext as _

MOST_BYTES = 8 * 1024 * 1024
MOST_UNPACKED = 48 * 1024 * 1024
MOST_PARTS = 500
MOST_ROWS = 10_000
MOST_COLUMNS = 30
LONGEST_CELL = 200
_ENCODINGS = ("utf-8-sig", "gb18030")
_WORKBOOK = b"PK\x03\x04"
# What people call the columns; the first of each is what the template says.
COLUMNS = {
    "name": ("姓名", "名字", "name"),
    "phone": ("手机号", "手机", "电话", "联系电话", "手机号码", "phone"),
    "branch": ("党组织", "支部", "党支部", "所在党支部", "所在党组织", "branch"),
    "since": ("转入日期", "加入日期", "日期", "since"),
}
NEEDED = ("name", "phone")


class Unreadable(Exception):
    """The file cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it was typed, with the number that the spreadsheet shows beside it."""

    number: int
    name: str
    phone: str
    branch: str
    since: str


def read(content: bytes) -> list[Line]:
    """Return the rows below the header. Raises Unreadable with a sentence."""
    if not content:
        raise Unreadable(_("请选一个文件。"))
    if len(content) > MOST_BYTES:
        raise Unreadable(_("文件太大，最多 8 MB。请分成几份导入。"))
    cells = _workbook(content) if content.startswith(_WORKBOOK) else _csv(content)
    lines = _lines(cells)
    if not lines:
        raise Unreadable(_("表里没有人。请从第二行开始，一行填一个人。"))
    return lines


# --- workbooks -----------------------------------------------------------------------------------


def _workbook(content: bytes) -> Iterator[Sequence[object]]:
    try:
        _must_be_small(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        yield from sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS, values_only=True)
    except Unreadable:
        raise
    except Exception as error:
        raise _no_workbook() from error


def _must_be_small(content: bytes) -> None:
    """Look at the directory before anything is unpacked; reading stops at the size it states."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = packed.infolist()
        if len(parts) > MOST_PARTS or sum(one.file_size for one in parts) > MOST_UNPACKED:
            raise Unreadable(_("这个文件解开以后太大。请只留名单，另存一份再传。"))
        for one in parts:
            # No spreadsheet writes a document type; who does wants entities unfolded.
            if one.filename.endswith((".xml", ".rels")) and _has_doctype(packed, one):
                raise _no_workbook()


def _has_doctype(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    with packed.open(part) as stream:
        return b"<!DOCTYPE" in stream.read(4096).replace(b"\0", b"").upper()


def _no_workbook() -> Unreadable:
    return Unreadable(_("打不开这个文件。请用模板填好，另存为 .xlsx 或者 .csv 再传。"))


# --- CSV -----------------------------------------------------------------------------------------


def _csv(content: bytes) -> Iterator[Sequence[object]]:
    if b"\0" in content:
        raise _no_workbook()
    text = _decoded(content)
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise _no_workbook() from error


def _decoded(content: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _no_workbook()


# --- rows ----------------------------------------------------------------------------------------


def _lines(rows: Iterable[Sequence[object]]) -> list[Line]:
    numbered = enumerate(rows, start=1)
    places = _places(next(numbered, (1, ()))[1])
    lines = []
    for number, row in numbered:
        cells = {name: _text(row[place]) if place < len(row) else "" for name, place in places}
        if not any(cells.values()):
            continue
        if number > MOST_ROWS + 1:
            raise Unreadable(_("一次最多 10,000 行。请分成几份导入。"))
        lines.append(Line(number, **{name: cells.get(name, "") for name in COLUMNS}))
    return lines


def _places(header: Sequence[object]) -> list[tuple[str, int]]:
    """Return which column stands where, by what the first row calls them."""
    said = [_text(cell).lower() for cell in header[:MOST_COLUMNS]]
    found = []
    for name, words in COLUMNS.items():
        place = next((said.index(word) for word in words if word in said), None)
        if place is not None:
            found.append((name, place))
    missing = [COLUMNS[name][0] for name in NEEDED if name not in dict(found)]
    if missing:
        columns = "、".join(missing)
        raise Unreadable(_("第一行里没有“%(columns)s”这一列。请用模板填。", columns=columns))
    return found


def _text(cell: object) -> str:
    """Return a cell as people see it: a number without its .0, a day without its hour."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()[:LONGEST_CELL]
