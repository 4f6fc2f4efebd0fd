"""What the desk does with an order: each step one button or one form of its page."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import current_actor
from portal.core.db import write
from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.core.web import changed, page
from portal.services import (
    actions,
    actions_closing,
    actions_desk,
    actions_dispatch,
    queries,
    rules,
    targets,
)
from portal.services import queries_dispatches as dispatches
from portal.services.actions import Rating
from portal.services.blueprint import bp
from portal.services.forms import (
    CloseForm,
    DeclineForm,
    RatingForm,
    RefuseForm,
    ReopenForm,
    WithdrawForm,
    finish_form,
)
from portal.services.models_dispatches import Dispatch
from portal.services.models_orders import Order, RatingWay
from portal.services.views_desk import ONE, accept_form, again, detail, dispatch_form, to
from portal.services.views_me import finish_with, show_in


@bp.post("/desk/orders/<order>/review")
@ONE
def review(order: Order) -> ResponseReturnValue:
    """Find it in order."""
    write(actions_desk.review, order.id, actor=current_actor(), now=clock.now())
    flash(_("审过了，请派单。"), "success")
    return to(order)


@bp.post("/desk/orders/<order>/refusal")
@ONE
def refuse(order: Order) -> ResponseReturnValue:
    """Say why it cannot be done."""
    form = RefuseForm()
    if not form.validate():
        return again(order, form)
    reason = form.refuse_reason.data
    write(actions_desk.refuse, order.id, reason, actor=current_actor(), now=clock.now())
    flash(_("已经记下，本人会看到原因。"), "success")
    return to(order)


@bp.post("/desk/orders/<order>/dispatch")
@ONE
def dispatch(order: Order) -> ResponseReturnValue:
    """Send it to a team or a unit, or lay it open; also instead of whom it was sent to before."""
    form = dispatch_form(order, sent=True)
    if not form.validate():
        return again(order, form)
    try:
        write(
            actions_desk.dispatch, order.id, targets.chosen(form.target.data),
            form.words.data or "", actor=current_actor(), now=clock.now(),
        )  # fmt: skip
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return again(order, form)
    flash(_("派好了。"), "success")
    return to(order)


@bp.post("/desk/orders/<order>/acceptance")
@ONE
def accept_for(order: Order) -> ResponseReturnValue:
    """Take down that those to whom it was sent accepted, by telephone."""
    form = accept_form(sent=True)
    if not form.validate():
        return again(order, form)
    held = _held(order)
    if held is None:
        return _gone(order)
    try:
        write(
            actions_dispatch.accept, held.id, form.promised_on.data,
            actor=current_actor(), now=clock.now(),
        )  # fmt: skip
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return again(order, form)
    flash(_("记下了，他们接单了。"), "success")
    return to(order)


@bp.post("/desk/orders/<order>/decline")
@ONE
def decline_for(order: Order) -> ResponseReturnValue:
    """Take down that those to whom it was sent cannot do it."""
    form = DeclineForm()
    if not form.validate():
        return again(order, form)
    held = _held(order)
    if held is None:
        return _gone(order)
    reason = form.decline_reason.data
    write(actions_dispatch.decline, held.id, reason, actor=current_actor(), now=clock.now())
    flash(_("记下了，请另外派人。"), "success")
    return to(order)


@bp.post("/desk/orders/<order>/visit")
@ONE
def visit_for(order: Order) -> ResponseReturnValue:
    """Note the next step of a home visit."""
    step = rules.next_visit_step(queries.visits_of(order.id))
    if step is not None:
        write(actions_desk.note_visit, order.id, step, actor=current_actor(), now=clock.now())
        flash(_("已经登记。"), "success")
    return to(order)


@bp.post("/desk/orders/<order>/completion")
@ONE
def finish_for(order: Order) -> ResponseReturnValue:
    """Take down that it is done, and whose time it took."""
    held = _held(order)
    if held is None:
        return _gone(order)
    form = finish_form(dispatches.helpers_of(held))
    if not form.validate():
        return again(order, form)
    try:
        finish_with(form, held)
    except Invalid as wrong:
        show_in(form, wrong)
        return again(order, form)
    flash(_("记下了。请给点单人打电话，问问办得怎么样。"), "success")
    return to(order)


def _held(order: Order) -> Dispatch | None:
    return queries.holding(order.id)


def _gone(order: Order) -> ResponseReturnValue:
    flash(_("这一单现在没有派给谁，请刷新页面再看。"), "warning")
    return to(order)


@bp.post("/desk/orders/<order>/rating")
@ONE
def rate_for(order: Order) -> ResponseReturnValue:
    """Take down what the asker said when called back."""
    form = RatingForm()
    if not form.validate():
        return again(order, form)
    given = Rating(RatingWay.CALL_BACK, int(form.satisfaction.data), form.rate_words.data or "")
    write(actions.rate, order.id, given, actor=current_actor(), now=clock.now())
    flash(_("记下了。核对时长以后就可以办结。"), "success")
    return to(order)


@bp.post("/desk/orders/<order>/reopening")
@ONE
def reopen_for(order: Order) -> ResponseReturnValue:
    """Take down that the asker says it is not done yet."""
    form = ReopenForm()
    if not form.validate():
        return again(order, form)
    write(actions.reopen, order.id, form.reopen_words.data, actor=current_actor(), now=clock.now())
    flash(_("已经告诉接单的人，请他们再去看看。"), "success")
    return to(order)


@bp.post("/desk/orders/<order>/closing")
@ONE
def close(order: Order) -> ResponseReturnValue:
    """Close it, and approve the time it took."""
    form = CloseForm()
    if not form.validate():
        return again(order, form)
    reason = form.reason.data or ""
    try:
        write(actions_closing.close, order.id, reason, actor=current_actor(), now=clock.now())
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return again(order, form)
    flash(_("办结了，服务时长已经记入。"), "success")
    return to(order)


@bp.post("/desk/orders/<order>/withdrawal")
@ONE
def withdraw_for(order: Order) -> ResponseReturnValue:
    """Take it back for the asker, who said so."""
    form = WithdrawForm()
    if not form.validate():
        return again(order, form)
    reason = form.withdraw_reason.data or ""
    write(actions.withdraw, order.id, reason, actor=current_actor(), now=clock.now())
    flash(_("已经撤回。"), "success")
    return to(order)


@bp.post("/desk/orders/<order>/activity")
@ONE
def draft_activity(order: Order) -> ResponseReturnValue:
    """Make a draft activity of it, so that others can join."""
    made = write(actions_desk.draft_activity, order.id, actor=current_actor(), now=clock.now())
    flash(_("开好了活动草稿。检查一下，再发布。"), "success")
    return changed(url_for("activities.desk_show", activity=made.public_id))


@bp.post("/desk/orders/<order>/reveal")
@ONE
def reveal(order: Order) -> ResponseReturnValue:
    """Show who asked in full; that it was done is written down."""
    found = write(actions_desk.reveal, order.id, actor=current_actor(), now=clock.now())
    if found is None:
        return redirect(url_for("services.desk_show", order=order.public_id), 303)
    return page("services/desk_show.html", **detail(order, revealed=found))
