"""Settling by one tap what scans leave open: the desk's inbox, and the forms of desk and person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance import actions, actions_settling, decisions, policy, queries, settling
from portal.attendance.models import Pending, Visit
from portal.attendance.views import bp
from portal.core import clock, filters
from portal.core.access import Actor, Role, allowed, current_actor
from portal.core.db import write
from portal.core.errors import Invalid, Refused
from portal.core.forms import Form, time_field
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.core.web import changed, invalid, page, safe_next
from portal.people.models import Person
from portal.shifts import queries as shifts
from portal.shifts.models import Shift
from portal.signups import policy as signup_policy
from portal.signups import queries as signups
from portal.signups.models import Signup


class TimeForm(Form):
    """Another time than the proposed one; left empty, the proposed one is taken."""

    time = time_field(_l("几点"), required=False)


def keeps_rosters(actor: Actor) -> bool:
    """Clause: who keeps the rosters of some station."""
    return actor.holds_any(Role.STATION_MANAGER, Role.ADMINISTRATOR)


def owns_signup(actor: Actor, signup: Signup) -> bool:
    """Clause: the person themselves, also under a record that was merged into theirs."""
    return settling.is_own(signup.person, actor)


@bp.get("/desk/decisions")
@allowed(keeps_rosters)
def desk_decisions() -> ResponseReturnValue:
    """List what waits for a word at all stations of the desk."""
    actor, now = current_actor(), clock.now()
    stations = actor.stations(Role.STATION_MANAGER, Role.ADMINISTRATOR)
    found = decisions.at_stations(sorted(stations), actor, now)
    return page("attendance/decisions.html", decisions=found, back="/desk/decisions")


# --- going out -----------------------------------------------------------------------------------


@bp.route("/desk/shifts/<shift>/visits/<visit>/confirmation", methods=["GET", "POST"])
@allowed(policy.may_settle, shift=shifts.shift_by_id, visit=queries.visit_by_id)
def confirm_for(shift: Shift, visit: Visit) -> ResponseReturnValue:
    """Confirm the minutes of a visit that waits for a word, as its leader."""
    return _leave(visit, url_for("attendance.desk_shift", shift=shift.public_id), "desk")


@bp.route("/me/hours/<visit>/confirmation", methods=["GET", "POST"])
@allowed(policy.owns, visit=queries.visit_by_id)
def confirm(visit: Visit) -> ResponseReturnValue:
    """Confirm the minutes of an own visit that was closed by rule."""
    return _leave(visit, url_for("attendance.my_hours"), "me")


def _leave(visit: Visit, back: str, nav: str) -> ResponseReturnValue:
    shift = shifts.terms(visit.shift_id)
    proposed = settling.proposed_end(visit, shift)
    values = {
        "nav": nav,
        "is_fixed": visit.pending == Pending.SHORT_STAY,
        "heading": _("几点离开的？"),
        "told": _("签到 %(time)s", time=filters.moment(visit.in_at)),
        "proposed": proposed,
        **_who(visit.person, visit.shift, nav),
    }
    public_id = visit.id

    def settle(at: datetime | None) -> None:
        write(actions.confirm, public_id, actor=current_actor(), now=clock.now(), at=at)

    return _settle(settle, visit.in_at, proposed, back, values)


# --- coming --------------------------------------------------------------------------------------


@bp.route("/desk/shifts/<shift>/signups/<signup>/arrival", methods=["GET", "POST"])
@allowed(signup_policy.may_withdraw, shift=shifts.shift_by_id, signup=signups.signup_by_id)
def arrive_for(shift: Shift, signup: Signup) -> ResponseReturnValue:
    """Say when somebody came who only went out, as the leader."""
    return _arrive(signup, url_for("attendance.desk_shift", shift=shift.public_id), "desk")


@bp.route("/me/hours/arrivals/<signup>", methods=["GET", "POST"])
@allowed(owns_signup, signup=signups.signup_by_id)
def arrive(signup: Signup) -> ResponseReturnValue:
    """Say when one came, where only one's going out was scanned."""
    return _arrive(signup, url_for("attendance.my_hours"), "me")


def _arrive(signup: Signup, back: str, nav: str) -> ResponseReturnValue:
    shift = shifts.terms(signup.shift_id)
    outs = settling.unmatched_outs(shift.id, signup.person_id)
    proposed = min(shift.starts_at, outs[0].occurred_at) if outs else shift.starts_at
    told = _("签退 %(time)s", time=filters.moment(outs[0].occurred_at)) if outs else ""
    values = {
        "nav": nav,
        "is_fixed": False,
        "heading": _("几点到的？"),
        "told": told,
        "proposed": proposed,
        **_who(signup.person, signup.shift, nav),
    }
    signup_id = signup.id

    def settle(at: datetime | None) -> None:
        write(actions_settling.arrive, signup_id, actor=current_actor(), now=clock.now(), at=at)

    first = settling.first_in(shift)
    return _settle(settle, first, proposed, back, values)


# --- clocks --------------------------------------------------------------------------------------


@bp.post("/desk/shifts/<shift>/signups/<signup>/clock")
@allowed(signup_policy.may_withdraw, shift=shifts.shift_by_id, signup=signups.signup_by_id)
def accept_clock(shift: Shift, signup: Signup) -> ResponseReturnValue:
    """Say that the times of a phone with a doubtful clock are right."""
    back = url_for("attendance.desk_shift", shift=shift.public_id)
    to = safe_next(request.form.get("next"), back)
    write(actions_settling.accept_clocks, signup.id, actor=current_actor(), now=clock.now())
    flash(_("时间核对好了。"), "success")
    return changed(to)


# --- parts ---------------------------------------------------------------------------------------


def _who(person: Person, shift: Shift, nav: str) -> dict[str, Any]:
    return {
        "name": person.name if nav == "desk" else "",
        "title": shift.offering.title,
        "when": filters.when(shift.starts_at, shift.ends_at),
    }


def _settle(
    settle: Callable[[datetime | None], None],
    first: datetime,
    proposed: datetime,
    back: str,
    values: dict[str, Any],
) -> ResponseReturnValue:
    """Show the form, or take the time: as proposed when none is given. `first` is the earliest."""
    to = safe_next(request.values.get("next"), back)
    if request.method == "GET":
        form = TimeForm(formdata=None)
        form.time.data = clock.local(proposed).time()
        return page("attendance/settle.html", form=form, back=to, **values)
    form = TimeForm()
    if not form.validate():
        return invalid("attendance/settle.html", form=form, back=to, **values)
    try:
        settle(settling.instant(form.time.data, first) if form.time.data else None)
    except Invalid as error:
        form.add_error(error.field, error.message)
        return invalid("attendance/settle.html", form=form, back=to, **values)
    except Refused as refused:
        shown = {"form": form, "back": to, "reasons": refused.reasons, **values}
        return page("attendance/settle.html", status=409, **shown)
    flash(_("时长确认好了。"), "success")
    return changed(to)
