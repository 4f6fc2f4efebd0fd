"""The desk's pages of templates: the list, keeping one, another name, out of use and back."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.activities import actions_templates as actions
from portal.activities import drafting, policy, queries
from portal.activities import queries_templates as templates
from portal.activities.blueprint import bp
from portal.activities.forms import TemplateForm, TemplateNameForm
from portal.activities.models import Activity
from portal.activities.models_templates import ActivityTemplate
from portal.core import clock, filters
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Invalid
from portal.core.forms import choices
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page

_one = allowed(policy.may_change_template, template=templates.template_by_id)


@bp.get("/desk/templates")
@allowed(policy.keeps_desk)
def desk_templates() -> ResponseReturnValue:
    """List the templates that can be used; what was retired apart."""
    actor, gone = current_actor(), request.args.get("gone") == "1"
    if gone:
        station_ids = [row.id for row in drafting.own_stations()]
        rows = templates.retired_at(station_ids, of_district=actor.is_admin)
    else:
        rows = drafting.offered_templates()
    chips = [
        {"text": _("在用"), "href": url_for("activities.desk_templates"), "current": not gone},
        {
            "text": _("已停用"),
            "href": url_for("activities.desk_templates", gone=1),
            "current": gone,
        },
    ]
    return page(
        "activities/desk_templates.html",
        rows=[(row, words(row), policy.may_change_template(actor, row)) for row in rows],
        chips=chips,
        gone=gone,
    )


def words(row: ActivityTemplate) -> str:
    """Return when it usually begins, how long it lasts and for how many it is."""
    hour, minute = divmod(row.starts_minute, 60)
    start, length = f"{hour:02d}:{minute:02d}", filters.minutes(row.length_minutes)
    parts = [_("%(start)s 开始，%(length)s", start=start, length=length)]
    if row.volunteers:
        parts.append(_("志愿者 %(n)d 名", n=row.volunteers))
    if row.attendees:
        parts.append(_("%(n)d 人参加", n=row.attendees))
    return " · ".join(parts)


@bp.route("/desk/activities/<activity>/template", methods=["GET", "POST"])
@allowed(policy.may_plan, activity=queries.activity_by_id)
def keep_template(activity: Activity) -> ResponseReturnValue:
    """Keep an activity as a template."""
    form, stations = TemplateForm(), drafting.own_stations()
    form.station.choices = choices((row.public_id, row.name) for row in stations)
    values: dict[str, Any] = {"form": form, "activity": activity}
    if request.method == "GET":
        form.name.data, form.station.data = activity.title, activity.station.public_id
        return page("activities/desk_template_new.html", **values)
    if not form.validate():
        return invalid("activities/desk_template_new.html", **values)
    station_id = next(row.id for row in stations if row.public_id == form.station.data)
    actor, now, name = current_actor(), clock.now(), str(form.name.data)
    try:
        write(actions.keep, activity.id, station_id, name, actor=actor, now=now)
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return invalid("activities/desk_template_new.html", **values)
    flash(_("已存为模板。下次新建活动，选它就行。"), "success")
    return changed(url_for("activities.desk_templates"))


@bp.route("/desk/templates/<template>", methods=["GET", "POST"])
@_one
def desk_template(template: ActivityTemplate) -> ResponseReturnValue:
    """Show a template with what can be done with it; give it another name."""
    form = TemplateNameForm()
    if request.method == "GET":
        form.name.data = template.name
        return _template_page(template, form)
    if not form.validate():
        return _template_page(template, form)
    actor, now = current_actor(), clock.now()
    try:
        write(actions.rename, template.id, str(form.name.data), actor=actor, now=now)
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return _template_page(template, form)
    flash(_("名字改好了。"), "success")
    return changed(url_for("activities.desk_templates"))


def _template_page(template: ActivityTemplate, form: TemplateNameForm) -> ResponseReturnValue:
    render = invalid if form.errors else page
    return render(
        "activities/desk_template.html", chosen=template, form=form, words=words(template)
    )


@bp.post("/desk/templates/<template>/retirement")
@_one
def retire_template(template: ActivityTemplate) -> ResponseReturnValue:
    """Take a template out of use."""
    write(actions.retire, template.id, actor=current_actor(), now=clock.now())
    flash(_("这个模板停用了，在“已停用”里可以恢复。"), "success")
    return changed(url_for("activities.desk_templates"))


@bp.post("/desk/templates/<template>/reinstatement")
@_one
def reinstate_template(template: ActivityTemplate) -> ResponseReturnValue:
    """Put a template back into use."""
    form = TemplateNameForm(data={"name": template.name})
    try:
        write(actions.reinstate, template.id, actor=current_actor(), now=clock.now())
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return _template_page(template, form)
    flash(_("这个模板又可以用了。"), "success")
    return changed(url_for("activities.desk_templates"))
