"""The desk that keeps orders: what waits in a list, taking one down, one with its first steps."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, filters, ids
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.core.tables import page_number
from portal.core.web import changed, invalid, page
from portal.people import queries as people
from portal.services import (
    actions,
    contact,
    policy,
    queries,
    queries_menu,
    rules,
    story,
    targets,
    words,
)
from portal.services import queries_dispatches as dispatches
from portal.services.blueprint import bp
from portal.services.forms import (
    AcceptForm,
    CloseForm,
    DeclineForm,
    DeskOrderForm,
    DispatchForm,
    FinishForm,
    RatingForm,
    RefuseForm,
    ReopenForm,
    WithdrawForm,
    finish_form,
)
from portal.services.models_dispatches import DispatchState
from portal.services.models_orders import (
    ORDER_STATE_LABELS,
    ORDER_WAY_LABELS,
    Order,
    OrderPrivate,
    OrderState,
    OrderWay,
    VisitStep,
)
from portal.services.views_public import told

ONE = allowed(policy.may_keep, order=queries.order_by_id)


@bp.get("/desk/orders")
@allowed(policy.reads_orders)
def desk_index() -> ResponseReturnValue:
    """List the orders of the own stations, overdue first."""
    asked = request.args.get("state", "")
    state = OrderState(asked) if asked in set(OrderState) else None
    late = request.args.get("late") == "1"
    station_ids, today = current_actor().stations(*policy.READERS), clock.today()
    found = queries.listed(queries.Filter(station_ids, state, overdue=late), page_number(), today)
    return page(
        "services/desk_index.html",
        found=found,
        lines=[words.line(row, today) for row in found.rows],
        waiting=queries.waiting_at(station_ids, today),
        chips=_chips(state, late=late),
        is_filtered=late or state is not None,
        keeps=policy.keeps_orders(current_actor()),
    )


def _chips(state: OrderState | None, *, late: bool) -> list[dict[str, Any]]:
    here = "services.desk_index"
    plain = state is None and not late
    chips = [
        {"text": _("全部"), "href": url_for(here), "current": plain},
        {"text": _("超期"), "href": url_for(here, late=1), "current": late},
    ]
    return chips + [
        {"text": label, "href": url_for(here, state=one), "current": one == state and not late}
        for one, label in ORDER_STATE_LABELS.items()
    ]


@bp.route("/desk/orders/new", methods=["GET", "POST"])
@allowed(policy.keeps_orders)
def desk_new() -> ResponseReturnValue:
    """Take an order down for somebody who telephones, comes, or is visited (代办)."""
    form = _offered()
    if request.method == "GET":
        return page("services/desk_new.html", form=form)
    if not form.validate():
        return invalid("services/desk_new.html", form=form)
    service = queries_menu.service_by_id(form.service.data)
    if service is None:  # it was chosen from the list
        raise LookupError(form.service.data)
    known = _known(form.name.data, form.phone.data or "")
    given = told(form, service, way=OrderWay(form.way.data), asker_id=known)
    try:
        row = write(actions.file, given, actor=current_actor(), now=clock.now())
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return invalid("services/desk_new.html", form=form)
    phrase = _("已经登记，编号 %(number)s。", number=rules.shown_number(row.number))
    if not given.asker.phone:
        code = contact.code_of(row.number)
        phrase += _("没有留手机号，请把查询码 %(code)s 一起告诉本人。", code=code)
    flash(phrase, "success")
    return changed(url_for("services.desk_show", order=row.public_id))


def _offered() -> DeskOrderForm:
    station_ids = current_actor().stations(*policy.KEEPERS)
    services = queries_menu.to_order_from(station_ids, clock.today())
    form = DeskOrderForm(key=ids.code(20), service=request.args.get("service", ""))
    form.offer(services, many_stations=len({row.station_id for row in services}) > 1)
    if request.method == "GET" and form.service.data not in {row.public_id for row in services}:
        form.service.data = ""
    return form


def _known(name: str, phone: str) -> int | None:
    """Return the asker's record when exactly one has this phone and this name."""
    same = [row.id for row in people.people_by_phone(phone) if row.name == name] if phone else []
    return same[0] if len(same) == 1 else None


@bp.get("/desk/orders/<order>")
@allowed(policy.may_read, order=queries.order_by_id)
def desk_show(order: Order) -> ResponseReturnValue:
    """Show an order, with whom it lies, and what can be done."""
    return page("services/desk_show.html", **detail(order))


