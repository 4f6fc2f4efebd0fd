"""The desk's scanner: a page that also works without network and without a script."""

from __future__ import annotations

from uuid import uuid4

from flask import Response, flash, jsonify, make_response, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance import batches, scanner, snapshot, words
from portal.attendance.actions import Verdict
from portal.attendance.batches import DeskScan
from portal.attendance.forms import ScanForm, desk_scan, direction_of
from portal.attendance.models import Direction
from portal.attendance.views import bp
from portal.core import clock, filters
from portal.core.access import allowed, current_actor, public
from portal.core.assets import STATIC
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.security import csrf_token_value
from portal.core.web import changed, page
from portal.people import queries as people
from portal.shifts import queries as shifts
from portal.shifts.models import Shift
from portal.signups.policy import may_keep_roster

_LONGEST_NAME = 20
_POLICY = "camera=(self), geolocation=(), microphone=()"


@bp.get("/desk/shifts/<shift>/scan")
@allowed(may_keep_roster, shift=shifts.shift_by_id)
def scan(shift: Shift) -> ResponseReturnValue:
    """Show the scanner; `q` looks for somebody by name."""
    return _page(shift, direction_of(request.args.get("direction")))


@bp.post("/desk/shifts/<shift>/scan")
@allowed(may_keep_roster, shift=shifts.shift_by_id)
def scan_one(shift: Shift) -> ResponseReturnValue:
    """Take one scan that was typed, or chosen by name, as a form."""
    form = ScanForm()
    direction = direction_of(form.direction.data)
    typed = str(form.code.data or "")
    record = _record(form)
    if record is None:
        said = _("请输入六位码，或者扫「我的签到码」。")
        return _page(shift, direction, said, typed[:50], 422)
    now = clock.now()
    [verdict] = write(batches.record_batch, shift.id, [record], actor=current_actor(), now=now)
    if not verdict.is_done and verdict.first is None:
        return _page(shifts.shift(shift.id), direction, words.said(verdict), typed, 409)
    flash(_told(verdict), "success")
    return changed(url_for("attendance.scan", shift=shift.public_id, direction=direction))


@bp.get("/desk/shifts/<shift>/scan/snapshot")
@allowed(may_keep_roster, shift=shifts.shift_by_id)
def scan_snapshot(shift: Shift) -> ResponseReturnValue:
    """Give the sealed roster to the page's script, and the token of the present sign-in."""
    now = clock.now()
    if now > snapshot.expires_at(shift):
        message = _("这一场早就结束了，手机里的名单已经删掉。")
        error = {"code": "gone", "message": message, "field": None}
        return make_response(jsonify({"error": error}), 410)
    answer = snapshot.snapshot(shift, now, have=request.args.get("have", ""))
    return jsonify({**answer, "csrf": csrf_token_value()})


# Under /desk/shifts/, so that it may serve scan pages; each registers it for its own address only.
@bp.get("/desk/shifts/scan-sw.js")
@public
def scan_worker() -> ResponseReturnValue:
    """Give the script that brings the scan page when there is no network."""
    response = make_response((STATIC / "attendance/scan-sw.js").read_bytes())
    response.headers["Content-Type"] = "text/javascript; charset=utf-8"
    response.headers["Cache-Control"] = "no-cache"
    return response


def _record(form: ScanForm) -> DeskScan | None:
    """Return the form as the record of a batch, judged by the time we receive it."""
    if not form.validate():
        return None
    signup = str(form.signup.data or "")
    return desk_scan(
        {
            "scan_id": form.scan_id.data or str(uuid4()),
            "code": "" if signup else str(form.code.data or "").replace(" ", ""),
            "signup_id": signup,
            "direction": form.direction.data,
            "occurred_at": clock.now().isoformat(),
            "entry": "manual",
        }
    )


def _told(verdict: Verdict) -> str:
    if verdict.visit is None:
        return words.said(verdict)
    name = filters.masked_name(people.person(verdict.visit.person_id).name)
    return _("%(name)s：%(said)s", name=name, said=words.said(verdict))


def _page(
    shift: Shift, direction: Direction, said: str = "", code: str = "", status: int = 200
) -> Response:
    asked = request.args.get("q", "").strip()[:_LONGEST_NAME]
    now = clock.now()
    response = page(
        "attendance/scan.html",
        fragment="attendance/_scan_found.html" if request.method == "GET" else "",
        status=status,
        look=scanner.look(shift, direction, now, said, code),
        asked=asked,
        found=scanner.found(shift, asked, now),
        words=scanner.words(),
    )
    response.headers["Permissions-Policy"] = _POLICY
    return response
