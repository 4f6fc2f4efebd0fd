"""A volunteer's own duties: cover and swap, absences; and the market where duties are taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, filters
from portal.core.access import allowed, current_actor, signed_in
from portal.core.db import write
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.tables import page_number
from portal.core.web import changed, page
from portal.people import queries as people
from portal.posts import actions_standing, policy, queries, queries_duty, words
from portal.posts.blueprint import bp
from portal.posts.forms import AbsenceForm, CoverForm
from portal.posts.models import Absence
from portal.shifts import queries as shifts
from portal.shifts.models import OfferingType, Shift
from portal.signups import cover, panel, queries_cover
from portal.signups import policy as signup_policy
from portal.signups import queries as signups
from portal.signups.models import Signup, SignupState
from portal.signups.models_cover import CoverRequest
from portal.signups.panel import SignupShown

# Logs are written while one remembers.
LOGGED_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Own:
    """One of the reader's duties, and what can be done with it."""

    shown: SignupShown
    when: str
    request: CoverRequest | None
    wanted: str
    may_ask: bool
    may_log: bool
    options: Sequence[Shift]


@bp.get("/me/duties")
@allowed(signed_in)
def mine() -> ResponseReturnValue:
    """Show the own duties, what others ask, standing places and absences."""
    return _mine(AbsenceForm(formdata=None))


def _mine(
    form: AbsenceForm, reasons: Sequence[Reason] = (), status: int = 200
) -> ResponseReturnValue:
    now, person_id = clock.now(), current_actor().person_id or 0
    rows = queries_duty.duties_of(person_id, now - LOGGED_FOR)
    asked = queries_cover.open_of(person_id, now)
    coming = [row for row in rows if row.shift.ends_at > now]
    options = _options(coming, person_id, now)
    own = {row.id: _own(row, asked.get(row.id), options, now) for row in rows}
    return page(
        "posts/duties.html",
        status=status,
        coming=[own[row.id] for row in coming],
        past=[own[row.id] for row in reversed(rows) if row.shift.ends_at <= now],
        market=queries_cover.market(person_id, now, 1).total,
        standing=[(row, words.slot_text(row.slot)) for row in queries.standing_with(person_id)],
        absences=queries_duty.absences_of({person_id}, now)[person_id],
        form=form,
        reasons=reasons,
    )


@bp.get("/posts/cover")
@allowed(signed_in)
def market() -> ResponseReturnValue:
    """Show the duties that others ask somebody to take."""
    person_id = current_actor().person_id or 0
    found = queries_cover.market(person_id, clock.now(), page_number())
    is_registered = people.is_registered(person_id)
    return page("posts/cover.html", found=found, is_registered=is_registered)


@bp.post("/signups/<signup>/cover")
@allowed(signup_policy.owns, signup=signups.signup_by_id)
def ask_cover(signup: Signup) -> ResponseReturnValue:
    """Ask who can take the duty, or swap it."""
    form = CoverForm()
    wanted = shifts.shift_by_id(form.wanted.data) if form.wanted.data else None
    if signup.shift.offering.type != OfferingType.SERVICE_POST or (form.wanted.data and not wanted):
        abort(404)
    write(
        cover.ask, signup.id, wanted.id if wanted else None,
        actor=current_actor(), now=clock.now(),
    )  # fmt: skip
    flash(_("已经问出去了。有人接之前，这一班还是您的。"), "success")
    return changed(_back(signup.person_id, signup.shift))


@bp.post("/covers/<cover_request>/return")
@allowed(policy.may_take_back, cover_request=queries_cover.request_by_id)
def take_back(cover_request: CoverRequest) -> ResponseReturnValue:
    """Take the request back."""
    write(cover.take_back, cover_request.id, actor=current_actor(), now=clock.now())
    flash(_("已经收回，这一班还是您来。"), "success")
    return changed(_back(cover_request.person_id, cover_request.shift))


@bp.post("/covers/<cover_request>/acceptance")
@allowed(policy.may_answer, cover_request=queries_cover.request_by_id)
def accept_cover(cover_request: CoverRequest) -> ResponseReturnValue:
    """Take the duty."""
    actor, now = current_actor(), clock.now()
    try:
        write(cover.accept, cover_request.id, actor.person_id or 0, actor=actor, now=now)
    except Refused as refused:
        return _not_accepted(refused, now)
    flash(_("接好了，请按时到岗。对方会收到通知。"), "success")
    return changed(url_for("posts.mine"))


@bp.post("/me/absences")
@allowed(signed_in)
def record_absence() -> ResponseReturnValue:
    """Write down that one is away."""
    form = AbsenceForm()
    if not form.validate():
        return _mine(form, status=422)
    actor = current_actor()
    write(
        actions_standing.record_absence, actor.person_id or 0,
        form.first_on.data, form.last_on.data, actor=actor, now=clock.now(),
    )  # fmt: skip
    flash(_("请假登记好了，这几天的固定岗空出来了。"), "success")
    return changed(url_for("posts.mine"))


@bp.post("/me/absences/<absence>/end")
@allowed(policy.is_own_absence, absence=queries_duty.absence_by_id)
def end_absence(absence: Absence) -> ResponseReturnValue:
    """Take an absence back."""
    write(actions_standing.end_absence, absence.id, actor=current_actor(), now=clock.now())
    flash(_("请假取消了，还空着的固定岗又排上了您。"), "success")
    return changed(url_for("posts.mine"))


# --- parts ---------------------------------------------------------------------------------------


def _own(
    row: Signup,
    request: CoverRequest | None,
    options: Mapping[int, Sequence[Shift]],
    now: datetime,
) -> Own:
    shift = row.shift
    wanted = request.wanted_shift if request else None
    confirmed = row.state == SignupState.CONFIRMED
    return Own(
        shown=panel.shown(row, now),
        when=filters.when(shift.starts_at, shift.ends_at),
        request=request,
        wanted=filters.when(wanted.starts_at, wanted.ends_at) if wanted else "",
        may_ask=confirmed and request is None and shift.starts_at > now,
        may_log=row.state in {SignupState.CONFIRMED, SignupState.ATTENDED}
        and shift.starts_at <= now,
        options=options.get(shift.offering_id, ()),
    )


def _options(
    rows: Sequence[Signup], person_id: int, now: datetime
) -> Mapping[int, Sequence[Shift]]:
    """Return the duties one may want instead, by post."""
    found: dict[int, list[Shift]] = {}
    post_ids = {row.shift.offering_id for row in rows}
    for shift in queries_duty.swap_options(post_ids, person_id, now):
        found.setdefault(shift.offering_id, []).append(shift)
    return found


def _not_accepted(refused: Refused, now: datetime) -> ResponseReturnValue:
    """Show the market again, with what stands against it."""
    person_id = current_actor().person_id or 0
    values: dict[str, Any] = {
        "found": queries_cover.market(person_id, now, 1),
        "is_registered": people.is_registered(person_id),
    }
    return page("posts/cover.html", status=409, reasons=refused.reasons, **values)


def _back(person_id: int, shift: Shift) -> str:
    """Return the own duties, or for staff who act for somebody the roster."""
    if person_id == current_actor().person_id:
        return url_for("posts.mine")
    return f"/desk/shifts/{shift.public_id}"
