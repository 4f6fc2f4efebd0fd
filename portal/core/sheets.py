"""Reading a table from a file that somebody sent: a workbook, or CSV.

Nothing of it is trusted: neither that it is a workbook, nor how large it says it is. Cells are text;
a formula is no value, so what a spreadsheet would compute is never asked.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from openpyxl import load_workbook

from portal.core import filters
from portal.core.forms import clean
from portal.core.i18n import gettext as _
from portal.core.i18n import lang

MEGABYTE = 1024 * 1024
MOST_UNPACKED = 48 * MEGABYTE
MOST_PARTS = 500
MOST_COLUMNS = 60
_ENCODINGS = ("utf-8-sig", "gb18030")
_WORKBOOK = b"PK\x03\x04"
LAST_YEAR = 9999
_HALF_MINUTE = timedelta(seconds=30)
# What people put behind a heading: a star, or a remark in brackets.
_REMARK = re.compile(r"[\s*＊]+|[（(].*[)）]\s*$", re.DOTALL)
_EXAMPLE = re.compile(r"(示例|Example) *[:：]", re.IGNORECASE)


class Unreadable(Exception):
    """The file cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. `words`: what people call it, the usual Chinese name first, English last.

    `needed`: without it the file is no such table. `is_day`: a cell with an hour means its day.
    """

    name: str
    words: tuple[str, ...]
    needed: bool = False
    is_day: bool = False

    @property
    def heading(self) -> str:
        """What it is called in the reader's language."""
        word = self.words[-1 if lang() == "en" else 0]
        return word[:1].upper() + word[1:]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a file, how many rows and how long a cell is taken; a longer cell is cut."""

    megabytes: int
    rows: int
    cell: int


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it was typed, with the number that the spreadsheet shows beside it."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows below the header, and the headings that stand for nothing we know."""

    lines: list[Line]
    unused: tuple[str, ...] = ()


def read(content: bytes, columns: Sequence[Column], bounds: Bounds) -> Sheet:
    """Return the rows below the header; there may be none. Raises Unreadable with a sentence."""
    numbered = enumerate(rows(content, bounds), start=1)
    places, unused = _places(next(numbered, (1, ()))[1], columns, bounds)
    lines = []
    for number, row in numbered:
        cells = {
            column.name: text(row[place], bounds, is_day=column.is_day)
            for column, place in places
            if place < len(row)
        }
        if not any(cells.values()):
            continue
        if number > bounds.rows + 1:
            most = filters.number(bounds.rows)
            raise Unreadable(_("一次最多 %(n)s 行。请分成几份导入。", n=most))
        lines.append(Line(number, cells))
    return Sheet(lines, unused)


def rows(content: bytes, bounds: Bounds) -> Iterator[Sequence[object]]:
    """Yield the rows of a file with the header, cells as they are. Raises Unreadable."""
    if not content:
        raise Unreadable(_("请选一个文件。"))
    if len(content) > bounds.megabytes * MEGABYTE:
        raise Unreadable(_("文件太大，最多 %(n)d MB。请分成几份导入。", n=bounds.megabytes))
    return _workbook(content, bounds) if content.startswith(_WORKBOOK) else _csv(content)


def is_example(line: Line, columns: Sequence[Column]) -> bool:
    """Return whether the row is the example of a template, which nobody means to import."""
    return bool(_EXAMPLE.match(line.cells.get(columns[0].name, "")))


# --- workbooks -----------------------------------------------------------------------------------


def _workbook(content: bytes, bounds: Bounds) -> Iterator[Sequence[object]]:
    try:
        _must_be_small(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        yield from sheet.iter_rows(max_row=bounds.rows + 2, max_col=MOST_COLUMNS, values_only=True)
    except Unreadable:
        raise
    except Exception as error:
        raise _no_table() from error


def _must_be_small(content: bytes) -> None:
    """Look at the directory before anything is unpacked; reading stops at the size it states."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = packed.infolist()
        if len(parts) > MOST_PARTS or sum(one.file_size for one in parts) > MOST_UNPACKED:
            raise Unreadable(_("这个文件解开以后太大。请只留名单，另存一份再传。"))
        for one in parts:
            # No spreadsheet writes a document type; who does wants entities unfolded.
            if one.filename.endswith((".xml", ".rels")) and _has_doctype(packed, one):
                raise _no_table()


def _has_doctype(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    with packed.open(part) as stream:
        return b"<!DOCTYPE" in stream.read(4096).replace(b"\0", b"").upper()


def _no_table() -> Unreadable:
    return Unreadable(_("打不开这个文件。请用模板填好，另存为 .xlsx 或者 .csv 再传。"))


# --- CSV -----------------------------------------------------------------------------------------


def _csv(content: bytes) -> Iterator[Sequence[object]]:
    if b"\0" in content:
        raise _no_table()
    said = _decoded(content)
    first = said.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    try:
        yield from csv.reader(io.StringIO(said, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise _no_table() from error


def _decoded(content: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _no_table()


# --- the header, and cells -----------------------------------------------------------------------


def _places(
    header: Sequence[object], columns: Sequence[Column], bounds: Bounds
) -> tuple[list[tuple[Column, int]], tuple[str, ...]]:
    """Return which column stands where, by what the first row calls them, and what is unknown."""
    headings = [text(cell, bounds) for cell in header[:MOST_COLUMNS]]
    said = [_plain(heading) for heading in headings]
    found = []
    for column in columns:
        word = next((word for word in map(_plain, column.words) if word in said), None)
        if word is None:
            continue
        if said.count(word) > 1:
            heading = headings[said.index(word)]
            raise Unreadable(_("第一行里有几列都叫“%(column)s”。请只留一列。", column=heading))
        found.append((column, said.index(word)))
    names = {column.name for column, _place in found}
    missing = [one.heading for one in columns if one.needed and one.name not in names]
    if missing:
        listed = "、".join(missing)
        raise Unreadable(_("第一行里没有“%(columns)s”这一列。请用模板填。", columns=listed))
    taken = {place for _column, place in found}
    unused = (one for place, one in enumerate(headings) if one and place not in taken)
    return found, tuple(unused)


def _plain(heading: str) -> str:
    return _REMARK.sub("", heading).lower()


def text(cell: object, bounds: Bounds, *, is_day: bool = False) -> str:
    """Return a cell as people see it: a number without its .0, a day without its midnight."""
    if isinstance(cell, datetime):
        return _moment(cell, is_day=is_day)
    return (clean(_said(cell)) or "")[: bounds.cell]


def _moment(cell: datetime, *, is_day: bool) -> str:
    # A spreadsheet keeps 14:30 as a fraction of a day, which may come back as 14:29:59.9.
    if not is_day and cell.year < LAST_YEAR:
        cell += _HALF_MINUTE
    if is_day or (cell.hour, cell.minute) == (0, 0):
        return cell.date().isoformat()
    return cell.isoformat(" ", "minutes")


def _said(cell: object) -> str:
    if isinstance(cell, time):
        return cell.isoformat("minutes")
    if isinstance(cell, timedelta):
        minutes = round(cell.total_seconds() / 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)
