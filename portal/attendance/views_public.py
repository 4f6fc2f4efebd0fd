"""Checking in and out: what a board's code opens in any phone's browser, and the six digits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Response, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance import actions, codes, devices, digits, policy, queries, rules, seen, words
from portal.attendance.actions import ScanInput, Verdict
from portal.attendance.forms import DigitsForm
from portal.attendance.judging import TooFast
from portal.attendance.models import Direction, Visit, VisitState, Way
from portal.attendance.rules import ScanReason
from portal.attendance.seen import Seen
from portal.attendance.views import bp
from portal.core import clock, filters, tokens
from portal.core.access import allowed, current_actor, public, signed_in
from portal.core.db import write
from portal.core.failures import too_many
from portal.core.forms import clean
from portal.core.i18n import gettext as _
from portal.core.web import invalid, page
from portal.records import settings
from portal.shifts import queries as shifts
from portal.shifts.models import Shift, ShiftState


@bp.get("/check-in/<code>")
@public
def check_in_code(code: str) -> ResponseReturnValue:
    """Show what the code is for, with one button; the sight of a live code is remembered."""
    now, venue = clock.now(), codes.venue_code(code)
    shift = shifts.shift_by_key(codes.key_of(venue)) if venue else None
    if venue is None or shift is None:
        return _unknown()
    sight = seen.seen(venue, now)
    if sight is None:
        return _expired(shift)
    response = page(
        "attendance/check_in.html",
        title=shift.offering.title,
        when=filters.when(shift.starts_at, shift.ends_at),
        station=shift.offering.station.name,
        comes=sight.direction == Direction.IN,
        path=url_for("attendance.check_in_code", code=venue),
    )
    seen.keep(response, venue, sight)
    return response


@bp.post("/check-in/<code>")
@allowed(signed_in)
def record_check_in(code: str) -> ResponseReturnValue:
    """Check in or out by the code, judged by the time at which it was seen."""
    now, venue = clock.now(), codes.venue_code(code)
    if venue is None:
        return _unknown()
    sight = seen.seen(venue, now)
    device = devices.token()
    key, scan = codes.key_of(venue), _scan(sight, now, device)
    try:
        verdict = write(actions.check_in_by_key, key, scan, actor=current_actor(), now=now)
    except TooFast as hurry:
        return too_many(hurry.seconds)
    if verdict is None:
        return _unknown()
    response = _answer(verdict)
    devices.keep(response, device)
    if verdict.is_done:
        seen.forget(response)
    return response


@bp.route("/check-in", methods=["GET", "POST"])
@allowed(signed_in)
def check_in() -> ResponseReturnValue:
    """Check in or out by the six digits of a board."""
    form = DigitsForm()
    shift = shifts.shift_by_id(clean(request.values.get("shift")) or "")
    values: dict[str, Any] = {"form": form, "shift_id": shift.public_id if shift else ""}
    if request.method == "GET":
        return page("attendance/digits.html", **values)
    if not form.validate():
        return invalid("attendance/digits.html", **values)
    actor, now, device = current_actor(), clock.now(), devices.token()
    asked = (actor.person_id or 0, str(form.digits.data), shift.id if shift else None)
    known = tokens.fingerprint(device)
    try:
        outcome = write(digits.check_in, *asked, actor=actor, now=now, device=known)
    except TooFast as hurry:
        return too_many(hurry.seconds)
    if isinstance(outcome, Verdict):
        response = _answer(outcome)
        devices.keep(response, device)
        return response
    if outcome.seconds:
        message = _("数字输错太多次，先停用几分钟。请直接扫现场的码，或者请负责人帮您签到。")
        return too_many(outcome.seconds, message)
    form.add_error("digits", _("数字不对，或者已经换了。请看现场屏幕上现在的六位数字，再输一次。"))
    return page("attendance/digits.html", status=409, **values)


def _own_visit(public_id: str) -> Visit | None:
    visit = queries.visit_by_id(public_id)
    return visit if visit and policy.owns(current_actor(), visit) else None


@bp.get("/check-in/done/<visit>")
@allowed(policy.owns, visit=_own_visit)
def checked_in(visit: Visit) -> ResponseReturnValue:
    """Show how it stands after checking in or out, and what comes next."""
    shift, offering = visit.shift, visit.shift.offering
    closes_at = shift.ends_at + timedelta(minutes=settings.get("check_out_late_minutes"))
    is_open = visit.state == VisitState.OPEN
    until = clock.now() if visit.out_at is None else visit.out_at
    passed = max(0, int((until - visit.in_at).total_seconds()) // 60)
    return page(
        "attendance/done.html",
        is_open=is_open,
        title=offering.title,
        in_time=filters.hour(visit.in_at),
        out_time=filters.hour(visit.out_at) if visit.out_at else "",
        passed=filters.minutes(passed),
        closes=filters.moment(closes_at),
        minutes=filters.minutes(visit.minutes),
        counts=visit.signup is not None and rules.earns(visit.role, visit.signup.participant),
        pending=visit.pending,
        leader=offering.leader_name,
        phone=offering.contact_phone or offering.station.phone,
    )


# --- parts ---------------------------------------------------------------------------------------


def _scan(sight: Seen | None, now: datetime, device: str) -> ScanInput:
    return ScanInput(
        person_id=current_actor().person_id,
        shift_id=None,
        direction=sight.direction if sight else Direction.IN,
        way=Way.CODE,
        occurred_at=sight.at if sight else now,
        refusal=None if sight else ScanReason.EXPIRED_CODE,
        is_own=True,
        device=tokens.fingerprint(device),
    )


def _answer(verdict: Verdict) -> Response:
    if verdict.is_done and verdict.visit is not None:
        to = url_for("attendance.checked_in", visit=verdict.visit.public_id)
        return make_response(redirect(to, 303))
    comes = verdict.direction == Direction.IN
    return _refused(verdict, _("没有签到") if comes else _("没有签退"))


def _refused(verdict: Verdict, title: str) -> Response:
    shift = verdict.shift
    offering = shift.offering if shift else None
    return page(
        "attendance/refused.html",
        status=409,
        title=title,
        reason=words.refusal(verdict),
        leader=offering.leader_name if offering else "",
        phone=offering.contact_phone if offering else "",
    )


def _expired(shift: Shift) -> Response:
    reason = ScanReason.EXPIRED_CODE
    if shift.state == ShiftState.CALLED_OFF:
        reason = ScanReason.CALLED_OFF
    verdict = Verdict("rejected", reason, Direction.IN, shift=shift)
    return _refused(verdict, _("这个码用不了了"))


def _unknown() -> Response:
    return page("attendance/unknown.html", status=404)
