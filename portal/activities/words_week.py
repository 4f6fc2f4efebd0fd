"""What a week had and is not copied, in words: each with why, and where to look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.activities.queries_week import LeftOut
from portal.core.i18n import gettext as _
from portal.shifts.models import OfferingType, page_of


@dataclass(frozen=True, slots=True)
class Left:
    """One line: what, how often, why not, and its page at the desk."""

    title: str
    count: int
    why: str
    path: str


def left_out(rows: Sequence[LeftOut]) -> list[Left]:
    """Return the lines."""
    return [Left(row.title, row.times, _why(row), _path(row)) for row in rows]


def _why(row: LeftOut) -> str:
    if row.is_called_off:
        return _("取消了")
    if row.type == OfferingType.SERVICE_POST:
        return _("值班岗，按排班表自己排")
    return _("系列，自己会排")


def _path(row: LeftOut) -> str:
    if row.series_id:
        return f"/desk/series/{row.series_id}"
    return f"/desk{page_of(row.type, row.public_id)}"
