"""The table of members that a secretary sends."""

from __future__ import annotations

from dataclasses import dataclass

from portal.core import sheets
from portal.core.i18n import gettext as _
from portal.core.sheets import MEGABYTE, Bounds, Column, Unreadable

BOUNDS = Bounds(megabytes=8, rows=10_000, cell=200)
MOST_BYTES = BOUNDS.megabytes * MEGABYTE
COLUMNS = (
    Column("name", ("姓名", "名字", "name"), needed=True),
    Column("phone", ("手机号", "手机", "电话", "联系电话", "手机号码", "phone"), needed=True),
    Column("branch", ("党组织", "支部", "党支部", "所在党支部", "所在党组织", "branch")),
    Column("since", ("转入日期", "加入日期", "日期", "since"), is_day=True),
)


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
    found = sheets.read(content, COLUMNS, BOUNDS).lines
    if not found:
        raise Unreadable(_("表里没有人。请从第二行开始，一行填一个人。"))
    return [
        Line(line.number, **{one.name: line.cells.get(one.name, "") for one in COLUMNS})
        for line in found
    ]
