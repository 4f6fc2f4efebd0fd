"""Answering an offer, waiting together or apart, and the desk's page of a waiting list."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Refused
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.people import queries_family as families
from portal.shifts import queries as shifts
from portal.shifts.models import Shift
from portal.signups import policy, queries, queries_waiting, rules, waiting, words
from portal.signups.forms import HandForm
from portal.signups.models import Signup, SignupState
from portal.signups.policy import Held
from portal.signups.views import bp, done, refuse


@bp.post("/signups/<signup>/acceptance")
@allowed(policy.acts_for, signup=queries.held_by_id)
def accept(signup: Held) -> ResponseReturnValue:
    """Take the place that was offered; for a party all of theirs."""
    try:
        write(waiting.accept_all, _answered(signup), actor=current_actor(), now=clock.now())
    except Refused as refused:
        return refuse(signup.signup.shift_id, refused)
    return done(signup.signup.shift_id, url_for("signups.mine"))


@bp.post("/signups/<signup>/declining")
@allowed(policy.acts_for, signup=queries.held_by_id)
def decline(signup: Held) -> ResponseReturnValue:
    """Give back the place that was offered; for a party all of theirs."""
    try:
        write(waiting.decline_all, _answered(signup), actor=current_actor(), now=clock.now())
    except Refused as refused:
        return refuse(signup.signup.shift_id, refused)
    flash(_("已放弃这个名额，让给下一位。"), "success")
    return done(signup.signup.shift_id, url_for("signups.mine"))


@bp.post("/signups/<signup>/splitting")
@allowed(policy.acts_for, signup=queries.held_by_id)
def split(signup: Held) -> ResponseReturnValue:
    """Wait one by one from now on: as many as fit."""
    write(waiting.split, signup.signup.id, actor=current_actor(), now=clock.now())
    flash(_("改好了：有几个空位就先给几个人。"), "success")
    return done(signup.signup.shift_id, url_for("signups.mine"))


@bp.get("/desk/shifts/<shift>/waiting")
@allowed(policy.may_keep_roster, shift=shifts.shift_by_id)
def desk_waiting(shift: Shift) -> ResponseReturnValue:
    """Show who waits, in order, why nobody moves up, and what hands have done."""
    now = clock.now()
    log = queries_waiting.moved_by_hand(shift.id)
    reasons = queries_waiting.words_by_hand({row.id for _step, row in log})
    return page(
        "signups/desk_waiting.html",
        shift=shift,
        queues=words.queues(shift, now),
        is_open=rules.queue_is_open(shift.starts_at, now),
        log=[(step, row, reasons.get((row.id, step.at), "")) for step, row in log],
        actors=queries.names_of_actors([step.actor_id for step, _row in log]),
        verbs=rules.HAND_LABELS,
    )


@bp.route("/desk/shifts/<shift>/waiting/<signup>", methods=["GET", "POST"])
@allowed(policy.may_withdraw, shift=shifts.shift_by_id, signup=queries.signup_by_id)
def desk_hand(shift: Shift, signup: Signup) -> ResponseReturnValue:
    """Move somebody by hand, with a reason that the log and the person see."""
    if signup.state != SignupState.WAITLISTED and request.method == "GET":
        abort(404)
    form = HandForm()
    values: dict[str, Any] = {
        "form": form,
        "shift": shift,
        "signup": signup,
        "position": queries.position(signup),
        "party": queries_waiting.party_sizes([signup]).get(signup.party_id or 0, 0),
    }
    if request.method == "GET":
        return page("signups/desk_hand.html", **values)
    if not form.validate():
        return invalid("signups/desk_hand.html", **values)
    hand, reason = rules.Hand(form.where.data), str(form.reason.data)
    try:
        write(waiting.move_by_hand, signup.id, hand, reason, actor=current_actor(), now=clock.now())
    except Refused as refused:
        return page("signups/desk_hand.html", status=409, reasons=refused.reasons, **values)
    flash(_("调整好了，原因记在下面，本人也会看到。"), "success")
    return changed(url_for("signups.desk_waiting", shift=shift.public_id))


def _answered(signup: Held) -> list[int]:
    """Return whose places are answered for: the party's, as far as the reader may act for them."""
    row, actor = signup.signup, current_actor()
    if row.state != SignupState.OFFERED:
        return [row.id]
    return [
        one.id
        for one in queries_waiting.party_of(row)
        if one.id == row.id
        or (
            one.state == SignupState.OFFERED
            and policy.acts_for(actor, Held(one, families.holders_of(one.person_id)))
        )
    ]
