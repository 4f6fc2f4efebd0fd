"""Following an order: by number and proof without an account, or on the own pages."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor, public
from portal.core.db import write
from portal.core.failures import too_many
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.records import limits
from portal.services import actions, contact, policy, queries, rules, story, words
from portal.services.actions import Rating
from portal.services.blueprint import bp
from portal.services.forms import RatingForm, ReopenForm, TrackForm
from portal.services.models_orders import Order, OrderState, RatingWay
from portal.shifts.models import OfferingState


@bp.route("/services/track", methods=["GET", "POST"])
@public
def track() -> ResponseReturnValue:
    """Ask for number and proof; an unknown number and a wrong proof are told alike."""
    form = TrackForm()
    if request.method == "GET":
        return page("services/track.html", form=form)
    if not form.validate():
        return invalid("services/track.html", form=form)
    number, now = str(form.number.data), clock.now()
    attempts = (limits.ORDER_TRACK_NUMBER, number), (limits.ORDER_TRACK_ADDRESS, _address())
    wait = limits.longest_wait(*attempts, now=now)
    if wait:
        return too_many(wait, _("试的次数太多了，请过一会儿再试，或者打电话问。"))
    row = queries.by_number(number)
    if row is None or not contact.proves(row, str(form.proof.data)):
        write(limits.count_all, *attempts, now=now)
        form.add_error("proof", _("编号和手机号（或者查询码）对不上。请核对，或者打电话问。"))
        return invalid("services/track.html", form=form)
    return changed(url_for("services.followed", token=contact.followed(row)))


def _address() -> str:
    return request.remote_addr or ""


def _by_token(token: str) -> Order | None:
    public_id = contact.public_id_of(token)
    return queries.order_by_id(public_id) if public_id else None


@bp.get("/services/track/<token>")
@public
def followed(token: str) -> ResponseReturnValue:
    """Show where it stands to who proved the number; asks anew when that was long ago."""
    row = _by_token(token)
    if row is None:
        return redirect(url_for("services.track"), 303)
    return page("services/followed.html", **_shown(row, _base(token)))


@bp.post("/services/track/<token>/withdrawal")
@public
def followed_withdraw(token: str) -> ResponseReturnValue:
    """Take it back."""
    row = _by_token(token)
    return (
        redirect(url_for("services.track"), 303) if row is None else _withdrawn(row, _base(token))
    )


@bp.post("/services/track/<token>/rating")
@public
def followed_rate(token: str) -> ResponseReturnValue:
    """Rate what was done."""
    row = _by_token(token)
    return redirect(url_for("services.track"), 303) if row is None else _rated(row, _base(token))


@bp.post("/services/track/<token>/reopening")
@public
def followed_reopen(token: str) -> ResponseReturnValue:
    """Say that it is not done yet."""
    row = _by_token(token)
    return redirect(url_for("services.track"), 303) if row is None else _reopened(row, _base(token))


def _base(token: str) -> str:
    return url_for("services.followed", token=token)


# --- the own pages -------------------------------------------------------------------------------

_own = allowed(policy.is_asker, order=queries.order_by_id)


@bp.get("/me/orders/<order>")
@_own
def my_show(order: Order) -> ResponseReturnValue:
    """Show where one's own order stands."""
    return page("services/my_show.html", **_shown(order, _my_base(order)))


@bp.post("/me/orders/<order>/withdrawal")
@_own
def my_withdraw(order: Order) -> ResponseReturnValue:
    """Take it back."""
    return _withdrawn(order, _my_base(order))


@bp.post("/me/orders/<order>/rating")
@_own
def my_rate(order: Order) -> ResponseReturnValue:
    """Rate what was done."""
    return _rated(order, _my_base(order))


@bp.post("/me/orders/<order>/reopening")
@_own
def my_reopen(order: Order) -> ResponseReturnValue:
    """Say that it is not done yet."""
    return _reopened(order, _my_base(order))


def _my_base(row: Order) -> str:
    return url_for("services.my_show", order=row.public_id)


# --- what both share -----------------------------------------------------------------------------


def _shown(row: Order, base: str, form: Any = None) -> dict[str, Any]:
    """Return what the asker sees; `form` is one that could not be used."""
    state = OrderState(row.state)
    held = queries.holding(row.id)
    is_known = held is not None and held.accepted_at is not None
    published = row.activity is not None and row.activity.state == OfferingState.PUBLISHED
    return {
        "row": row,
        "base": base,
        "number": rules.shown_number(row.number),
        "code": None if contact.has_phone(row) else contact.code_of(row.number),
        "state_words": words.ASKER_LABELS[state],
        "tone": words.ORDER_TONES.get(state, "neutral"),
        "whats_next": words.whats_next(row),
        "wished": words.wished(row),
        "where": words.where(row),
        "by_whom": words.to_whom(held) if held is not None and is_known else "",
        "activity": row.activity if published else None,
        "may_withdraw": rules.may(state, "withdraw"),
        "is_done": state == OrderState.DONE,
        "visits": story.visits(row),
        "story": story.story(row),
        "rating": form if isinstance(form, RatingForm) else RatingForm(formdata=None),
        "reopening": form if isinstance(form, ReopenForm) else ReopenForm(formdata=None),
        "is_own": row.asker_id is not None,
        **({"form": form} if form else {}),
    }


def _again(row: Order, base: str, form: Any) -> ResponseReturnValue:
    template = "services/my_show.html" if base.startswith("/me/") else "services/followed.html"
    return invalid(template, **_shown(row, base, form))


def _withdrawn(row: Order, base: str) -> ResponseReturnValue:
    write(actions.withdraw, row.id, "", actor=current_actor(), now=clock.now())
    flash(_("已经撤回。"), "success")
    return changed(base)


def _rated(row: Order, base: str) -> ResponseReturnValue:
    form = RatingForm()
    if not form.validate():
        return _again(row, base, form)
    way = RatingWay.ACCOUNT if base.startswith("/me/") else RatingWay.NUMBER
    given = Rating(way, int(form.satisfaction.data), form.rate_words.data or "")
    write(actions.rate, row.id, given, actor=current_actor(), now=clock.now())
    flash(_("谢谢您的评价。"), "success")
    return changed(base)


def _reopened(row: Order, base: str) -> ResponseReturnValue:
    form = ReopenForm()
    if not form.validate():
        return _again(row, base, form)
    write(actions.reopen, row.id, form.reopen_words.data, actor=current_actor(), now=clock.now())
    flash(_("已经记下，请他们再来看看。"), "success")
    return changed(base)
