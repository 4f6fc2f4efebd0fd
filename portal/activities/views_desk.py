"""The desk's pages of activities: list, new, change, publish."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.activities import actions, drafting, permits, policy, queries, views_series
from portal.activities.blueprint import bp
from portal.activities.forms import SHORT, DetailsForm, ShiftForm
from portal.activities.forms_series import NewSeriesForm
from portal.activities.models import Activity
from portal.activities.models_templates import ActivityTemplate
from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Invalid, Refused
from portal.core.i18n import gettext as _
from portal.core.tables import page_number
from portal.core.web import changed, invalid, page
from portal.org import queries as org
from portal.shifts import conditions, queries_series
from portal.shifts import queries as shifts
from portal.shifts.models import OFFERING_STATE_LABELS, OfferingState
from portal.signups import panel, queries_changes, words


@bp.get("/desk/activities")
@allowed(policy.keeps_desk)
def desk_index() -> ResponseReturnValue:
    """List the station's activities, the last changed first."""
    asked = request.args.get("state", "")
    state = OfferingState(asked) if asked in set(OfferingState) else None
    ids = [row.id for row in drafting.own_stations()]
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
    """Create an activity. It begins empty, as a copy of an earlier one, or from a template."""
    offered = drafting.offered_templates()
    asked = request.values.get("template", "")
    template = next((row for row in offered if row.public_id == asked), None)
    if request.method == "GET":
        if asked and template is None:
            flash(_("这个模板不在用了。请从头填写，或者换一个模板。"), "warning")
        return _new_page(_begun(template), template, offered)
    form = drafting.sent_from(template) if template else drafting.with_choices(NewSeriesForm())
    if "all" in request.form:
        return _new_page(form, None, ())
    if not form.validate():
        return _new_page(form, template if set(form.errors) <= set(SHORT) else None, ())
    return _create(form)


def _begun(template: ActivityTemplate | None) -> NewSeriesForm:
    if template:
        return drafting.begin_from(template)
    form = NewSeriesForm()
    drafting.with_choices(form)
    drafting.begin(form)
    return form


def _new_page(
    form: NewSeriesForm, template: ActivityTemplate | None, offered: Sequence[ActivityTemplate]
) -> ResponseReturnValue:
    """Show the form: the few fields a template leaves open, or all of them."""
    render = invalid if form.errors else page
    if template is None:
        return render("activities/desk_new.html", form=form, templates=offered)
    station = org.station_by_id(form.station.data)
    return render("activities/desk_new_short.html", form=form, chosen=template, station=station)


def _create(form: NewSeriesForm) -> ResponseReturnValue:
    station = org.station_by_id(form.station.data)
    if station is None or station.id not in {row.id for row in drafting.own_stations()}:
        abort(404)
    actor, now, said = current_actor(), clock.now(), drafting.details(form)
    if form.repeats:
        return views_series.new_series(form, station.id, said, _publish)
    try:
        row = write(
            actions.create, station.id, said, form.new_shift(),
            conditions=drafting.conditions_of(form), actor=actor, now=now,
        )  # fmt: skip
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return _new_page(form, None, ())
    if form.then.data == "publish":
        return _publish(row)
    flash(_("草稿已保存。检查一下，再发布。"), "success")
    return changed(url_for("activities.desk_show", activity=row.public_id))


@bp.get("/desk/activities/<activity>")
@allowed(policy.may_see_at_desk, activity=queries.activity_by_id)
def desk_show(activity: Activity) -> ResponseReturnValue:
    """One activity at the desk, with its one next action."""
    return desk_page(activity, ShiftForm())


def desk_page(activity: Activity, form: ShiftForm) -> ResponseReturnValue:
    """Show an activity with its shifts and the form for one more."""
    actor, now = current_actor(), clock.now()
    rows = shifts.shifts_of(activity.id)
    render = invalid if form.errors else page
    return render(
        "activities/desk_show.html",
        activity=activity,
        state=OFFERING_STATE_LABELS[OfferingState(activity.state)],
        panels=panel.panels(rows, actor, now),
        undoable=words.undoable(queries_changes.undoable_of_offering(activity.id, now), now),
        may_plan=policy.may_plan(actor, activity),
        may_review=policy.may_review(actor, activity),
        words=conditions.in_words(activity),
        permit=permits.words(activity, rows, now),
        form=form,
        series=queries_series.of_offering(activity.id),
    )


@bp.route("/desk/activities/<activity>/edit", methods=["GET", "POST"])
@allowed(policy.may_plan, activity=queries.activity_by_id)
def desk_edit(activity: Activity) -> ResponseReturnValue:
    """Change what an activity is made of."""
    form = drafting.with_choices(DetailsForm(), activity)
    if request.method == "GET":
        drafting.fill_from(form, activity)
        return page("activities/desk_edit.html", form=form, activity=activity)
    if not form.validate():
        return invalid("activities/desk_edit.html", form=form, activity=activity)
    write(
        actions.change, activity.id, drafting.details(form),
        conditions=drafting.conditions_of(form), actor=current_actor(), now=clock.now(),
    )  # fmt: skip
    flash(_("已保存。"), "success")
    return changed(url_for("activities.desk_show", activity=activity.public_id))


@bp.route("/desk/activities/<activity>/publication", methods=["GET", "POST"])
@allowed(policy.may_plan, activity=queries.activity_by_id)
def publish(activity: Activity) -> ResponseReturnValue:
    """Publish, or submit for review; without the permit a large one needs, ask once more."""
    if request.method == "GET":
        rows, now = shifts.shifts_of(activity.id), clock.now()
        return page(
            "activities/permit.html", activity=activity, permit=permits.words(activity, rows, now)
        )
    return _publish(activity)


def _publish(activity: Activity) -> ResponseReturnValue:
    if permits.is_missing(activity) and request.form.get("sure") != "1":
        return changed(url_for("activities.publish", activity=activity.public_id))
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
        return desk_page(activity, form)
    write(actions.add_shift, activity.id, form.new_shift(), actor=current_actor(), now=clock.now())
    flash(_("加好了一场。"), "success")
    return changed(url_for("activities.desk_show", activity=activity.public_id))
