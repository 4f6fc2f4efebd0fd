"""Workbooks of members: the template, and what stands in a branch's list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from portal.core import filters, workbooks
from portal.core.i18n import gettext as _
from portal.membership import words
from portal.membership.completion import Row
from portal.membership.sheets import COLUMNS


def template(branches: Sequence[str]) -> bytes:
    """Return an empty workbook to fill in, with the branches to choose from."""
    headings = {column.name: column.words[0] for column in COLUMNS}
    names = (_("名单"), _("党组织"))
    return workbooks.template(names, list(headings.values()), {headings["branch"]: branches})


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
