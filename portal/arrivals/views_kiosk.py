"""The kiosk of a shift: opened by a manager or a link, then on its own token, without a session."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from flask import Response, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden, NotFound

from portal.arrivals import actions_walk_ins as walk_ins
from portal.arrivals import kiosk as kiosks
from portal.arrivals.actions_walk_ins import Arrived
from portal.arrivals.blueprint import bp
from portal.arrivals.forms_kiosk import KioskForm, VisitForm
from portal.attendance import batches, words
from portal.attendance.actions import Verdict
from portal.attendance.batches import DUPLICATE, DeskScan
from portal.attendance.forms import direction_of, scan_id_of
from portal.attendance.models import Direction, Way
from portal.attendance.rules import ScanReason
from portal.core import clock, filters, qr
from portal.core.access import VISITOR, allowed, ask_to_sign_in, current_actor, public_with
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.web import invalid, page
from portal.people import queries as people
from portal.records import audit, limits
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole, Shift
from portal.signups.policy import may_keep_roster

_POLICY = "camera=(self), geolocation=(), microphone=()"
_one = public_with(shift=shifts.shift_by_id)


# Open to a tablet that holds the kiosk's own token, which no clause over actors can know.
@bp.get("/desk/shifts/<shift>/kiosk")
@_one
def kiosk(shift: Shift) -> ResponseReturnValue:
    """Show the start page; opened by a manager or a link, the browser gets the kiosk's own token."""
    if kiosks.is_link_token(shift, request.args.get("token", "")):
        here = url_for("arrivals.kiosk", shift=shift.public_id)
        return _opened(make_response(redirect(here, 303)), shift)
    holds = kiosks.holds_token(shift)
    if not holds and not may_keep_roster(current_actor(), shift):
        return _keep_out()
    response = _start(shift)
    return response if holds else _opened(response, shift)


@bp.post("/desk/shifts/<shift>/kiosk")
@_one
def kiosk_scan(shift: Shift) -> ResponseReturnValue:
    """Check somebody in or out who typed a code, or the end of the number with the first letter."""
    if not kiosks.holds_token(shift):
        return _keep_out()
    form, now = KioskForm(), clock.now()
    direction = direction_of(form.direction.data)
    if kiosks.is_over(shift, now) or _waits(shift):
        return _start(shift, _("试得太多了，请等一会儿，或者找工作人员。"), direction, 429)
    record = _record(shift, form, direction)
    if record is None:
        return _someone_else(shift, form, direction)
    shift_id = shift.id
    [verdict] = write(batches.record_batch, shift_id, [record], actor=VISITOR, now=now)
    if verdict.reason == ScanReason.MALFORMED:
        return _unknown(shift, direction)
    return _done(shifts.shift(shift_id), verdict)


@bp.route("/desk/shifts/<shift>/kiosk/visits", methods=["GET", "POST"])
@_one
def kiosk_visit(shift: Shift) -> ResponseReturnValue:
    """Write down somebody who came without a sign-up: it counts once staff said who it is."""
    if not kiosks.holds_token(shift):
        return _keep_out()
    now = clock.now()
    against = kiosks.no_walk_ins(shift, now)
    if against:
        return page("arrivals/kiosk_done.html", shift=shift, title=_("不能登记"), said=against)
    form = VisitForm(kiosks.open_roles(shift))
    if request.method == "GET":
        form.key.data = str(uuid4())
        return page("arrivals/kiosk_visit.html", shift=shift, form=form)
    if not form.validate():
        return invalid("arrivals/kiosk_visit.html", shift=shift, form=form)
    if limits.seconds_to_wait(limits.KIOSK_VISITS, shift.public_id, now=now):
        said = _("登记得太多了，请找工作人员。")
        return page("arrivals/kiosk_visit.html", status=429, shift=shift, form=form, said=said)
    shift_id = shift.id
    write(_visit, shift, form, actor=VISITOR, now=now)
    said = _("记下了。工作人员确认以后才算。走的时候，请用手机尾号和姓氏字母签退。")
    return page(
        "arrivals/kiosk_done.html", shift=shifts.shift(shift_id), title=_("欢迎您"), said=said,
        is_done=True,
    )  # fmt: skip


