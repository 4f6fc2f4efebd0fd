"""What the check found, for the page and for a file to mend the table by; the template."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portal.core import workbooks
from portal.core.access import Actor
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.core.rows import Fate, Finding, Judged
from portal.core.tables import csv_bytes
from portal.imports import queries
from portal.imports.models import SORT_LABELS, ImportUpload, Sort
from portal.imports.sorts import SORTS

FATE_LABELS = {
    Fate.WRONG: _l("要改"),
    Fate.CHANGED: _l("和已有的不一样"),
    Fate.NEW: _l("新的"),
    Fate.SAME: _l("已经有了"),
}
FATE_TONES = {
    Fate.WRONG: "danger",
    Fate.CHANGED: "warning",
    Fate.NEW: "success",
    Fate.SAME: "neutral",
}
_ORDER = list(Fate)


def judged(upload: ImportUpload, *, actor: Actor, now: datetime) -> list[Judged]:
    """Return what would become of the rows now; what is wrong first."""
    lines = queries.sheet_of(upload).lines
    rows = SORTS[Sort(upload.sort)].check(lines, upload.station_id, actor=actor, now=now)
    return sorted(rows, key=lambda one: (_ORDER.index(one.fate), not one.findings, one.line.number))


def said(findings: Sequence[Finding], headings: dict[str, str]) -> list[str]:
    """Return findings as sentences, each with its column, in the order of the columns."""
    order = list(headings)
    placed = sorted(
        findings, key=lambda one: order.index(one.column) if one.column in order else -1
    )
    return [
        _("“%(column)s”：%(message)s", column=headings[one.column], message=one.message)
        if one.column in headings
        else one.message
        for one in placed
    ]


def headings(sort: Sort) -> dict[str, str]:
    """Return what the columns are called, by name."""
    return {column.name: column.heading for column in SORTS[sort].columns()}


def template(sort: Sort, *, as_csv: bool) -> bytes:
    """Return a table to fill in: headings, one invented row, and what may stand in some columns."""
    rows, called = SORTS[sort], headings(sort)
    given = rows.example()
    example = [given.get(name, "") for name in called]
    if as_csv:
        return csv_bytes(list(called.values()), [example])
    allowed = {called[name]: words for name, words in rows.allowed().items()}
    names = (str(SORT_LABELS[sort]), _("可以填的内容"))
    return workbooks.template(names, list(called.values()), allowed, example)


def table(upload: ImportUpload, rows: Sequence[Judged], *, as_csv: bool) -> bytes:
    """Return the rows as they came, each with its number, its fate and what is wrong."""
    called = headings(Sort(upload.sort))
    header = [_("第几行"), _("结果"), _("说明"), *called.values()]
    cells: list[list[str | float]] = [
        [
            row.line.number,
            str(FATE_LABELS[row.fate]),
            "\n".join(said(row.findings, called)),
            *(row.line.cells.get(name, "") for name in called),
        ]
        for row in sorted(rows, key=lambda one: one.line.number)
    ]
    return csv_bytes(header, cells) if as_csv else workbooks.table(_("核对结果"), header, cells)
