"""Orders on one's own pages: what one ordered, what lies with one to do, what one may claim."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor, signed_in
from portal.core.db import write
from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.people import queries as people
from portal.people import queries_teams
from portal.services import (
    actions_desk,
    actions_dispatch,
    policy,
    queries,
    rules,
    story,
    words,
)
from portal.services import queries_dispatches as dispatches
from portal.services.actions_dispatch import Help
from portal.services.blueprint import bp
from portal.services.forms import AcceptForm, DeclineForm, FinishForm, finish_form
from portal.services.models_dispatches import Dispatch, DispatchState
from portal.services.models_orders import OrderPrivate, VisitStep
from portal.services.policy import Held

_seen = allowed(policy.may_see, held=dispatches.held_by_id)
_done_by = allowed(policy.is_doer, held=dispatches.held_by_id)
_TABS = ("mine", "theirs", "open")


@bp.get("/me/orders")
@allowed(signed_in)
def my_index() -> ResponseReturnValue:
    """List what one ordered (我点的), what lies with one (派给我的), and what one may claim."""
    person_id, today = current_actor().person_id or 0, clock.today()
    asked = request.args.get("tab", "")
    waiting = dispatches.count_waiting(person_id)
    tab = asked if asked in _TABS else "mine"
    shown: dict[str, Any] = {"rows": [], "tasks": []}
    if tab == "mine":
        shown["rows"] = [
            words.line(row, today, for_asker=True) for row in queries.of_person(person_id)
        ]
    else:
        rows = dispatches.theirs(person_id) if tab == "theirs" else dispatches.free()
        shown["tasks"] = [words.task(row, today) for row in rows]
    labels = {
        "mine": _("我点的"),
        "theirs": _("派给我的（%(n)d）", n=waiting) if waiting else _("派给我的"),
        "open": _("可以接的"),
    }
    chips = [
        {"text": text, "href": url_for("services.my_index", tab=name), "current": name == tab}
        for name, text in labels.items()
    ]
    return page("services/my_index.html", tab=tab, chips=chips, **shown)


@bp.get("/me/dispatches/<held>")
@_seen
def task(held: Held) -> ResponseReturnValue:
    """Show one order to those with whom it lies, and what they can do."""
    return page("services/task.html", **_values(held))


def _values(held: Held, *, contact: OrderPrivate | None = None, form: Any = None) -> dict[str, Any]:
    row, actor = held.dispatch, current_actor()
    order = row.order
    state = DispatchState(row.state)
    is_doer = policy.is_doer(actor, held)
    active = is_doer and state == DispatchState.ACCEPTED
    return {
        "row": row,
        "order": order,
        "task": words.task(row, clock.today()),
        "base": url_for("services.task", held=row.public_id),
        "is_free": held.is_free,
        "is_offered": is_doer and state == DispatchState.OFFERED,
        "is_active": active,
        "due": order.due_on if order.state in rules.DOERS_TURN else None,
        "accepting": form if isinstance(form, AcceptForm) else _accept_form(),
        "declining": form if isinstance(form, DeclineForm) else DeclineForm(formdata=None),
        "finishing": form if isinstance(form, FinishForm) else _blank(row) if active else None,
        "contact": contact,
        "instruction": story.instruction(order) if is_doer else "",
        "visits": story.visits(order) if is_doer else [],
        "next_visit": words.visit_step(_next_visit(row)) if active else "",
        "has_errors": bool(form and form.errors),
        **({"form": form} if form else {}),
    }


def _accept_form() -> AcceptForm:
    form = AcceptForm() if request.method == "POST" else AcceptForm(formdata=None)
    teams = queries_teams.led_by(current_actor().person_id or 0)
    form.offer([(one.public_id, one.name) for one in teams])
    return form


def _blank(row: Dispatch) -> FinishForm:
    return finish_form(dispatches.helpers_of(row), formdata=None)


def _next_visit(row: Dispatch) -> VisitStep | None:
    if not row.order.service.home_visit:
        return None
    return rules.next_visit_step(queries.visits_of(row.order.id))


def _again(held: Held, form: Any) -> Response:
    return invalid("services/task.html", **_values(held, form=form))


@bp.post("/me/dispatches/<held>/claim")
@_seen
def claim(held: Held) -> ResponseReturnValue:
    """Take an open order."""
    form = _accept_form()
    if not form.validate():
        return _again(held, form)
    team = people.team_by_id(form.team.data) if form.team.data else None
    try:
        write(
            actions_dispatch.claim, held.dispatch.id, form.promised_on.data,
            team.id if team else None, actor=current_actor(), now=clock.now(),
        )  # fmt: skip
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return _again(held, form)
    return _taken_on(held)


@bp.post("/me/dispatches/<held>/acceptance")
@_done_by
def accept(held: Held) -> ResponseReturnValue:
    """Take an order on that was sent to the team or the unit."""
    form = _accept_form()
    form.team.data = ""
    if not form.validate():
        return _again(held, form)
    try:
        write(
            actions_dispatch.accept, held.dispatch.id, form.promised_on.data,
            actor=current_actor(), now=clock.now(),
        )  # fmt: skip
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return _again(held, form)
    return _taken_on(held)


def _taken_on(held: Held) -> ResponseReturnValue:
    flash(_("接好了，谢谢您。去之前先打个电话。"), "success")
    return changed(url_for("services.task", held=held.dispatch.public_id))


@bp.post("/me/dispatches/<held>/decline")
@_done_by
def decline(held: Held) -> ResponseReturnValue:
    """Give it back to the desk."""
    form = DeclineForm()
    if not form.validate():
        return _again(held, form)
    reason = form.decline_reason.data
    write(
        actions_dispatch.decline, held.dispatch.id, reason, actor=current_actor(), now=clock.now()
    )
    flash(_("已经退回站点，由站点另外派人。"), "success")
    return changed(url_for("services.my_index", tab="theirs"))


@bp.post("/me/dispatches/<held>/contact")
@_done_by
def contact(held: Held) -> ResponseReturnValue:
    """Show whom to call and where to go; that it was shown is written down."""
    found = write(actions_dispatch.reveal, held.dispatch.id, actor=current_actor(), now=clock.now())
    return page("services/task.html", **_values(held, contact=found))


@bp.post("/me/dispatches/<held>/visit")
@_done_by
def visit(held: Held) -> ResponseReturnValue:
    """Note the next step of a home visit."""
    step = _next_visit(held.dispatch)
    if step is not None:
        write(
            actions_desk.note_visit, held.dispatch.order_id, step,
            actor=current_actor(), now=clock.now(),
        )  # fmt: skip
        flash(_("已经登记。"), "success")
    return changed(url_for("services.task", held=held.dispatch.public_id))


@bp.post("/me/dispatches/<held>/completion")
@_done_by
def finish(held: Held) -> ResponseReturnValue:
    """Note that it is done, and the time it took."""
    form = finish_form(dispatches.helpers_of(held.dispatch))
    if not form.validate():
        return _again(held, form)
    try:
        finish_with(form, held.dispatch)
    except Invalid as wrong:
        show_in(form, wrong)
        return _again(held, form)
    flash(_("记下了，谢谢您。等点单人评单，站点办结。"), "success")
    return changed(url_for("services.my_index", tab="theirs"))


def finish_with(form: FinishForm, row: Dispatch) -> None:
    """Note what a valid form says."""
    given = form.given()
    helps = [Help(person_id, form.starts_at, minutes) for person_id, minutes in given]
    write(
        actions_dispatch.finish, row.id, form.finish_note.data or "", helps,
        actor=current_actor(), now=clock.now(),
    )  # fmt: skip


def show_in(form: FinishForm, wrong: Invalid) -> None:
    """Put what is wrong beside its field; what is wrong with the helpers beside the first."""
    first = form.minutes[0].name if form.minutes else "finish_note"
    form.add_error(first if wrong.field == "helps" else wrong.field, wrong.message)
