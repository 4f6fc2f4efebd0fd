"""The working calendar: years and their source, the import of a list, and what it moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, IntegerField
from wtforms.validators import NumberRange

from portal.activities import actions_series
from portal.activities.actions_series import Moves
from portal.core import clock, filters
from portal.core.access import Actor, allowed, current_actor
from portal.core.db import write
from portal.core.forms import Form, long_text_field, needed, text_field
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.core.web import changed, invalid, page
from portal.floors import FEATURES
from portal.org import actions, calendar_text, working_days
from portal.org import queries as org
from portal.org.working_days import Deadline
from portal.shifts import queries_series
from portal.site.admin import administers

bp = Blueprint("admin_calendar", __name__)


class CalendarForm(Form):
    """The list of a year, pasted."""

    year = IntegerField(
        _l("哪一年"),
        [needed(), NumberRange(2000, 2100, _l("请填四位数的年份"))],
        render_kw={"inputmode": "numeric"},
    )
    source = text_field(_l("出处"), longest=60)
    days = long_text_field(_l("放假和调休的日子"), longest=8000)
    sure = HiddenField()


@bp.get("/admin/calendar")
@allowed(administers)
def index() -> ResponseReturnValue:
    """Years and their source; a year that is missing is marked; what there is to decide."""
    return page(
        "site/admin_calendar.html",
        years=org.years(),
        missing=_missing_years(),
        moves=_moves(clock.now()),
    )


@bp.route("/admin/calendar/new", methods=["GET", "POST"])
@allowed(administers)
def import_year() -> ResponseReturnValue:
    """Import the list of a year: first what was understood is shown, then it is done."""
    form = CalendarForm()
    if request.method == "GET":
        _fill_in(form)
        return page("site/admin_calendar_new.html", form=form)
    if not form.validate():
        return invalid("site/admin_calendar_new.html", form=form)
    found = calendar_text.read(form.days.data, form.year.data)
    for fault in found.faults:
        form.add_error("days", fault)
    if form.errors:
        return invalid("site/admin_calendar_new.html", form=form)
    if "edit" in request.form:
        return page("site/admin_calendar_new.html", form=form)
    if not form.sure.data:
        return page("site/admin_calendar_check.html", **_check(form, found))
    moved = write(
        _import, form.year.data, found.days, form.source.data,
        actor=current_actor(), now=clock.now(),
    )  # fmt: skip
    flash(
        _("%(year)d 年的安排已导入，%(n)d 个期限跟着改了。", year=form.year.data, n=moved),
        "success",
    )
    return changed(url_for("admin_calendar.index"))


def _fill_in(form: CalendarForm) -> None:
    """The year that is asked for, or the next one that is missing."""
    missing = _missing_years() or [clock.today().year + 1]
    asked = request.args.get("year", "")
    form.year.data = int(asked) if asked.isdecimal() and len(asked) == 4 else missing[0]
    listed = org.listed_days(form.year.data)
    form.days.data = "\n".join(
        f"{one.day:%Y-%m-%d} {'上班' if one.is_working else '放假'} {one.name}".strip()
        for one in listed
    )
    form.source.data = next((one.source for one in org.years() if one.year == form.year.data), "")


def _check(form: CalendarForm, found: calendar_text.Read) -> dict[str, Any]:
    """Return what was understood, and which days would be judged otherwise than now."""
    before = {one.day: (one.is_working, one.name) for one in org.listed_days(form.year.data)}
    after = {day: (works, name) for day, works, name in found.days}
    differ = calendar_text.differences(before, after) if before else []
    return {
        "form": form,
        "found": found,
        "days": [(filters.day(day), works, name) for day, works, name in found.days],
        "differ": [filters.day(day) for day in differ],
        "is_new": not before,
    }


def _import(
    year: int, days: Sequence[tuple[date, bool, str]], source: str, *, actor: Actor, now: datetime
) -> int:
    """Replace the list of a year; return how many deadlines lie on another day now.

    A deadline of working days keeps their number (民政部令 67 art. 11): it is recounted where it stands.
    """
    return working_days.recount(
        _deadlines(date(year, 1, 1)),
        lambda: actions.import_calendar(year, days, source, actor=actor, now=now),
    )


def _deadlines(since: date) -> Iterator[Deadline]:
    """Return the deadlines of all features that count in working days."""
    for name in FEATURES:
        if find_spec(f"portal.{name}.hooks"):
            found = getattr(import_module(f"portal.{name}.hooks"), "deadlines", None)
            yield from found(since) if found else ()


def _missing_years() -> list[int]:
    """Return this year and the next where no list is imported; nothing is guessed for them."""
    there, year = set(org.published_years()), clock.today().year
    return [one for one in (year, year + 1) if one not in there]


def _moves(now: datetime) -> list[tuple[Moves, list[str]]]:
    """Return the series for which somebody has to decide, with the days that could be added."""
    found = [actions_series.moves(row, now=now) for row in queries_series.skipping(now)]
    return [(one, [filters.day(day) for day in one.missing]) for one in found if one.any]