@bp.get("/desk/shifts/<shift>/kiosk/link")
@allowed(may_keep_roster, shift=shifts.shift_by_id)
def kiosk_link(shift: Shift) -> ResponseReturnValue:
    """Show the link that opens the kiosk on a tablet."""
    address = kiosks.link(shift)
    picture = qr.svg(address, label=_("在平板上打开自助签到"))
    return page("arrivals/kiosk_link.html", shift=shift, address=address, picture=picture)


# --- parts ---------------------------------------------------------------------------------------


def _start(
    shift: Shift, said: str = "", direction: Direction | None = None, status: int = 200
) -> Response:
    now = clock.now()
    if kiosks.is_over(shift, now):
        return page("attendance/board_over.html", title=shift.offering.title)
    look = kiosks.look(shift, now, said, direction)
    response = page("arrivals/kiosk.html", status=status, look=look)
    response.headers["Permissions-Policy"] = _POLICY
    return response


def _waits(shift: Shift) -> bool:
    return bool(limits.seconds_to_wait(limits.KIOSK_SHIFT, shift.public_id, now=clock.now()))


def _record(shift: Shift, form: KioskForm, direction: Direction) -> DeskScan | None:
    """Return what was typed as the record of a batch; None when it means nobody with a sign-up."""
    code, signup = str(form.code.data or "")[:60], ""
    if not code:
        found = kiosks.meant(shift, str(form.phone_end.data), str(form.initial.data or ""))
        signup = found.public_id if found else ""
    if not form.validate() or not (code or signup) or not code.isascii():
        return None
    return DeskScan(
        scan_id=scan_id_of({"scan_id": form.scan_id.data}) or str(uuid4()),
        direction=direction,
        way=Way.KIOSK,
        occurred_at=clock.now(),
        code=code,
        signup_id=signup,
    )


def _someone_else(shift: Shift, form: KioskForm, direction: Direction) -> ResponseReturnValue:
    """Let somebody go who walked in; else nobody is meant."""
    initial = str(form.initial.data or "")
    found = kiosks.walked_in(shift, str(form.phone_end.data), initial)
    if found is None or direction == Direction.IN:
        return _unknown(shift, direction)
    write(walk_ins.leave, found.id, actor=VISITOR, now=clock.now())
    said = _("走的时间记下了。工作人员确认以后才算。")
    return page("arrivals/kiosk_done.html", shift=shift, title=_("慢走"), said=said, is_done=True)


def _unknown(shift: Shift, direction: Direction) -> ResponseReturnValue:
    write(limits.count, limits.KIOSK_SHIFT, shift.public_id, now=clock.now())
    said = _("没有认出您是谁。请再输一次，或者找工作人员。")
    return _start(shifts.shift(shift.id), said, direction, 422)


def _done(shift: Shift, verdict: Verdict) -> Response:
    title = words.sentence(verdict) if verdict.verdict != DUPLICATE else _("已经记下了")
    said = ""
    if verdict.visit is not None:
        name = filters.masked_name(people.person(verdict.visit.person_id).name)
        at = verdict.visit.out_at or verdict.visit.in_at
        said = _("%(name)s %(time)s", name=name, time=filters.hour(at))
    is_done = verdict.is_done or verdict.verdict == DUPLICATE
    return page(
        "arrivals/kiosk_done.html",
        status=200 if is_done else 409,
        shift=shift,
        title=title,
        said=said or _("请找工作人员。"),
        is_done=is_done,
    )


def _visit(shift: Shift, form: VisitForm, *, actor: Any, now: Any) -> None:
    limits.count(limits.KIOSK_VISITS, shift.public_id, now=now)
    key = scan_id_of({"scan_id": form.key.data}) or ""
    arrived = Arrived(
        shift.id, key, Way.KIOSK, str(form.name.data), str(form.phone.data or ""), now,
        role=PlaceRole(form.role.data),
    )  # fmt: skip
    walk_ins.record(arrived, actor=actor, now=now)


def _opened(response: Response, shift: Shift) -> Response:
    write(_note, shift.id, shift.station_id)
    kiosks.give_token(response, shift, clock.now())
    return response


def _note(shift_id: int, station_id: int) -> None:
    actor, now = current_actor(), clock.now()
    audit.record("kiosk.open", Ref("shift", shift_id), actor=actor, now=now, station_id=station_id)


def _keep_out() -> ResponseReturnValue:
    """Answer as for any page of a desk: sign in, no role, or not this station's."""
    actor = current_actor()
    if not actor.is_signed_in:
        return ask_to_sign_in()
    raise NotFound if actor.is_staff else Forbidden
