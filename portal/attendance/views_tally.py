"""Counting the heads of an open crowd: big buttons that work without network, or a number."""

from __future__ import annotations

from uuid import uuid4

from flask import Response, flash, jsonify, make_response, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance import actions_headcounts, policy
from portal.attendance import queries_headcounts as headcounts
from portal.attendance.forms_headcounts import (
    MOST_MARKS,
    HeadsForm,
    mark_of,
    marks_of,
    tapped,
)
from portal.attendance.models_headcounts import METHOD_LABELS, Method
from portal.attendance.views import bp
from portal.core import clock, filters
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.web import changed, page
from portal.shifts import queries as shifts
from portal.shifts.models import Shift
from portal.signups.policy import may_keep_roster

_one = allowed(policy.counts_heads, shift=shifts.shift_by_id)


@bp.get("/desk/shifts/<shift>/tally")
@_one
def tally(shift: Shift) -> ResponseReturnValue:
    """The page of big buttons, and what was stated so far."""
    return _page(shift)


@bp.post("/desk/shifts/<shift>/tally")
@_one
def tally_marks(shift: Shift) -> ResponseReturnValue:
    """Take the taps a phone kept (JSON), or a single one from the form."""
    return _kept_taps(shift) if request.is_json else _one_tap(shift)


@bp.post("/desk/shifts/<shift>/headcount")
@_one
def state_headcount(shift: Shift) -> ResponseReturnValue:
    """State a number."""
    form = HeadsForm()
    if not form.validate():
        return _page(shift, form=form, status=422)
    try:
        write(
            actions_headcounts.state, shift.id, form.heads(), actor=current_actor(), now=clock.now()
        )
    except Refused as refused:
        return _page(shift, form=form, reasons=refused.reasons, status=409)
    flash(_("现场人数记下了。"), "success")
    return changed(url_for("attendance.tally", shift=shift.public_id))


def _one_tap(shift: Shift) -> ResponseReturnValue:
    now = clock.now()
    values = request.form
    mark = tapped(values.get("mark_id", ""), values.get("amount", ""), now)
    if mark is None:
        return _page(shift, status=422)
    try:
        write(actions_headcounts.tally, shift.id, [mark], actor=current_actor(), now=now)
    except Refused as refused:
        return _page(shift, reasons=refused.reasons, status=409)
    return changed(url_for("attendance.tally", shift=shift.public_id))


def _kept_taps(shift: Shift) -> Response:
    records = marks_of(request.get_data())
    if records is None:
        return _error(400, "bad_request", _("请求不是约定的 JSON：要有 marks 列表。"))
    if len(records) > MOST_MARKS:
        return _error(413, "too_large", _("一次最多 %(n)d 条。", n=MOST_MARKS))
    marks = [mark for mark in map(mark_of, records) if mark is not None]
    try:
        total = write(
            actions_headcounts.tally, shift.id, marks, actor=current_actor(), now=clock.now()
        )
    except Refused as refused:
        return _error(409, refused.codes[0], refused.message)
    return make_response(jsonify({"total": total, "accepted": [mark.mark_id for mark in marks]}))


def _error(status: int, code: str, message: str) -> Response:
    body = {"error": {"code": code, "message": message, "field": None}}
    return make_response(jsonify(body), status)


def _page(
    shift: Shift,
    *,
    form: HeadsForm | None = None,
    reasons: tuple[Reason, ...] = (),
    status: int = 200,
) -> Response:
    said = headcounts.statements(shift.id)
    total = headcounts.tallied(shift.id)
    return page(
        "attendance/tally.html",
        status=status,
        shift=shift,
        back=_back(shift),
        when=filters.when(shift.starts_at, shift.ends_at),
        total=total,
        mark_id=str(uuid4()),
        form=form or HeadsForm(None, number=total or None),
        reasons=reasons,
        closed=actions_headcounts.why_closed(shift, clock.now()),
        statements=[(row, METHOD_LABELS[Method(row.method)]) for row in said],
        words={
            "kept": _("存在手机上，还没交：%(n)s 下", n="{n}"),
            "sent": _("都交了。"),
            "offline": _("没有网络，照样可以数，有了网络自动交。"),
            "signIn": _("登录过期了。数的都存在这台手机上，登录后回到这一页自动交。"),
        },
    )


def _back(shift: Shift) -> str:
    """Return where the reader came from: the roster, or the desk of who only leads."""
    if may_keep_roster(current_actor(), shift):
        return url_for("attendance.desk_shift", shift=shift.public_id)
    return "/desk"
