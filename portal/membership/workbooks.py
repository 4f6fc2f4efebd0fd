"""Writing workbooks: the template, a branch's list, feedback cards. Cells are texts and numbers alone."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import xlsxwriter
from flask import Response

from portal.core import filters
from portal.core.i18n import gettext as _
from portal.membership import words
from portal.membership.completion import Row
from portal.membership.sheets import COLUMNS

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A name that begins with = stays a name.
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_WIDTH = 16


def template(branches: Sequence[str]) -> bytes:
    """Return an empty workbook to fill in, with the branches to choose from."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, _OPTIONS) as book:
        sheet, names = book.add_worksheet(_("名单")), book.add_worksheet(_("党组织"))
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        sheet.set_column(0, len(COLUMNS) - 1, _WIDTH, text)
        sheet.write_row(0, 0, [called[0] for called in COLUMNS.values()], bold)
        sheet.freeze_panes(1, 0)
        names.set_column(0, 0, 3 * _WIDTH)
        names.write_column(0, 0, branches)
        source = f"='{_('党组织')}'!$A$1:$A${len(branches)}"
        place = list(COLUMNS).index("branch")
        sheet.data_validation(1, place, 10_000, place, {"validate": "list", "source": source})
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


def as_file(content: bytes, name: str) -> Response:
    """Return a workbook as a file to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype=TYPE, headers=headers)


def hours(minutes: int) -> float:
    """Return minutes as hours with one decimal."""
    return round(minutes / 60, 1)


def listed(rows: Iterable[Row]) -> Iterable[list[str | float]]:
    """Return the cells of a branch's list; phones are masked."""
    for row in rows:
        stands = row.standing
        yield [
            row.branch,
            row.member.name,
            filters.masked_phone(row.member.phone),
            row.member.counted.since_on.isoformat(),
            words.done_words(stands.present)[0],
            stands.reports.have,
            stands.reports.asked,
            words.done_words(stands.wishes)[0],
            stands.wishes.have,
            words.done_words(stands.minutes)[0],
            hours(stands.minutes.have),
        ]


def list_header() -> list[str]:
    """Return the header of a branch's list."""
    return [
        _("党组织"), _("姓名"), _("手机号"), _("转入日期"), _("本期报到"), _("已报到（次）"),
        _("应报到（次）"), _("心愿"), _("心愿（个）"), _("时长"), _("时长（小时）"),
    ]  # fmt: skip
