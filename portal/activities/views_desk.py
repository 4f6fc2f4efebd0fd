"""The desk's pages of activities: list, new, change, publish, call off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.activities import actions, policy, queries, views_series
from portal.activities.blueprint import bp
from portal.activities.forms import DetailsForm, NewActivityForm, ReasonForm, ShiftForm, SpanForm
from portal.activities.forms_series import NewSeriesForm
from portal.activities.models import Activity
from portal.core import clock
from portal.core.access import Role, allowed, current_actor
from portal.core.db import write
from portal.core.errors import Invalid, Refused
from portal.core.forms import choices
from portal.core.i18n import gettext as _
from portal.core.tables import page_number
from portal.core.web import changed, invalid, page
from portal.org import queries as org
from portal.org.models import Station, Term, Vocabulary
from portal.people import queries as people
from portal.shifts import queries as shifts
from portal.shifts import queries_projects as projects
from portal.shifts import queries_series
from portal.shifts.models import (
    OFFERING_STATE_LABELS,
    Offering,
    OfferingState,
    PlaceRole,
    Shift,
)
from portal.signups import actions as signup_actions
from portal.signups import panel


def _own_stations() -> list[Station]:
    """Return the actor's stations, those granted themselves first."""
    actor = current_actor()
    ids = actor.stations(Role.STATION_MANAGER, Role.ADMINISTRATOR)
    granted = {
        row.id for row in people.stations_of_role(actor.person_id or 0, Role.STATION_MANAGER)
    }
    rows = [row for row in org.all_stations() if row.id in ids]
    return sorted(rows, key=lambda row: row.id not in granted)


def _terms(vocabulary: Vocabulary) -> list[tuple[str, str]]:
    return [(row.code, row.label) for row in org.terms(vocabulary)]


def _with_choices(form: DetailsForm, row: Activity | None = None) -> DetailsForm:
    station_ids = [row.station_id] if row else [one.id for one in _own_stations()]
    open_ones = [(one.public_id, one.name) for one in projects.open_to(station_ids)]
    if row and row.project and row.project.public_id not in dict(open_ones):
        open_ones.append((row.project.public_id, row.project.name))
    form.project.choices = choices([("", _("不属于项目")), *open_ones])
    form.kind.choices = choices(_terms(Vocabulary.ACTIVITY_KIND))
    form.field.choices = choices(_terms(Vocabulary.FIELD))
    form.target_group.choices = choices(_terms(Vocabulary.TARGET_GROUP))
    if isinstance(form, NewActivityForm):
        form.station.choices = choices([(row.public_id, row.name) for row in _own_stations()])
    return form


def _term_id(vocabulary: Vocabulary, code: str) -> int:
    row = org.term(vocabulary, code)
    if row is None:
        abort(422)
    return row.id


def _project_id(public_id: str | None) -> int | None:
    row = projects.project_by_id(public_id) if public_id else None
    return row.id if row else None


def _details(form: DetailsForm) -> actions.Details:
    names = (
        "title",
        "place",
        "summary",
        "leader_name",
        "contact_phone",
        "bring",
        "risk_note",
        "insurance_note",
    )
    return actions.Details(
        kind_id=_term_id(Vocabulary.ACTIVITY_KIND, form.kind.data),
        field_id=_term_id(Vocabulary.FIELD, form.field.data),
        target_group_id=_term_id(Vocabulary.TARGET_GROUP, form.target_group.data),
        is_risky=bool(form.is_risky.data),
        team_only=bool(form.team_only.data),
        project_id=_project_id(form.project.data),
        minimum_age=form.minimum_age.data or 0,
        **{name: form[name].data or "" for name in names},
    )


@bp.get("/desk/activities")
@allowed(policy.keeps_desk)
def desk_index() -> ResponseReturnValue:
    """List the station's activities, the last changed first."""
    asked = request.args.get("state", "")
    state = OfferingState(asked) if asked in set(OfferingState) else None
    ids = [row.id for row in _own_stations()]
    found = queries.at_stations(ids, state, page_number())
    return page(
        "activities/desk_index.html",
        found=found,
        spans=shifts.next_or_last([row.id for row in found.rows], clock.now()),
        labels=OFFERING_STATE_LABELS,
        state=asked,
    )


