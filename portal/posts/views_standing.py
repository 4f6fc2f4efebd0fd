"""Standing places at the desk: who comes every week, giving one, ending one, who is away."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Refused
from portal.core.forms import choices
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.posts import actions_standing, choosing, policy, queries, queries_duty, words
from portal.posts.blueprint import bp
from portal.posts.forms import AbsenceForm, EndForm, StandingForm
from portal.posts.models import ServicePost, StandingPlace


@bp.route("/desk/posts/<post>/standing", methods=["GET", "POST"])
@allowed(policy.may_plan, post=queries.post_by_id)
def standing(post: ServicePost) -> ResponseReturnValue:
    """Show who comes every week, and give somebody a standing place."""
    form, slots = StandingForm(), queries.slots_of(post.id)
    form.slot.choices = choices((slot.public_id, words.slot_text(slot)) for slot in slots)
    choosing.offer(form, post.station_id)
    rows = [(row, words.slot_text(row.slot)) for row in queries.standing_of(post.id)]
    values: dict[str, Any] = {"post": post, "form": form, "rows": rows}
    if request.method == "GET":
        return page("posts/standing.html", **values)
    person = choosing.chosen(form)
    if person is None:
        return invalid("posts/standing.html", **values)
    slot = next(slot for slot in slots if slot.public_id == form.slot.data)
    try:
        write(actions_standing.give, slot.id, person.id, actor=current_actor(), now=clock.now())
    except Refused as refused:
        return page("posts/standing.html", status=409, reasons=refused.reasons, **values)
    flash(_("固定岗安排好了，%(name)s 会收到通知。", name=person.name), "success")
    return changed(url_for("posts.standing", post=post.public_id))


@bp.route("/desk/posts/<post>/standing/<standing>/end", methods=["GET", "POST"])
@allowed(policy.may_end, post=queries.post_by_id, standing=queries.standing_by_id)
def end_standing(post: ServicePost, standing: StandingPlace) -> ResponseReturnValue:
    """Ask first, then end a standing place."""
    form = EndForm()
    if request.method == "GET":
        text = words.slot_text(standing.slot)
        return page("posts/standing_end.html", post=post, standing=standing, form=form, text=text)
    write(
        actions_standing.end, standing.id, frees=bool(form.frees.data),
        actor=current_actor(), now=clock.now(),
    )  # fmt: skip
    flash(_("固定岗结束了。"), "success")
    return changed(url_for("posts.standing", post=post.public_id))


@bp.route("/desk/posts/<post>/standing/<standing>/absence", methods=["GET", "POST"])
@allowed(policy.may_end, post=queries.post_by_id, standing=queries.standing_by_id)
def absence_for(post: ServicePost, standing: StandingPlace) -> ResponseReturnValue:
    """Write down for somebody that they are away, or that they are not after all."""
    actor, now, person_id = current_actor(), clock.now(), standing.person_id
    rows = queries_duty.absences_of({person_id}, now)[person_id]
    ended = next((row for row in rows if row.public_id == request.form.get("ended")), None)
    form = AbsenceForm(formdata=None) if ended or request.method == "GET" else AbsenceForm()
    values: dict[str, Any] = {"post": post, "standing": standing, "form": form, "rows": rows}
    if request.method == "GET":
        return page("posts/absence.html", **values)
    if ended:
        write(actions_standing.end_absence, ended.id, actor=actor, now=now)
        flash(_("请假取消了，还空着的固定岗又排上了。"), "success")
    elif not form.validate():
        return invalid("posts/absence.html", **values)
    else:
        days = (form.first_on.data, form.last_on.data)
        write(actions_standing.record_absence, person_id, *days, actor=actor, now=now)
        flash(_("请假登记好了，这几天的固定岗空出来了。"), "success")
    return changed(url_for("posts.standing", post=post.public_id))
