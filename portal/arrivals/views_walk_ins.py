"""The desk's page of who came without a sign-up: written down, admitted as somebody, or not counted."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from flask import Response, flash, url_for
from flask.typing import ResponseReturnValue

from portal.arrivals import actions_paper as paper
from portal.arrivals import actions_walk_ins as actions
from portal.arrivals import kiosk, policy, reading, visitors
from portal.arrivals import queries_walk_ins as queries
from portal.arrivals.actions_walk_ins import Arrived
from portal.arrivals.blueprint import bp
from portal.arrivals.forms_kiosk import AdmitForm, DeskVisitForm, RefuseForm
from portal.arrivals.models_walk_ins import WalkIn
from portal.arrivals.rules_paper import read_time
from portal.attendance.forms import scan_id_of
from portal.attendance.models import Way
from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Refused
from portal.core.i18n import gettext as _
from portal.core.web import changed, page
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole, Shift
from portal.signups.policy import may_keep_roster

_keeps = allowed(may_keep_roster, shift=shifts.shift_by_id)
_settles = allowed(policy.may_settle, shift=shifts.shift_by_id, walk_in=queries.walk_in_by_id)


@bp.get("/desk/shifts/<shift>/walk-ins")
@_keeps
def walk_ins(shift: Shift) -> ResponseReturnValue:
    """Show who came without a sign-up and waits, and the form for one more."""
    return _page(shift)


@bp.post("/desk/shifts/<shift>/walk-ins")
@_keeps
def walk_in_new(shift: Shift) -> ResponseReturnValue:
    """Write somebody down who came without a sign-up."""
    form, now = DeskVisitForm(kiosk.open_roles(shift)), clock.now()
    against = _against(shift, now)
    if against:
        return _page(shift, 409, form=form, said=against)
    came = _came(form, shift, now) if form.validate() else None
    if came is None:
        return _page(shift, 422, form=form)
    key = scan_id_of({"scan_id": form.key.data}) or ""
    arrived = Arrived(
        shift.id, key, Way.MANUAL, str(form.name.data), str(form.phone.data or ""), came,
        role=PlaceRole(form.role.data),
    )  # fmt: skip
    to = _to(shift)
    write(actions.record, arrived, actor=current_actor(), now=now)
    flash(_("记下了。请确认是谁，确认以后才计。"), "success")
    return changed(to)


@bp.post("/desk/shifts/<shift>/walk-ins/<walk_in>/admission")
@_settles
def walk_in_admit(shift: Shift, walk_in: WalkIn) -> ResponseReturnValue:
    """Say who it is: somebody on record, or somebody new."""
    form, to = AdmitForm(), _to(shift)
    known = visitors.chosen(walk_in, str(form.person.data or ""), current_actor())
    if not form.validate() or known is None:
        message = _("请选是谁、来做什么，再确认。")
        return _page(shift, 422, failed=(walk_in.public_id, [message]))
    public_id, shift_id = walk_in.public_id, shift.id
    role, person_id = PlaceRole(form.role.data), known.person_id
    actor, now = current_actor(), clock.now()
    try:
        write(actions.admit, walk_in.id, person_id, role, actor=actor, now=now)
    except Refused as refused:
        said = [reason.message for reason in refused.reasons]
        return _page(shifts.shift(shift_id), 409, failed=(public_id, said))
    flash(_("确认好了，到场已经记上。"), "success")
    return changed(to)


@bp.post("/desk/shifts/<shift>/walk-ins/<walk_in>/refusal")
@_settles
def walk_in_refuse(shift: Shift, walk_in: WalkIn) -> ResponseReturnValue:
    """Say that it does not count."""
    form, to = RefuseForm(), _to(shift)
    if not form.validate():
        return _page(shift, 422, failed=(walk_in.public_id, [_("请写为什么不计。")]))
    reason = str(form.reason.data)
    write(actions.refuse, walk_in.id, reason, actor=current_actor(), now=clock.now())
    flash(_("记下了，这一次不计。"), "success")
    return changed(to)


# --- parts ---------------------------------------------------------------------------------------

# What can still be written down after the end is judged as of just before it.
_A_MOMENT = datetime.resolution


def _to(shift: Shift) -> str:
    return url_for("arrivals.walk_ins", shift=shift.public_id)


def _against(shift: Shift, now: datetime) -> str:
    """Return why nobody can be written down any more; after the end it is possible for some days."""
    if clock.local_day(now) > reading.due_on(shift):
        return paper.overdue().message
    return kiosk.no_walk_ins(shift, min(now, shift.ends_at - _A_MOMENT))


def _came(form: DeskVisitForm, shift: Shift, now: datetime) -> datetime | None:
    """Return when somebody came: now, unless a time is said that can be right."""
    typed = str(form.came.data or "")
    window = reading.window(shift, now)
    if not typed and now <= shift.ends_at:
        return now
    at = read_time(typed)
    meant = window.instant(at) if at else None
    if meant is None:
        form.add_error("came", _("请写成 0830 或者 8:30。"))
    elif meant > now or not window.opens_at <= meant <= window.ends_at:
        form.add_error("came", _("要在可以签到的时间里，也不能在将来。"))
        return None
    return meant


def _page(
    shift: Shift,
    status: int = 200,
    form: DeskVisitForm | None = None,
    failed: tuple[str, list[str]] = ("", []),
    said: str = "",
) -> Response:
    actor, now = current_actor(), clock.now()
    empty: dict[str, Any] = {} if form else {"formdata": None, "key": str(uuid4())}
    values = form or DeskVisitForm(kiosk.open_roles(shift), **empty)
    against = _against(shift, now)
    return page(
        "arrivals/walk_ins.html",
        status=status,
        shift=shift,
        form=values,
        against=said or against,
        look=visitors.look(shift, actor, failed),
    )