@bp.route("/desk/activities/new", methods=["GET", "POST"])
@allowed(policy.keeps_desk)
def desk_new() -> ResponseReturnValue:
    """Create an activity; with `copy` it begins as a copy of an earlier one."""
    form = _with_choices(NewSeriesForm())
    assert isinstance(form, NewSeriesForm)  # noqa: S101  for the type checker
    if request.method == "GET":
        _fill_in(form)
        return page("activities/desk_new.html", form=form)
    if not form.validate():
        return invalid("activities/desk_new.html", form=form)
    station = org.station_by_id(form.station.data)
    if station is None or station.id not in {row.id for row in _own_stations()}:
        abort(404)
    actor, now, details = current_actor(), clock.now(), _details(form)
    if form.repeats:
        return views_series.new_series(form, station.id, details, _publish)
    try:
        row = write(actions.create, station.id, details, form.new_shift(), actor=actor, now=now)
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return invalid("activities/desk_new.html", form=form)
    if form.then.data == "publish":
        return _publish(row)
    flash(_("草稿已保存。检查一下，再发布。"), "success")
    return changed(url_for("activities.desk_show", activity=row.public_id))


def _fill_in(form: NewActivityForm) -> None:
    """Put sensible values in: the own station, next Saturday morning, or an earlier activity."""
    stations = _own_stations()
    if not stations:
        return
    today = clock.today()
    form.station.data = stations[0].public_id
    form.day.data = today + timedelta(days=(5 - today.weekday()) % 7 or 7)
    form.starts.data, form.ends.data = time(9), time(11)
    form.volunteers.data = 10
    form.kind.data, form.field.data = "environment", "welfare"
    form.target_group.data = "everyone"
    form.place.data = stations[0].address
    form.contact_phone.data = stations[0].phone
    form.leader_name.data = current_actor().name
    earlier = queries.activity_by_id(request.args.get("copy", ""))
    if earlier and policy.may_plan(current_actor(), earlier):
        _fill_from(form, earlier)
        form.station.data = earlier.station.public_id
        _fill_span_from(form, earlier)


def _fill_span_from(form: NewActivityForm, earlier: Activity) -> None:
    """The same weekday and time, the next that is to come, with the same places."""
    rows = shifts.shifts_of(earlier.id)
    if not rows:
        return
    start, end = clock.local(rows[-1].starts_at), clock.local(rows[-1].ends_at)
    day = start.date() + timedelta(days=7)
    while day <= clock.today():
        day += timedelta(days=7)
    form.day.data, form.starts.data, form.ends.data = day, start.time(), end.time()
    places = {row.role: row.capacity for row in shifts.places(rows[-1].id)}
    form.volunteers.data = places.get(PlaceRole.VOLUNTEER)
    form.attendees.data = places.get(PlaceRole.ATTENDEE)


def _fill_from(form: DetailsForm, row: Activity) -> None:
    for name in (
        "title",
        "place",
        "summary",
        "leader_name",
        "contact_phone",
        "bring",
        "minimum_age",
        "is_risky",
        "team_only",
        "risk_note",
        "insurance_note",
    ):
        form[name].data = getattr(row, name)
    form.project.data = row.project.public_id if row.project else ""
    kinds: tuple[tuple[str, Term], ...] = (
        ("kind", row.kind),
        ("field", row.field),
        ("target_group", row.target_group),
    )
    for name, term in kinds:
        form[name].data = term.code


@bp.get("/desk/activities/<activity>")
@allowed(policy.may_see_at_desk, activity=queries.activity_by_id)
def desk_show(activity: Activity) -> ResponseReturnValue:
    """One activity at the desk, with its one next action."""
    return _desk_page(activity, ShiftForm())


def _desk_page(activity: Activity, form: ShiftForm) -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    rows = shifts.shifts_of(activity.id)
    render = invalid if form.errors else page
    return render(
        "activities/desk_show.html",
        activity=activity,
        state=OFFERING_STATE_LABELS[OfferingState(activity.state)],
        panels=panel.panels(rows, actor, now),
        may_plan=policy.may_plan(actor, activity),
        may_review=policy.may_review(actor, activity),
        form=form,
        series=queries_series.of_offering(activity.id),
    )


