"""The printed code of a post: its poster, what it opens, and the page that confirms."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, flash, make_response, request, url_for
from flask.typing import ResponseReturnValue

from portal.arrivals import actions_claims as actions
from portal.arrivals import claims, policy
from portal.arrivals.actions_claims import Said
from portal.arrivals.blueprint import bp
from portal.arrivals.rules_claims import poster_code
from portal.attendance.forms import direction_of
from portal.core import clock, filters, qr
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Refused
from portal.core.i18n import gettext as _
from portal.core.web import changed, page
from portal.people import queries as people
from portal.shifts import queries as shifts
from portal.shifts.models import Offering, Shift
from portal.signups.policy import may_keep_roster


@bp.get("/desk/posts/<offering>/claim-poster")
@allowed(policy.may_print_claim_poster, offering=shifts.offering_by_id)
def claim_poster(offering: Offering) -> ResponseReturnValue:
    """A poster for the post itself, with a code that does not change."""
    path = url_for("arrivals.here", post=poster_code(offering.public_id))
    address = f"{current_app.config['PORTAL'].public_url}{path}"
    return page(
        "arrivals/claim_poster.html",
        offering=offering,
        address=address,
        picture=qr.svg(address, label=_("到岗、离岗的码")),
    )


@bp.get("/here/<post>")
@allowed(policy.may_claim, post=claims.post_by_code)
def here(post: Offering) -> ResponseReturnValue:
    """Offer to say that one is here or leaves, for the duty that is on now."""
    return _here(post)


@bp.post("/here/<post>")
@allowed(policy.may_claim, post=claims.post_by_code)
def here_said(post: Offering) -> ResponseReturnValue:
    """Take what somebody says. It counts nothing until somebody else confirms it."""
    now = clock.now()
    asked = request.form.get("shift", "")
    shift = next((row for row in claims.on_now(post, now) if row.public_id == asked), None)
    if shift is None:
        return _here(post, 409, gone=True)
    direction = direction_of(request.form.get("direction"))
    device = request.cookies.get(claims.DEVICE, "")
    phone = claims.device_of(device)
    token = device if phone else claims.new_device()
    said = Said(shift.id, direction, phone or claims.device_of(token))
    try:
        write(actions.claim, said, actor=current_actor(), now=now)
    except Refused as refused:
        return _here(post, 409, reasons=refused.reasons)
    flash(_("记下了，等负责人确认。"), "success")
    response = make_response(changed(request.path))
    claims.keep_device(response, token)
    return response


def _here(post: Offering, status: int = 200, **values: Any) -> Response:
    look = claims.here(post, current_actor(), clock.now())
    return page("arrivals/here.html", status=status, post=post, look=look, **values)


@bp.get("/desk/shifts/<shift>/claims")
@bp.get("/shifts/<shift>/claims", endpoint="led_claims")
@allowed(policy.may_confirm, shift=shifts.shift_by_id)
def shift_claims(shift: Shift) -> ResponseReturnValue:
    """Show what people said at the post, to confirm."""
    return _claims(shift)


@bp.post("/desk/shifts/<shift>/claims")
@bp.post("/shifts/<shift>/claims", endpoint="settle_led_claims")
@allowed(policy.may_confirm, shift=shifts.shift_by_id)
def settle_claims(shift: Shift) -> ResponseReturnValue:
    """Confirm one or all, or refuse one."""
    actor, now, shift_id = current_actor(), clock.now(), shift.id
    asked = request.form
    if asked.get("refuse"):
        count = write(actions.refuse, shift_id, [asked["refuse"][:10]], actor=actor, now=now)
        flash(_("%(n)d 条没有通过，已经告诉本人。", n=count), "success")
        return changed(request.path)
    ids = asked.getlist("claim") if asked.get("all") else [asked.get("confirm", "")]
    done = write(actions.confirm, shift_id, ids, actor=actor, now=now)
    if done.done:
        flash(_("确认了 %(n)d 条。", n=done.done), "success")
    if not done.refused:
        return changed(request.path)
    names = people.names_of([person_id for person_id, _why in done.refused])
    failed = [
        _("%(name)s：%(why)s", name=filters.masked_name(names[person_id]), why=why)
        for person_id, why in done.refused
    ]
    return _claims(shifts.shift(shift_id), 409, failed=failed)


def _claims(shift: Shift, status: int = 200, **values: Any) -> Response:
    look = claims.waiting(shift, current_actor())
    is_desk = may_keep_roster(current_actor(), shift)
    return page(
        "arrivals/claims.html", status=status, shift=shift, look=look, is_desk=is_desk,
        to=request.path, **values,
    )  # fmt: skip
