"""Series: their public page, and the desk's pages to make one, change a date, and end it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Response, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.activities import actions_series, drafting, policy, queries, words_series
from portal.activities.actions import Details
from portal.activities.blueprint import bp
from portal.activities.forms_series import (
    DateForm,
    NewSeriesForm,
    SeriesForm,
    SetEndForm,
    next_same_weekday,
)
from portal.activities.models import Activity
from portal.core import clock
from portal.core.access import allowed, current_actor, public
from portal.core.copies import cached
from portal.core.db import write
from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.shifts import queries as shifts
from portal.shifts import queries_series, recurrence
from portal.shifts import series as all_series
from portal.shifts.models import PlaceRole, Shift
from portal.shifts.models_series import Series
from portal.signups import panel_course, queries_course

NOT_SENT_ON = {"csrf_token", "sure", "edit"}


# --- in public -----------------------------------------------------------------------------------


@bp.get("/series/<series>")
@public
def series_page(series: str) -> ResponseReturnValue:
    """All dates of a series, each with its own place; the sign-up for a course."""
    return cached(lambda: _series_page(series))


def _series_page(public_id: str) -> Response:
    actor, now = current_actor(), clock.now()
    row = queries_series.series_by_id(public_id) or abort(404)
    activity = queries.activity(row.offering_id)
    if not policy.may_read(actor, activity):
        abort(404)
    shown = _dates(row, now)
    return page(
        "activities/series.html",
        series=row,
        activity=activity,
        coming=[one for one in shown if not one.is_over],
        past=[one for one in shown if one.is_over],
        rule=words_series.rule_text(row),
        skipped=_skipped(row),
        course=panel_course.panel(row.offering_id, actor, now),
        may_plan=policy.may_plan(actor, activity),
        is_public=activity.state in policy.VISIBLE,
    )


def _skipped(row: Series) -> list[words_series.Day]:
    """Return the days still to come that a holiday takes."""
    today = clock.today()
    given = [one for one in all_series.days(row) if not one.takes_place and one.day >= today]
    return words_series.preview(given)


def _dates(row: Series, now: datetime) -> list[words_series.DateShown]:
    rows = queries_series.dates_of(row.id)
    first = min((clock.local_day(one.shift.starts_at) for one in rows), default=clock.today())
    calendar = all_series.calendar(first)
    return words_series.dates(rows, calendar.holidays, list(calendar.years), now)


# --- making one ----------------------------------------------------------------------------------


def new_series(
    form: NewSeriesForm,
    station_id: int,
    details: Details,
    publish: Callable[[Activity], ResponseReturnValue],
) -> ResponseReturnValue:
    """Show the dates of a new activity that repeats, then make it (from the form of a new one)."""
    plan = form.plan()
    if not form.sure.data:
        return _check(form, request.path, "activities/desk_new.html")
    try:
        row = write(
            actions_series.create, station_id, details, plan, is_course=bool(form.is_course.data),
            conditions=drafting.conditions_of(form), actor=current_actor(), now=clock.now(),
        )  # fmt: skip
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return invalid("activities/desk_new.html", form=form)
    if form.then.data == "publish":
        return publish(row)
    flash(_("草稿已保存。检查一下，再发布。"), "success")
    return changed(url_for("activities.desk_show", activity=row.public_id))


@bp.route("/desk/activities/<activity>/series", methods=["GET", "POST"])
@allowed(policy.may_plan, activity=queries.activity_by_id)
def begin_series(activity: Activity) -> ResponseReturnValue:
    """Let an activity repeat: the form, the dates to check, then they are made."""
    there = queries_series.of_offering(activity.id)
    if there:
        return changed(url_for("activities.desk_series", series=there.public_id))
    form = SeriesForm()
    values: dict[str, Any] = {"form": form, "activity": activity}
    if request.method == "GET":
        _fill_from_last(form, activity)
        return page("activities/series_new.html", **values)
    if not form.validate():
        return invalid("activities/series_new.html", **values)
    if not form.sure.data:
        return _check(form, request.path, "activities/series_new.html", activity=activity)
    try:
        row = write(
            actions_series.begin, activity.id, form.plan(), is_course=bool(form.is_course.data),
            actor=current_actor(), now=clock.now(),
        )  # fmt: skip
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return invalid("activities/series_new.html", **values)
    flash(_("日期排好了。"), "success")
    return changed(url_for("activities.desk_series", series=row.public_id))


def _check(form: Any, action: str, template: str, **values: Any) -> ResponseReturnValue:
    """Show the dates before anything is made; what was typed goes along."""
    if "edit" in request.form:
        return page(template, form=form, **values)
    plan = form.plan()
    days = words_series.preview(all_series.preview(plan))
    if not any(day.takes_place for day in days):
        form.add_error("repeat", _("按这个规则没有一天能办。请改日期或者星期。"))
        return invalid(template, form=form, **values)
    pairs = request.form.items(multi=True)
    return page(
        "activities/series_check.html",
        form=form,
        action=action,
        days=days,
        count=sum(day.takes_place for day in days),
        rule=recurrence.words(plan.rule),
        end=words_series.ending(plan.rule),
        sent=[(name, value) for name, value in pairs if name not in NOT_SENT_ON],
        is_course=bool(form.is_course.data),
    )


def _fill_from_last(form: SeriesForm, activity: Activity) -> None:
    """The same weekday and time as the last shift, the next that is to come."""
    rows = shifts.shifts_of(activity.id)
    coming = [row for row in rows if row.starts_at > clock.now()]
    last = coming[0] if coming else (rows[-1] if rows else None)
    if last is None:
        form.day.data = clock.today() + timedelta(days=7)
        return
    start, end = clock.local(last.starts_at), clock.local(last.ends_at)
    form.day.data = start.date() if coming else next_same_weekday(last.starts_at)
    form.starts.data, form.ends.data = start.time(), end.time()
    form.days.data = [str(start.weekday())]
    capacities = _capacities(last)
    form.volunteers.data = capacities.get(PlaceRole.VOLUNTEER)
    form.attendees.data = capacities.get(PlaceRole.ATTENDEE)


def _capacities(shift: Shift) -> dict[PlaceRole, int]:
    return {
        PlaceRole(place.role): place.capacity
        for place in shifts.places(shift.id)
        if not place.label
    }


# --- one at the desk -----------------------------------------------------------------------------


@bp.get("/desk/series/<series>")
@allowed(policy.may_keep_series, series=queries_series.series_by_id)
def desk_series(series: Series) -> ResponseReturnValue:
    """The dates of a series with their state, what a new calendar asks, and its end."""
    now = clock.now()
    shown = _dates(series, now)
    rule = recurrence.parse(series.rule)
    found = actions_series.moves(series, now=now)
    earlier = sum(day < series.starts_on for day in queries_series.live_days(series.id))
    return page(
        "activities/desk_series.html",
        series=series,
        activity=series.offering,
        coming=[one for one in shown if not one.is_over],
        past=[one for one in shown if one.is_over],
        rule=words_series.rule_text(series),
        end=words_series.ending(rule, earlier),
        moves=found,
        missing=words_series.decisions(found),
        skipped=_skipped(series),
        course=queries_course.course_of_offering(series.offering_id),
    )


@bp.route("/desk/series/<series>/end", methods=["GET", "POST"])
@allowed(policy.may_keep_series, series=queries_series.series_by_id)
def end_series(series: Series) -> ResponseReturnValue:
    """Lengthen or shorten a series; what falls away is shown first."""
    form, now = SetEndForm(), clock.now()
    values: dict[str, Any] = {"form": form, "series": series}
    if request.method == "GET":
        rule = recurrence.parse(series.rule)
        earlier = sum(day < series.starts_on for day in queries_series.live_days(series.id))
        form.finish.data = "until" if rule.until else "count"
        form.until.data = rule.until
        form.count.data = rule.count + earlier if rule.count else None
        return page("activities/series_end.html", **values)
    if not form.validate():
        return invalid("activities/series_end.html", **values)
    try:
        rule = actions_series.ending(series, form.end(), now=now)
        dropped = actions_series.beyond(series, rule, now=now)
        if dropped and not form.sure.data:
            return _check_end(form, series, dropped)
        made, gone = write(
            actions_series.set_end, series.id, form.end(), form.reason.data or "",
            actor=current_actor(), now=now,
        )  # fmt: skip
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return invalid("activities/series_end.html", **values)
    flash(_("改好了：加了 %(made)d 次，去掉 %(gone)d 次。", made=made, gone=gone), "success")
    return changed(url_for("activities.desk_series", series=series.public_id))


def _check_end(form: SetEndForm, series: Series, dropped: list[Any]) -> ResponseReturnValue:
    people = queries_course.people_on([one.shift_id for one in dropped])
    return page(
        "activities/series_end.html",
        form=form,
        series=series,
        dropped=[(one.shift, people.get(one.shift_id, 0)) for one in dropped],
    )


@bp.post("/desk/series/<series>/dates")
@allowed(policy.may_keep_series, series=queries_series.series_by_id)
def fill_series(series: Series) -> ResponseReturnValue:
    """Make the dates that the calendar, as it is now, leaves room for."""
    made = write(actions_series.fill, series.id, actor=current_actor(), now=clock.now())
    flash(_("补上了 %(n)d 次。", n=made), "success")
    return changed(url_for("activities.desk_series", series=series.public_id))


@bp.post("/desk/shifts/<shift>/keeping")
@allowed(policy.may_keep_shift, shift=shifts.shift_by_id)
def keep_date(shift: Shift) -> ResponseReturnValue:
    """Let a date take place although it is a holiday."""
    of_series = queries_series.of_shift(shift.id) or abort(404)
    write(actions_series.keep_date, shift.id, actor=current_actor(), now=clock.now())
    flash(_("这一次照常办。"), "success")
    return changed(url_for("activities.desk_series", series=of_series.series.public_id))


# --- one date ------------------------------------------------------------------------------------


@bp.route("/desk/shifts/<shift>/edit", methods=["GET", "POST"])
@allowed(policy.may_keep_activity_shift, shift=shifts.shift_by_id)
def change_date(shift: Shift) -> ResponseReturnValue:
    """Change one shift: time, place, host, places; of a series perhaps the later ones too."""
    form, capacities = DateForm(), _capacities(shift)
    form.offer(capacities)
    of_series = queries_series.of_shift(shift.id)
    values: dict[str, Any] = {"form": form, "shift": shift, "of_series": of_series}
    if request.method == "GET":
        form.fill(shift, capacities)
        return page("activities/change_date.html", **values)
    if not form.validate():
        return invalid("activities/change_date.html", **values)
    scope = actions_series.Scope(form.scope.data)
    try:
        count = write(
            actions_series.change_date, shift.id, form.change(shift.offering.place), scope,
            actor=current_actor(), now=clock.now(),
        )  # fmt: skip
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return invalid("activities/change_date.html", **values)
    flash(_("改了 %(n)d 场，报名的人都会收到通知。", n=count), "success")
    if of_series:
        return changed(url_for("activities.desk_series", series=of_series.series.public_id))
    return changed(shift.offering.desk_path)


@bp.get("/desk/series/<series>/course")
@allowed(policy.may_keep_series, series=queries_series.series_by_id)
def desk_course(series: Series) -> ResponseReturnValue:
    """Who is in a course, who waits, and on which dates each came; to print."""
    if queries_course.course_of_offering(series.offering_id) is None:
        abort(404)
    rows = queries_course.in_course(series.id)
    return page(
        "activities/desk_course.html",
        series=series,
        table=words_series.attendance(
            rows, queries_course.signups_of([row.id for row in rows]),
            queries_series.dates_of(series.id),
        ),
    )  # fmt: skip