def detail(row: Order, revealed: OrderPrivate | None = None, form: Any = None) -> dict[str, Any]:
    """Return what the page of an order shows; `form` is one that could not be used."""
    actor, state, today = current_actor(), OrderState(row.state), clock.today()
    keeps = policy.may_keep(actor, row) and not policy.is_asker(actor, row)
    return {
        "row": row,
        "base": url_for("services.desk_show", order=row.public_id),
        "line": words.line(row, today),
        "way": ORDER_WAY_LABELS[OrderWay(row.way)],
        "keeps": keeps,
        "is_own": policy.is_asker(actor, row),
        "private": _private(row, revealed),
        "revealed": revealed is not None,
        "similar": [words.line(one, today) for one in queries.similar(row)] if keeps else [],
        "story": story.story(row, for_staff=True, with_words=keeps),
        "visits": story.visits(row),
        **_lying(row, state),
        **(_ways_on(row, state, form) if keeps else {}),
        **({"form": form} if form else {}),
    }


def _private(row: Order, revealed: OrderPrivate | None) -> dict[str, str]:
    """Return name and phone masked, the rest only when it was revealed."""
    found = queries.private_of(row.id)
    if found is None:
        return {}
    if revealed is not None:
        return {"name": found.name, "phone": found.phone, "address": found.address,
                "note": found.note}  # fmt: skip
    hidden = _("点“显示”才看得到")
    return {
        "name": filters.masked_name(found.name),
        "phone": filters.masked_phone(found.phone),
        "address": hidden if found.address else "",
        "note": hidden if found.note else "",
    }


def _lying(row: Order, state: OrderState) -> dict[str, Any]:
    """Return to whom it was sent, and the time they gave."""
    sent = queries.dispatches_of(row.id)
    held = next((one for one in reversed(sent) if one.state == rules.HELD.get(state)), None)
    has_doers = held is None or held.kind == "open" or bool(dispatches.doers_of(held))
    return {
        "sent": [
            {
                "who": words.to_whom(one),
                "state": words.dispatch_state(one),
                "tone": words.DISPATCH_TONES.get(DispatchState(one.state), "neutral"),
                "at": one.dispatched_at,
                "promised_on": one.promised_on,
            }
            for one in reversed(sent)
        ],
        "nobody_answers": not has_doers and state in rules.DOERS_TURN,
        "helps": queries.helps_for(row.id),
    }


_BLANK: dict[str, Any] = {
    "refusing": RefuseForm,
    "declining": DeclineForm,
    "closing": CloseForm,
    "rating": RatingForm,
    "reopening": ReopenForm,
    "withdrawing": WithdrawForm,
}


def _ways_on(row: Order, state: OrderState, form: Any) -> dict[str, Any]:
    """Return the forms of what can be done now; the one that could not be used as it was sent."""
    forms = {
        name: form if type(form) is kind else kind(formdata=None) for name, kind in _BLANK.items()
    }
    held = queries.holding(row.id)
    for_them = held is not None and held.kind != "open"
    return {
        **forms,
        "may": {verb for one, verb in rules.STEPS if one == state},
        "may_answer": state == OrderState.DISPATCHED and for_them,
        "accepting": form if isinstance(form, AcceptForm) else accept_form(),
        "sending": form if isinstance(form, DispatchForm) else dispatch_form(row),
        "finishing": _finishing(row, state, form),
        "next_visit": words.visit_step(_next_visit(row, state)),
        "may_draft": state in _DRAFTABLE and row.activity_id is None,
    }


_DRAFTABLE = {OrderState.REVIEWED, OrderState.DISPATCHED, OrderState.OPEN, OrderState.ACCEPTED}


def _finishing(row: Order, state: OrderState, form: Any) -> FinishForm | None:
    held = queries.holding(row.id)
    if state != OrderState.ACCEPTED or held is None:
        return None
    if isinstance(form, FinishForm):
        return form
    return finish_form(dispatches.helpers_of(held), formdata=None)


def _next_visit(row: Order, state: OrderState) -> VisitStep | None:
    if not row.service.home_visit or state != OrderState.ACCEPTED:
        return None
    return rules.next_visit_step(queries.visits_of(row.id))


def accept_form(*, sent: bool = False) -> AcceptForm:
    """Return the form by which the desk takes down that they accepted."""
    form = AcceptForm() if sent else AcceptForm(formdata=None)
    form.offer([])
    form.team.data = ""
    return form


def dispatch_form(row: Order, *, sent: bool = False) -> DispatchForm:
    """Return the form with those to whom it can be sent."""
    form = DispatchForm() if sent else DispatchForm(formdata=None, target=targets.fixed(row))
    form.offer(targets.listed(row))
    return form


def again(row: Order, form: Any) -> Response:
    """Show the page once more with a form that cannot be used."""
    return invalid("services/desk_show.html", **detail(row, form=form))


def to(row: Order) -> ResponseReturnValue:
    """Go back to the order's page."""
    return changed(url_for("services.desk_show", order=row.public_id))
