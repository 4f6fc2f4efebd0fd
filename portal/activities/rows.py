"""Activities as rows of a table: a row is a shift; rows of one name are one activity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from portal.activities import actions, queries_rows
from portal.activities.actions import Details
from portal.activities.forms import VOCABULARIES, DetailsForm, ShiftForm
from portal.activities.models import Activity
from portal.activities.queries_rows import Existing
from portal.core import clock, rows
from portal.core.access import Actor
from portal.core.i18n import gettext as _
from portal.core.rows import YES_NO, Fate, Finding, Judged, Moment, Unclear
from portal.core.sheets import Column, Line
from portal.org.rows import Terms
from portal.shifts import actions as shift_actions
from portal.shifts.actions import NewShift

COLUMNS = (
    Column("title", ("名称", "活动名称", "活动", "title"), needed=True),
    Column("day", ("日期", "day", "date")),
    Column("starts", ("开始", "开始时间", "starts", "start"), needed=True),
    Column("ends", ("结束", "结束时间", "ends", "end"), needed=True),
    Column("place", ("具体地点", "地点", "place"), needed=True),
    Column("kind", ("类别", "活动类别", "kind"), needed=True),
    Column("volunteers", ("要几名志愿者", "志愿者人数", "志愿者", "volunteers")),
    Column("attendees", ("多少人参加", "参加人数", "attendees")),
    Column("summary", ("做什么", "介绍", "summary")),
    Column("leader_name", ("现场负责人", "负责人", "leader")),
    Column("contact_phone", ("联系电话", "电话", "phone")),
    Column("target_group", ("适合谁", "who it is for")),
    Column("field", ("领域", "field")),
    Column("bring", ("要带什么", "what to bring")),
    Column("minimum_age", ("最低年龄", "minimum age")),
    Column("is_risky", ("有风险", "risky")),
    Column("risk_note", ("可能的风险", "risks")),
    Column("insurance_note", ("保险说明", "insurance")),
)
# What stands in the first row of an activity holds for its other rows.
_OF_SHIFT = frozenset({"day", "starts", "ends", "volunteers", "attendees"})
_OF_ALL = tuple(one.name for one in COLUMNS if one.name not in _OF_SHIFT)
# What the page of a new activity begins with.
_USUAL = {"field": "welfare", "target_group": "everyone"}


class RowForm(DetailsForm, ShiftForm):
    """An activity of a table with one shift; which project it belongs to is said on its page."""

    project = None  # type: ignore[assignment]


class New(NamedTuple):
    """What is to be made of a row."""

    details: Details
    shift: NewShift

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From when until when."""
        return self.shift.starts_at, self.shift.ends_at


def columns() -> Sequence[Column]:
    """Return the columns of the table."""
    return COLUMNS


def allowed() -> dict[str, list[str]]:
    """Return what may stand in some columns."""
    return Terms(VOCABULARIES, _USUAL).labels | {"is_risky": [str(one) for one in YES_NO]}


def example() -> Mapping[str, str]:
    """Return the template's example."""
    return {
        "title": "示例：清洁家园",
        "day": (clock.today() + timedelta(days=7)).isoformat(),
        "starts": "9:00",
        "ends": "11:00",
        "place": "社区广场（示例）",
        "kind": allowed()["kind"][0],
        "volunteers": "10",
        "summary": "一起打扫楼道和绿地",
    }


def check(lines: Sequence[Line], station_id: int, *, actor: Actor, now: datetime) -> list[Judged]:  # noqa: ARG001
    """Judge each row: first what it says by itself, then against what the station has."""
    terms = Terms(VOCABULARIES, _USUAL)
    firsts: dict[str, Line] = {}
    groups: dict[str, list[Judged]] = {}
    for line in lines:
        first = firsts.setdefault(line.cells.get("title", ""), line)
        group = groups.setdefault(line.cells.get("title", ""), [])
        group.append(_judged(line, first, group, terms))
    today = clock.day_start(clock.local_day(now))
    there = queries_rows.existing(station_id, today, groups)
    found = [
        row for title, group in groups.items() for row in _compared(group, there.get(title, []))
    ]
    return sorted(found, key=lambda row: row.line.number)


