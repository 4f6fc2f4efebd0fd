"""Signing up, withdrawing, accepting an offer, and the list of one's own sign-ups."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Actor, allowed, current_actor, signed_in
from portal.core.db import write
from portal.core.errors import Reason, Refused
from portal.core.failures import too_many
from portal.core.i18n import gettext as _
from portal.core.web import changed, page, safe_next, wants_fragment
from portal.people import queries as people
from portal.people import queries_family as families
from portal.records import limits
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole
from portal.shifts.queries import Terms
from portal.signups import (
    actions,
    cards,
    panel,
    panel_course,
    party,
    policy,
    queries,
    queries_changes,
    queries_course,
    queries_waiting,
)
from portal.signups.asking import Asks
from portal.signups.forms import SignUpForm, WithdrawalForm
from portal.signups.party import Mode
from portal.signups.policy import Held

bp = Blueprint("signups", __name__)


def _anybody(actor: object, shift: Terms) -> bool:  # noqa: ARG001  a clause's form
    return True


@bp.post("/shifts/<shift>/signup")
@allowed(_anybody, shift=shifts.terms_by_id)
def sign_up(shift: Terms) -> ResponseReturnValue:
    """Take places, or join the queue: for oneself, for the family, or as staff for somebody."""
    form = SignUpForm()
    chosen, is_staffs = whom(request.form.getlist("person"), shift.station_id)
    if not form.validate():
        abort(422)
    if not chosen and form.party.data:
        return refuse(shift.id, Refused(Reason("nobody", _("请选给谁报名。"))))
    actor, now = current_actor(), clock.now()
    wanted = _asked(chosen or [actor.person_id or 0], shift, form)
    wait = limits.seconds_to_wait(limits.SIGN_UP_PERSON, str(actor.person_id), now=now)
    if wait and not is_staffs:
        return too_many(wait)
    try:
        failed = _sign_up(wanted, Mode(form.mode.data), is_staffs=is_staffs)
    except Refused as refused:
        if not is_staffs:
            write(limits.count, limits.SIGN_UP_PERSON, str(actor.person_id), now=now)
        return refuse(shift.id, refused)
    return done(shift.id, _page_of(shift), failed)


def _asked(person_ids: Sequence[int], shift: Terms, form: SignUpForm) -> list[Asks]:
    role = PlaceRole(form.role.data)
    stall = form.stall()
    return [Asks(shift.id, one, role, form.kind(), place=stall) for one in person_ids]


def _sign_up(wanted: Sequence[Asks], mode: Mode, *, is_staffs: bool) -> list[Reason]:
    """Sign them up; return what stood against those who could not be, when some could."""
    actor, now = current_actor(), clock.now()
    if is_staffs:
        write(actions.give_place, wanted[0], actor=actor, now=now)
    elif len(wanted) == 1 and wanted[0].person_id == actor.person_id:
        write(_sign_up_counted, wanted[0], actor=actor, now=now)
    else:
        found = write(party.sign_up_family, wanted, mode, actor=actor, now=now)
        return [reason for one in found for reason in one.reasons]
    return []


def _sign_up_counted(asks: Asks, *, actor: Actor, now: datetime) -> int:
    """Sign up and count the attempt in one transaction."""
    limits.count(limits.SIGN_UP_PERSON, str(asks.person_id), now=now)
    return actions.give_place(asks, actor=actor, now=now)


@bp.post("/signups/<signup>/withdrawal")
@allowed(policy.acts_for, signup=queries.held_by_id)
def withdraw(signup: Held) -> ResponseReturnValue:
    """Withdraw; a held place goes to who waits."""
    form = WithdrawalForm()
    if not form.validate():
        abort(422)
    reason = form.reason.data or ""
    row = write(actions.withdraw, signup.signup.id, reason, actor=current_actor(), now=clock.now())
    flash(_("已取消报名。"), "success")
    return done(row.shift_id, url_for("signups.mine"))


@bp.get("/me/signups")
@allowed(signed_in)
def mine() -> ResponseReturnValue:
    """Show the own sign-ups and those of the family: what comes first, then what was."""
    actor, now = current_actor(), clock.now()
    family = families.members_of(actor.person_id or 0)
    names = {one.person_id: one.person.name for one in family}
    rows = queries.of_family([*people.own_ids(actor.person_id or 0), *names])
    positions, parties = queries.positions(rows), queries_waiting.party_sizes(rows)
    shown = [
        panel.shown(row, now, positions.get(row.id), parties.get(row.party_id or 0, 0))
        for row in rows
    ]
    waiting_ids = [row.id for row in rows if row.id in positions or row.offered_until]
    by_hand = {one: text for (one, _at), text in queries_waiting.words_by_hand(waiting_ids).items()}
    coming = {row.shift_id for row in rows if row.shift.ends_at > now}
    why = queries_changes.told_reasons(coming, now)
    own = queries_course.of_persons([*people.own_ids(actor.person_id or 0), *names])
    in_course = queries_course.links([row.id for row in rows])
    return page(
        "signups/mine.html",
        rows=[one for one in shown if one.row.id not in in_course],
        courses=panel_course.mine(own, names, now),
        names=names,
        by_hand=by_hand,
        why=why,
    )


@bp.get("/me/signups/<signup>/card")
@allowed(policy.acts_for, signup=queries.held_by_id)
def card(signup: Held) -> ResponseReturnValue:
    """Show the card to print, in large type, for somebody without a phone."""
    return page(
        "signups/card.html", **cards.ready(signup.signup), back_href=url_for("signups.mine")
    )


# --- parts ---------------------------------------------------------------------------------------


def whom(asked: Sequence[str], station_id: int) -> tuple[list[int], bool]:
    """Return whom the reader signs up, and whether they do it as staff; 404 for anybody else's.

    Of self and family in the order of their list, whatever was sent: it is the order of the queue.
    """
    actor = current_actor()
    wanted = {one for one in asked if one}
    circle = {actor.public_id: actor.person_id or 0}
    if wanted - set(circle):
        family = families.members_of(actor.person_id or 0)
        circle |= {one.person.public_id: one.person_id for one in family}
    if wanted <= set(circle):
        return [person_id for one, person_id in circle.items() if one in wanted], False
    person = people.person_by_id(asked[0])
    if len(wanted) > 1 or person is None or not policy.keeps_roster_at(actor, station_id):
        abort(404)
    return [person.id], True


def _page_of(shift: Terms) -> str:
    return f"{shift.offering_path}#shift-{shift.public_id}"


def done(shift_id: int, default: str, failed: Sequence[Reason] = ()) -> ResponseReturnValue:
    """Go back to where the form stood, or show the panel as it is now (htmx)."""
    to = safe_next(request.form.get("next"), default)
    if not wants_fragment():
        for reason in failed:
            flash(reason.message, "warning")
        return changed(to)
    values = panel.panel(shifts.shift(shift_id), current_actor(), clock.now(), failed)
    return changed(to, fragment="signups/_panel.html", panel=values)


def refuse(shift_id: int, refused: Refused) -> ResponseReturnValue:
    """Show the refusal beside the button (htmx) or on its own page."""
    if not wants_fragment():
        raise refused
    values = panel.panel(shifts.shift(shift_id), current_actor(), clock.now(), refused.reasons)
    return page("signups/_panel.html", status=409, panel=values)