@bp.route("/desk/activities/<activity>/edit", methods=["GET", "POST"])
@allowed(policy.may_plan, activity=queries.activity_by_id)
def desk_edit(activity: Activity) -> ResponseReturnValue:
    """Change what an activity is made of."""
    form = _with_choices(DetailsForm(), activity)
    if request.method == "GET":
        _fill_from(form, activity)
        return page("activities/desk_edit.html", form=form, activity=activity)
    if not form.validate():
        return invalid("activities/desk_edit.html", form=form, activity=activity)
    write(actions.change, activity.id, _details(form), actor=current_actor(), now=clock.now())
    flash(_("已保存。"), "success")
    return changed(url_for("activities.desk_show", activity=activity.public_id))


@bp.post("/desk/activities/<activity>/publication")
@allowed(policy.may_plan, activity=queries.activity_by_id)
def publish(activity: Activity) -> ResponseReturnValue:
    """Publish, or submit for review."""
    return _publish(activity)


def _publish(activity: Activity) -> ResponseReturnValue:
    to = url_for("activities.desk_show", activity=activity.public_id)
    try:
        row = write(actions.publish, activity.id, actor=current_actor(), now=clock.now())
    except Refused as refused:
        if request.endpoint == "activities.publish":
            raise
        flash(_("草稿已保存，还不能发布：") + refused.message, "warning")
        return changed(to)
    if row.state == OfferingState.IN_REVIEW:
        flash(_("已提交审核，审核通过后自动发布。"), "success")
    else:
        flash(_("已发布，大家现在就能看到。"), "success")
    return changed(to)


@bp.post("/desk/activities/<activity>/shifts")
@allowed(policy.may_plan, activity=queries.activity_by_id)
def add_shift(activity: Activity) -> ResponseReturnValue:
    """Add a shift."""
    form = ShiftForm()
    if not form.validate():
        return _desk_page(activity, form)
    write(actions.add_shift, activity.id, form.new_shift(), actor=current_actor(), now=clock.now())
    flash(_("加好了一场。"), "success")
    return changed(url_for("activities.desk_show", activity=activity.public_id))


@bp.route("/desk/activities/<activity>/call-off", methods=["GET", "POST"])
@allowed(policy.may_plan, activity=queries.activity_by_id)
def call_off(activity: Activity) -> ResponseReturnValue:
    """Call the whole activity off, after asking."""
    return _call_off(actions.call_off, activity.id, activity)


@bp.route("/desk/shifts/<shift>/call-off", methods=["GET", "POST"])
@allowed(policy.may_keep_shift, shift=shifts.shift_by_id)
def call_off_shift(shift: Shift) -> ResponseReturnValue:
    """Call one shift of any offering off, after asking."""
    return _call_off(signup_actions.call_off, shift.id, shift.offering, shift)


def _call_off(
    action: Callable[..., object], row_id: int, offering: Offering, shift: Shift | None = None
) -> ResponseReturnValue:
    form = ReasonForm()
    values: dict[str, Any] = {"form": form, "offering": offering, "shift": shift}
    if request.method == "GET":
        return page("activities/call_off.html", **values)
    if not form.validate():
        return invalid("activities/call_off.html", **values)
    write(action, row_id, str(form.reason.data), actor=current_actor(), now=clock.now())
    flash(_("已取消，报名的人都会收到通知。"), "success")
    return changed(offering.desk_path)


@bp.route("/desk/shifts/<shift>/move", methods=["GET", "POST"])
@allowed(policy.may_keep_shift, shift=shifts.shift_by_id)
def move_shift(shift: Shift) -> ResponseReturnValue:
    """Give a shift of any offering another span."""
    form = SpanForm()
    if request.method == "GET":
        start, end = clock.local(shift.starts_at), clock.local(shift.ends_at)
        form.day.data, form.starts.data, form.ends.data = start.date(), start.time(), end.time()
        return page("activities/move_shift.html", form=form, shift=shift)
    if not form.validate():
        return invalid("activities/move_shift.html", form=form, shift=shift)
    write(actions.move_shift, shift.id, *form.span(), actor=current_actor(), now=clock.now())
    flash(_("时间已改，报名的人都会收到通知。"), "success")
    return changed(shift.offering.desk_path)
