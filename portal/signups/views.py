"""Signing up, withdrawing, accepting an offer, and the list of one's own sign-ups."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Actor, allowed, current_actor, signed_in
from portal.core.db import write
from portal.core.errors import Refused
from portal.core.failures import too_many
from portal.core.i18n import gettext as _
from portal.core.web import changed, page, safe_next, wants_fragment
from portal.people import queries as people
from portal.records import limits
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole
from portal.shifts.queries import Terms
from portal.signups import actions, panel, policy, queries
from portal.signups.forms import SignUpForm, WithdrawalForm
from portal.signups.models import Signup

bp = Blueprint("signups", __name__)


def _anybody(actor: object, shift: Terms) -> bool:  # noqa: ARG001  a clause's form
    return True


@bp.post("/shifts/<shift>/signup")
@allowed(_anybody, shift=shifts.terms_by_id)
def sign_up(shift: Terms) -> ResponseReturnValue:
    """Take a place, or join the queue."""
    form = SignUpForm()
    person_id = _whom(form.person.data, shift)
    if not form.validate():
        abort(422)
    actor, now = current_actor(), clock.now()
    own = person_id == actor.person_id
    wait = limits.seconds_to_wait(limits.SIGN_UP_PERSON, str(actor.person_id), now=now)
    if wait and own:
        return too_many(wait)
    action = _sign_up_counted if own else actions.sign_up_id
    asked = (shift.id, person_id, PlaceRole(form.role.data))
    try:
        write(action, *asked, actor=actor, now=now)
    except Refused as refused:
        if own:
            write(limits.count, limits.SIGN_UP_PERSON, str(person_id), now=now)
        return _refused(shift.id, refused)
    return _done(shift.id, _page_of(shift))


def _sign_up_counted(
    shift_id: int, person_id: int, role: PlaceRole, *, actor: Actor, now: datetime
) -> int:
    """Sign up and count the attempt in one transaction."""
    limits.count(limits.SIGN_UP_PERSON, str(person_id), now=now)
    return actions.sign_up_id(shift_id, person_id, role, actor=actor, now=now)


@bp.post("/signups/<signup>/withdrawal")
@allowed(policy.owns, signup=queries.signup_by_id)
def withdraw(signup: Signup) -> ResponseReturnValue:
    """Withdraw; a held place goes to who waits."""
    form = WithdrawalForm()
    if not form.validate():
        abort(422)
    reason = form.reason.data or ""
    row = write(actions.withdraw, signup.id, reason, actor=current_actor(), now=clock.now())
    flash(_("已取消报名。"), "success")
    return _done(row.shift_id, url_for("signups.mine"))


@bp.post("/signups/<signup>/acceptance")
@allowed(policy.owns, signup=queries.signup_by_id)
def accept(signup: Signup) -> ResponseReturnValue:
    """Take the place that was offered."""
    try:
        row = write(actions.accept, signup.id, actor=current_actor(), now=clock.now())
    except Refused as refused:
        return _refused(signup.shift_id, refused)
    return _done(row.shift_id, url_for("signups.mine"))


@bp.get("/me/signups")
@allowed(signed_in)
def mine() -> ResponseReturnValue:
    """Show the own sign-ups: what comes first, then what was."""
    now = clock.now()
    rows = queries.of_person(current_actor().person_id or 0)
    shown = [panel.shown(row, now) for row in rows]
    positions = queries.positions(rows)
    return page("signups/mine.html", rows=shown, positions=positions)


def _whom(public_id: str | None, shift: Terms) -> int:
    actor = current_actor()
    if not public_id or public_id == actor.public_id:
        return actor.person_id or 0
    person = people.person_by_id(public_id)
    if person is None or not policy.may_keep_roster(actor, shifts.shift(shift.id)):
        abort(404)
    return person.id


def _page_of(shift: Terms) -> str:
    return f"{shift.offering_path}#shift-{shift.public_id}"


def _done(shift_id: int, default: str) -> ResponseReturnValue:
    to = safe_next(request.form.get("next"), default)
    if not wants_fragment():
        return changed(to)
    values = panel.panel(shifts.shift(shift_id), current_actor(), clock.now())
    return changed(to, fragment="signups/_panel.html", panel=values)


def _refused(shift_id: int, refused: Refused) -> ResponseReturnValue:
    """Show the refusal beside the button (htmx) or on its own page."""
    if not wants_fragment():
        raise refused
    values = panel.panel(shifts.shift(shift_id), current_actor(), clock.now(), refused.reasons)
    return page("signups/_panel.html", status=409, panel=values)