def _judged(line: Line, first: Line, before: Sequence[Judged], terms: Terms) -> Judged:
    label = line.cells.get("title", "")
    cells, differing = _with_first(line, first)
    unclear = _with_span(cells) | differing
    form, unread = rows.fill(RowForm, cells, terms.readers | {"is_risky": rows.yes})
    terms.offer(form)
    found = rows.findings(form, unread | unclear)
    if found:
        return rows.wrong(line, label, *found)
    new = New(form.details(terms.ids(form)), form.new_shift())
    twin = next((row for row in before if row.value and row.value.span == new.span), None)
    if twin:
        message = _("和第 %(n)d 行是同一场，请只留一行", n=twin.line.number)
        return rows.wrong(line, label, Finding("starts", message))
    return Judged(line, label, Fate.NEW, value=new)


def _with_first(line: Line, first: Line) -> tuple[dict[str, str], dict[str, str]]:
    """Return the cells, empty ones filled from the activity's first row, and where they differ."""
    cells = dict(line.cells)
    differing: dict[str, str] = {}
    if line is first:
        return cells, differing
    for name in _OF_ALL:
        said, meant = cells.get(name, ""), first.cells.get(name, "")
        if said and said != meant:
            differing[name] = _(
                "第 %(n)d 行是同一个活动，这一格写得不一样。请写成一样的，或者空着", n=first.number
            )
        cells[name] = meant
    return cells, differing


def _with_span(cells: dict[str, str]) -> dict[str, str]:
    """Put day, start and end into the cells as the form takes them; return what is unclear.

    A day may stand in its own column or before the start; an end says its day or leaves it out.
    """
    found = {"day": Moment(), "starts": Moment(), "ends": Moment()}
    unclear: dict[str, str] = {}
    for name in found:
        try:
            found[name] = rows.moment(cells.pop(name, ""))
        except Unclear as error:
            unclear[name] = str(error)
    day, starts, ends = found.values()
    on, begins = day.day or starts.day, starts.time or day.time
    if starts.day and starts.day != on:
        unclear["starts"] = _("和“日期”那一列不是同一天")
    if on and begins and ends.time and ends.day not in {None, _end_day(on, begins, ends.time)}:
        unclear["ends"] = _("结束要在开始之后，最长到第二天的同一时刻")
    values = {"day": on, "starts": begins, "ends": ends.time}
    cells |= {name: _as_form(value) for name, value in values.items() if value is not None}
    return unclear


def _end_day(on: date, starts: time, ends: time) -> date:
    return on if ends > starts or on == date.max else on + timedelta(days=1)


def _as_form(value: date | time) -> str:
    return value.isoformat("minutes") if isinstance(value, time) else value.isoformat()


def _compared(group: Sequence[Judged], there: Sequence[Existing]) -> list[Judged]:
    """Judge the rows of one activity against those of the station that are called alike."""
    held = next(
        (one for one in there for row in group if row.value and row.value.span in one.shifts), None
    )
    return [row if held is None or row.value is None else _against(row, held) for row in group]


def _against(row: Judged, held: Existing) -> Judged:
    new: New = row.value
    places = held.shifts.get(new.span)
    if places == frozenset(new.shift.places) and held.columns == new.details.columns:
        return replace(row, fate=Fate.SAME, value=None)
    if places is None:
        message = _("本站已经有这个活动。要加场次请到那个活动的页面，再从表里删掉这一行")
    else:
        message = _(
            "本站已经有这一场，内容不一样。导入不改已有的活动：要改请到那个活动的页面，"
            "再从表里删掉这一行"
        )
    return replace(row, fate=Fate.CHANGED, findings=(Finding("", message),), value=None)


def take(judged: Sequence[Judged], station_id: int, *, actor: Actor, now: datetime) -> None:
    """Make a draft of the rows of one name, with a shift of each."""
    made: dict[str, Activity] = {}
    for row in judged:
        new: New = row.value
        title = new.details.title
        if title not in made:
            made[title] = actions.create(station_id, new.details, None, actor=actor, now=now)
        shift_actions.add_shift(made[title], new.shift, actor=actor, now=now)
