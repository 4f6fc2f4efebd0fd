"""The columns that an import of the national system asks for, and the rows of a batch in them."""

from __future__ import annotations

from collections.abc import Sequence

from portal.core import clock
from portal.core.tables import safe_cell
from portal.honours.queries_upstream import Line
from portal.hours.models import Source

# The file is for another system: its words are Chinese whatever the reader's language is.
HEADER = (
    "序号", "类型", "姓名", "志愿者编号", "项目名称", "服务内容", "服务日期", "开始时间",
    "结束时间", "服务时长（小时）", "服务地点", "组织单位", "记录来源",
)  # fmt: skip
NEW, CORRECTION = "新增", "更正（冲减）"
_SOURCES = {
    Source.CHECK_IN: "签到",
    Source.PAPER: "纸质签到表",
    Source.WISH: "心愿服务",
    Source.MAKE_UP: "补录",
}


def rows(lines: Sequence[Line]) -> list[list[str]]:
    """Return the rows, every cell a text that no spreadsheet takes for a formula."""
    return [
        [safe_cell(cell) for cell in _cells(number, line)]
        for number, line in enumerate(lines, start=1)
    ]


def _cells(number: int, line: Line) -> tuple[object, ...]:
    entry = line.entry
    starts, ends = clock.local(entry.starts_at), clock.local(entry.ends_at)
    return (
        number,
        CORRECTION if line.is_correction else NEW,
        line.name,
        line.volunteer_no,
        line.title or _SOURCES[Source(entry.source)],
        line.kind,
        entry.day.isoformat(),
        starts.strftime("%H:%M"),
        ends.strftime("%H:%M"),
        hours(entry.minutes),
        line.place,
        line.station,
        _SOURCES[Source(entry.source)],
    )


def hours(minutes: int) -> str:
    """Return hours with two digits behind the point; what is taken back stands in its column."""
    return f"{abs(minutes) / 60:.2f}"
