"""Rows of a table that are to become things: read through a form, judged, with what is wrong.

The words of a cell are turned into what the form of the page takes, so a row is held to exactly the
rules of the page. What cannot be turned is a finding beside its column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from werkzeug.datastructures import MultiDict

from portal.core.forms import Form
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.core.sheets import Line

_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_TIME = re.compile(r"(\d{1,2})\s*[:：]\s*(\d{2})(?:[:：]\d{2})?")
_YES = frozenset({"是", "有", "要", "√", "y", "yes", "true", "1"})
_NO = frozenset({"否", "无", "没有", "不", "不是", "×", "n", "no", "false", "0"})
YES_NO = (_l("是"), _l("否"))
LONGEST_QUOTE = 20

Reader = Callable[[str], str]
RowForm = TypeVar("RowForm", bound=Form)


class Fate(StrEnum):
    """What becomes of a row. Only NEW and SAME may stand in a file that is imported."""

    WRONG = "wrong"
    CHANGED = "changed"
    NEW = "new"
    SAME = "same"


FITTING = frozenset({Fate.NEW, Fate.SAME})


class Finding(NamedTuple):
    """What is wrong in a column (empty: in the row), and what to do about it."""

    column: str
    message: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A row, what becomes of it, and why. `value`: what is to be made of it, when it is new."""

    line: Line
    label: str
    fate: Fate
    findings: tuple[Finding, ...] = ()
    value: Any = None


class Unclear(Exception):
    """The words of a cell mean nothing we know; the message says what was expected."""


def wrong(line: Line, label: str, *findings: Finding) -> Judged:
    """Return a row that must be mended."""
    return Judged(line, label, Fate.WRONG, findings)


def fill(
    form_class: type[RowForm], cells: Mapping[str, str], readers: Mapping[str, Reader]
) -> tuple[RowForm, dict[str, str]]:
    """Return a form with the cells, and what could not be read, by column."""
    given: dict[str, str] = {}
    unclear: dict[str, str] = {}
    for name in {**cells, **readers}:
        text = cells.get(name, "")
        try:
            said = readers[name](text) if name in readers else text
        except Unclear as error:
            unclear[name] = str(error)
            continue
        if said:
            given[name] = said
    return form_class(formdata=MultiDict(given)), unclear


def findings(form: Form, unclear: Mapping[str, str]) -> list[Finding]:
    """Validate the form; return what is wrong, one finding a column."""
    form.validate()
    found = dict(unclear)
    for field in form:
        if field.errors:
            found.setdefault(field.name, "；".join(str(one) for one in field.errors))
    return [Finding(name, message) for name, message in found.items()]


def counted(rows: Iterable[Judged]) -> dict[Fate, int]:
    """Return how many rows have each fate."""
    fates = [row.fate for row in rows]
    return {fate: fates.count(fate) for fate in Fate}


# --- what a cell says ----------------------------------------------------------------------------


def yes(text: str) -> str:
    """Return `y` for a yes, an empty text for a no or an empty cell."""
    said = text.strip().lower()
    if said in _YES:
        return "y"
    if said and said not in _NO:
        raise Unclear(_("看不懂“%(said)s”，请写“是”或者“否”", said=_quoted(text)))
    return ""


def one_of(pairs: Iterable[tuple[str, Sequence[str]]], default: str = "") -> Reader:
    """Return a reader of one of a list, by any of its names; each pair is (value, names)."""
    known = {name.lower(): value for value, names in pairs for name in (value, *names)}

    def read(text: str) -> str:
        if not text:
            return default
        found = known.get(text.strip().lower())
        if found is None:
            message = _("没有“%(said)s”这一项，请从模板第二张表里选", said=_quoted(text))
            raise Unclear(message)
        return found

    return read


def day(text: str) -> str:
    """Return a day as a form takes it."""
    found = moment(text)
    if text and (found.day is None or found.time is not None):
        raise _no_day(text)
    return found.day.isoformat() if found.day else ""


class Moment(NamedTuple):
    """What a cell says of a moment: a day, a time of the day, or both."""

    day: date | None = None
    time: time | None = None


def moment(text: str) -> Moment:
    """Return what 2026-12-05 14:30, 2026/12/5, 2026年12月5日 or 14:30 say. Raises Unclear."""
    said = text.strip()
    if not said:
        return Moment()
    found = _DAY.match(said)
    rest = said[found.end() :].strip().removeprefix("T") if found else said
    try:
        on = date(*(int(part) for part in found.groups())) if found else None
        if not rest:
            return Moment(on)
        clock_time = _TIME.fullmatch(rest)
        if clock_time is None:
            raise _no_day(text)
        hour, minute = int(clock_time[1]), int(clock_time[2])
        return Moment(on, time(0 if (hour, minute) == (24, 0) else hour, minute))
    except ValueError as error:
        raise Unclear(_("没有“%(said)s”这个日子或者时间", said=_quoted(text))) from error


def _no_day(text: str) -> Unclear:
    said = _quoted(text)
    return Unclear(_("看不懂“%(said)s”，请写成 2026-12-05 或者 14:30 这样", said=said))


def _quoted(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "…"
