"""A weekly grid in words, as people write it in one cell: 周一至周五 9:00-11:00 2人；周六 14:00-16:00 3人."""

from __future__ import annotations

import re

from portal.core.i18n import gettext as _
from portal.posts.rules import Cell, overlapping

DAYS = "一二三四五六日"
MOST_VOLUNTEERS = 200
_WHOLE = {"每天": "一至日", "天天": "一至日", "工作日": "一至五", "周末": "六日", "daily": "一至日"}
_ENGLISH = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ENGLISH_DAY = re.compile(r"\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*")
_PART = re.compile(
    r"(?P<days>[^0-9]+?)\s*(?P<h1>\d{1,2})[:：](?P<m1>\d{2})\s*[-–—~～至到]\s*"
    r"(?P<h2>\d{1,2})[:：](?P<m2>\d{2})\s*[,，、]?\s*(?P<people>\d{1,3})\s*(?:人|名|people|volunteers)?"
)
_RANGE = re.compile(rf"([{DAYS}])\s*[至到\-–—~～]\s*([{DAYS}])")
_BETWEEN = re.compile(r"[\s、,，和及·]|and|&")


class NoGrid(Exception):
    """The words are no grid; the message says which part, and how it is written."""


def read(text: str) -> tuple[Cell, ...]:
    """Return the cells in order. Raises NoGrid."""
    parts = [part.strip() for part in re.split(r"[;；。\n]", text) if part.strip()]
    cells = sorted(cell for part in parts for cell in _cells(part))
    clash = overlapping(cells)
    if clash:
        raise NoGrid(_("周%(day)s有两段时间重叠了", day=DAYS[min(clash)]))
    return tuple(cells)


def _cells(part: str) -> list[Cell]:
    found = _PART.fullmatch(part)
    days = _days(found["days"]) if found else set()
    if found is None or not days:
        example = "周一至周五 9:00-11:00 2人；周六 14:00-16:00 3人"
        message = _("看不懂“%(part)s”，请写成“%(example)s”这样", part=part[:30], example=example)
        raise NoGrid(message)
    starts = _minute(found["h1"], found["m1"], part)
    ends = _minute(found["h2"], found["m2"], part) or 1440
    people = int(found["people"])
    if starts >= ends:
        raise NoGrid(_("“%(part)s”：结束时间要在开始之后", part=part[:30]))
    if not 1 <= people <= MOST_VOLUNTEERS:
        raise NoGrid(_("“%(part)s”：每班 1 到 %(n)d 个人", part=part[:30], n=MOST_VOLUNTEERS))
    return [Cell(day, starts, ends, people) for day in sorted(days)]


def _minute(hour: str, minute: str, part: str) -> int:
    whole = int(hour) * 60 + int(minute)
    if int(minute) > 59 or whole > 1440:
        raise NoGrid(_("“%(part)s”：没有这个时间", part=part[:30]))
    return whole


def _days(text: str) -> set[int]:
    """Return the weekdays of 周一至周五、周日, 周二四, 工作日 or Mon-Fri; none when it says others too."""
    said = text.lower().strip(" :：")
    for word, meant in _WHOLE.items():
        said = said.replace(word, meant)
    said = _ENGLISH_DAY.sub(lambda found: DAYS[_ENGLISH.index(found[1])], said)
    said = re.sub("星期|礼拜|周", "", said).replace("天", "日")
    days: set[int] = set()
    for first, last in _RANGE.findall(said):
        begin, end = DAYS.index(first), DAYS.index(last)
        days |= {(begin + n) % 7 for n in range((end - begin) % 7 + 1)}
    rest = _BETWEEN.sub("", _RANGE.sub("", said))
    return set() if set(rest) - set(DAYS) else days | {DAYS.index(day) for day in rest}
