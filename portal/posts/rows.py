"""Posts as rows of a table: what a row says, what becomes of it, and the drafts made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from wtforms import StringField

from portal.core import clock, rows
from portal.core.access import Actor
from portal.core.forms import needed
from portal.core.i18n import gettext as _
from portal.core.rows import YES_NO, Fate, Finding, Judged
from portal.core.sheets import Column, Line
from portal.org import queries as org
from portal.org.models import Vocabulary
from portal.org.rows import Terms
from portal.posts import actions, queries_rows, rules_grid
from portal.posts.actions import Details
from portal.posts.forms import VOCABULARIES, DetailsForm
from portal.posts.rules import Cell, Pattern

COLUMNS = (
    Column("title", ("岗位名称", "岗位", "名称", "title"), needed=True),
    Column("site_name", ("在哪个场所", "场所", "场所名称", "venue"), needed=True),
    Column("venue_type", ("场所类型", "venue type"), needed=True),
    Column("grid", ("每周排班", "排班", "weekly grid"), needed=True),
    Column("place", ("具体位置", "位置", "place")),
    Column("services", ("提供什么服务", "服务内容", "services")),
    Column("promise", ("服务承诺", "承诺", "promise")),
    Column("hours_text", ("开放时间的说明", "开放时间", "opening hours")),
    Column("leader_name", ("岗位负责人", "负责人", "leader")),
    Column("contact_phone", ("联系电话", "电话", "phone")),
    Column("materials", ("岗上的物资", "物资", "materials")),
    Column("office_in_charge", ("责任单位", "office in charge")),
    Column("summary", ("介绍", "summary")),
    Column("kind", ("类别", "kind")),
    Column("field", ("领域", "field")),
    Column("minimum_age", ("最低年龄", "minimum age")),
    Column("is_party_post", ("党员先锋岗", "party post")),
    Column("is_risky", ("有风险", "risky")),
    Column("insurance_note", ("保险说明", "insurance")),
)
EXAMPLE = {
    "title": "示例：周末文明引导",
    "site_name": "和平路口（示例）",
    "grid": "周一至周五 7:30-8:30 2人；周六 14:00-16:00 3人",
    "services": "指路、劝导",
    "promise": "微笑服务，不推诿",
    "hours_text": "雨天不设岗",
}
# What the page of a new post begins with.
_USUAL = {"kind": "order", "field": "order"}


class RowForm(DetailsForm):
    """A post of a table, with its grid in words."""

    grid = StringField(validators=[needed()])


class New(NamedTuple):
    """What is to be made of a row."""

    details: Details
    cells: tuple[Cell, ...]


def columns() -> Sequence[Column]:
    """Return the columns of the table."""
    return COLUMNS


def allowed() -> dict[str, list[str]]:
    """Return what may stand in some columns."""
    yes_no = [str(one) for one in YES_NO]
    return Terms(VOCABULARIES, _USUAL).labels | {"is_party_post": yes_no, "is_risky": yes_no}


def example() -> Mapping[str, str]:
    """Return the template's example."""
    return EXAMPLE | {"venue_type": allowed()["venue_type"][0]}


def check(
    lines: Sequence[Line],
    station_id: int,
    *,
    actor: Actor,  # noqa: ARG001  every sort of row is asked alike
    now: datetime,  # noqa: ARG001
) -> list[Judged]:
    """Judge each row; a post is the same by its name and its venue."""
    terms = Terms(VOCABULARIES, _USUAL)
    existing = queries_rows.existing(station_id)
    seen: dict[tuple[str, str], int] = {}
    found = []
    for line in lines:
        row = _judged(line, terms, existing)
        key = (line.cells.get("title", ""), line.cells.get("site_name", ""))
        first = seen.setdefault(key, line.number)
        if first != line.number and row.fate != Fate.WRONG:
            message = _("和第 %(n)d 行是同一个岗，请只留一行", n=first)
            row = rows.wrong(line, row.label, Finding("title", message))
        found.append(row)
    return found


def _judged(
    line: Line, terms: Terms, existing: Mapping[tuple[str, str], queries_rows.Existing]
) -> Judged:
    label = line.cells.get("title", "")
    readers = terms.readers | {"is_party_post": rows.yes, "is_risky": rows.yes}
    form, unclear = rows.fill(RowForm, line.cells, readers)
    terms.offer(form)
    cells = _cells(form.grid.data, unclear)
    found = rows.findings(form, unclear)
    if found:
        return rows.wrong(line, label, *found)
    new = New(form.details(terms.ids(form)), cells)
    there = existing.get((new.details.title, new.details.site_name))
    if there is None:
        return Judged(line, label, Fate.NEW, value=new)
    if there == (new.details.columns, new.cells):
        return Judged(line, label, Fate.SAME)
    message = _(
        "本站已经有这个岗，内容不一样。导入不改已有的岗：要改请到那个岗的页面，再从表里删掉这一行"
    )
    return Judged(line, label, Fate.CHANGED, (Finding("", message),))


def _cells(text: str | None, unclear: dict[str, str]) -> tuple[Cell, ...]:
    if not text:
        return ()
    try:
        return rules_grid.read(text)
    except rules_grid.NoGrid as error:
        unclear["grid"] = str(error)
        return ()


def take(judged: Sequence[Judged], station_id: int, *, actor: Actor, now: datetime) -> None:
    """Make a draft of each row."""
    today = clock.local_day(now)
    # Held, so that the session has them at hand for each post.
    _venues = org.terms(Vocabulary.VENUE_TYPE)
    for row in judged:
        new: New = row.value
        pattern = Pattern(new.cells, today)
        actions.create(station_id, new.details, pattern, actor=actor, now=now)
