"""Writing workbooks: templates to fill in, and lists. Cells are texts and numbers alone."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence

import xlsxwriter
from flask import Response

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A name that begins with = stays a name.
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_WIDTH = 16
_LAST_ROW = 10_000


def template(
    names: tuple[str, str],
    headings: Sequence[str],
    allowed: Mapping[str, Sequence[str]],
    example: Sequence[str] = (),
) -> bytes:
    """Return a workbook to fill in: the table, and a sheet with what may stand in some columns.

    `names` are those of the two sheets; `allowed` is by heading, and becomes a list to choose from.
    """
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, _OPTIONS) as book:
        sheet, values = (book.add_worksheet(name) for name in names)
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        sheet.set_column(0, len(headings) - 1, _WIDTH, text)
        sheet.write_row(0, 0, headings, bold)
        sheet.write_row(1, 0, example, text)
        sheet.freeze_panes(1, 0)
        values.set_column(0, max(len(allowed) - 1, 0), 2 * _WIDTH)
        # A single list needs no heading: the sheet is called by it.
        above = int(len(allowed) > 1)
        for number, (heading, words) in enumerate(allowed.items()):
            if above:
                values.write(0, number, heading, bold)
            values.write_column(above, number, words)
            place, letter = headings.index(heading), chr(ord("A") + number)
            source = f"='{names[1]}'!${letter}${above + 1}:${letter}${above + len(words)}"
            rule = {"validate": "list", "source": source}
            sheet.data_validation(1, place, _LAST_ROW, place, rule)
    return stream.getvalue()


def table(title: str, header: Sequence[str], rows: Iterable[Sequence[str | float]]) -> bytes:
    """Return a workbook of one table."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, _OPTIONS) as book:
        sheet = book.add_worksheet(title)
        bold = book.add_format({"bold": True})
        sheet.set_column(0, len(header) - 1, _WIDTH)
        sheet.write_row(0, 0, header, bold)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, row)
    return stream.getvalue()


def as_file(content: bytes, name: str, kind: str = TYPE) -> Response:
    """Return a workbook (or a file of another type) to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype=kind, headers=headers)
