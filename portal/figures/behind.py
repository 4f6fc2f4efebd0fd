"""The lists behind the figures: a page of records, how many there are, and their minutes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from portal.core.db import db
from portal.core.i18n import lazy_gettext as _l
from portal.core.tables import PAGE_SIZE, Page
from portal.figures import behind_heads as crowds
from portal.figures import behind_people as people
from portal.figures import behind_shifts as shifts
from portal.figures.behind_lines import Asked, Line


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of records, their number (in `page.total`), and their minutes or heads where they have."""

    headers: tuple[str, ...]
    page: Page[Line]
    minutes: int | None
    heads: int | None = None


@dataclass(frozen=True, slots=True)
class _List:
    headers: tuple[Any, ...]
    query: Callable[[Asked], Select[Any]]
    line: Callable[[Any], Line]
    # The column that adds up to the figure, when it is not the number of rows.
    minutes: str = ""
    heads: str = ""


def listing(key: str, asked: Asked, number: int) -> Listing:
    """Return the asked page of the records behind a figure. KeyError for an unknown one."""
    kind = LISTS[key]
    query = kind.query(asked)
    every = query.order_by(None).subquery()
    sums: list[Any] = [func.count()]
    if adds := kind.minutes or kind.heads:
        sums.append(func.coalesce(func.sum(every.c[adds]), 0))
    total, *added = db.session.execute(select(*sums).select_from(every)).one()
    rows = db.session.execute(query.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE))
    lines: Sequence[Line] = [kind.line(row) for row in rows]
    headers = tuple(str(header) for header in kind.headers)
    minutes, heads = (added[0] if added and name else None for name in (kind.minutes, kind.heads))
    return Listing(headers, Page(lines, number, total), minutes, heads)


_PERSON, _STATION, _ACTIVITY = _l("姓名"), _l("所属站点"), _l("活动名称")

LISTS: dict[str, _List] = {
    "sessions": _List((_ACTIVITY, _l("时间"), _STATION), shifts.sessions, shifts.session_line),
    "attendances": _List(
        (_ACTIVITY, _PERSON, _l("签到"), _STATION), shifts.attendances, shifts.attendance_line
    ),
    "headcount": _List(
        (_ACTIVITY, _l("时间"), _l("现场人数"), _STATION),
        crowds.counted,
        crowds.counted_line,
        heads="heads",
    ),
    "estimated": _List(
        (_ACTIVITY, _l("时间"), _l("现场人数"), _STATION),
        crowds.estimated,
        crowds.counted_line,
        heads="heads",
    ),
    "headcount_missing": _List(
        (_ACTIVITY, _l("时间"), _STATION), crowds.missing, crowds.missing_line
    ),
    "applications": _List(
        (_PERSON, _l("申请时间"), _l("现在"), _STATION),
        people.applications,
        people.application_line,
    ),
    "registered": _List(
        (_PERSON, _l("志愿者编号"), _l("注册日期"), _STATION),
        people.registered,
        people.registered_line,
    ),
    "active": _List(
        (_PERSON, _l("志愿者编号"), _l("时长")), people.active, people.active_line, "minutes"
    ),
    "hours": _List(
        (_ACTIVITY, _PERSON, _l("日期"), _l("时长"), _l("来源"), _STATION),
        people.hours,
        people.hours_line,
        "minutes",
    ),
    "provisional": _List(
        (_ACTIVITY, _PERSON, _l("时长"), _l("为什么"), _l("最晚确认"), _STATION),
        shifts.provisional,
        shifts.provisional_line,
        "minutes",
    ),
}
