"""The check-in desk: the roster of a shift, ticks by hand, scans as JSON, settling."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, jsonify, make_response, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance import (
    actions,
    batches,
    decisions,
    finding,
    roster,
    trainings,
    words,
)
from portal.attendance.actions import ScanInput, Verdict
from portal.attendance.forms import (
    MOST_RECORDS,
    TickForm,
    desk_scan,
    direction_of,
    records_of,
    scan_id_of,
)
from portal.attendance.models import Visit, Way
from portal.attendance.rules import ScanReason
from portal.attendance.views import bp
from portal.core import clock, filters
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.tables import csv_bytes
from portal.core.web import changed, page, wants_fragment
from portal.people import queries as people
from portal.records import audit
from portal.shifts import queries as shifts
from portal.shifts.models import Shift, ShiftState
from portal.signups import queries as signups
from portal.signups import queries_changes
from portal.signups import words as signup_words
from portal.signups.policy import may_keep_roster


@bp.get("/desk/shifts/<shift>")
@allowed(may_keep_roster, shift=shifts.shift_by_id)
def desk_shift(shift: Shift) -> ResponseReturnValue:
    """Show who is expected, who came, and what needs a word."""
    return _page(shift)


@bp.get("/desk/shifts/<shift>.csv")
@allowed(may_keep_roster, shift=shifts.shift_by_id)
def roster_csv(shift: Shift) -> ResponseReturnValue:
    """Download the roster, names and phones masked; the export is logged."""
    body = csv_bytes(roster.CSV_HEADER, roster.csv_rows(shift))
    write(_note_export, shift.id, shift.station_id)
    response = make_response(body)
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    name = f"roster-{shift.public_id}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@bp.post("/desk/shifts/<shift>/ticks")
@allowed(may_keep_roster, shift=shifts.shift_by_id)
def tick(shift: Shift) -> ResponseReturnValue:
    """Check one person of the roster in or out by hand."""
    form = TickForm()
    signup = signups.signup_by_id(str(form.signup.data or "")[:10])
    if not form.validate() or signup is None or signup.shift_id != shift.id:
        abort(422)
    now, public_id = clock.now(), signup.public_id
    direction = direction_of(form.direction.data)
    scan = ScanInput(signup.person_id, shift.id, direction, Way.MANUAL, now)
    verdict = write(actions.record_scan, scan, actor=current_actor(), now=now)
    asked = finding.read(request.form)
    to = url_for("attendance.desk_shift", shift=shift.public_id, **asked.fields)
    to += f"#signup-{public_id}"
    if verdict.is_done and not wants_fragment():
        return changed(to)
    said = "" if verdict.is_done else words.said(verdict)
    status = 200 if verdict.is_done else 409
    return _page(shifts.shift(shift.id), (public_id, said), status)


@bp.post("/desk/shifts/<shift>/trainings")
@allowed(may_keep_roster, shift=shifts.shift_by_id)
def give_trainings(shift: Shift) -> ResponseReturnValue:
    """Confirm that whoever attended has the training that the shift gives."""
    new = write(trainings.give, shift.id, actor=current_actor(), now=clock.now())
    flash(_("给 %(n)d 个人记上了培训。", n=new), "success")
    return changed(url_for("attendance.desk_shift", shift=shift.public_id))


@bp.post("/desk/shifts/<shift>/scans")
@allowed(may_keep_roster, shift=shifts.shift_by_id)
def scans(shift: Shift) -> ResponseReturnValue:
    """Take a batch of scans and answer each with its own verdict."""
    records = records_of(request.get_data())
    if records is None:
        return _error(400, "bad_request", _("请求不是约定的 JSON：要有 scans 列表。"))
    if len(records) > MOST_RECORDS:
        return _error(413, "too_large", _("一次最多 %(n)d 条。", n=MOST_RECORDS))
    parsed = [desk_scan(record) for record in records]
    usable = [scan for scan in parsed if scan is not None]
    verdicts: list[Verdict] = []
    if usable:
        now = clock.now()
        verdicts = write(batches.record_batch, shift.id, usable, actor=current_actor(), now=now)
    answers = iter(verdicts)
    results = [
        _malformed(record) if scan is None else _result(scan.scan_id, next(answers))
        for record, scan in zip(records, parsed, strict=True)
    ]
    return jsonify({"results": results})


# --- parts ---------------------------------------------------------------------------------------


def _page(shift: Shift, said: tuple[str, str] = ("", ""), status: int = 200) -> Response:
    now = clock.now()
    asked = finding.read(request.values)

    def to(fields: dict[str, Any]) -> str:
        return url_for("attendance.desk_shift", shift=shift.public_id, **fields)

    return page(
        "attendance/roster.html",
        fragment="attendance/_roster.html",
        status=status,
        shift=shift,
        roster=roster.roster(shift, now, said, asked),
        decisions=decisions.on_shift(shift.id, current_actor(), now),
        is_over=now >= shift.ends_at and shift.state == ShiftState.PLANNED,
        chips=finding.chips(asked, to),
        role_chips=finding.role_chips(asked, to),
        to_give=trainings.to_give(shift, now),
        undoable=signup_words.undoable(queries_changes.undoable_of_shift(shift.id, now), now),
    )


def _note_export(shift_id: int, station_id: int) -> None:
    audit.record(
        "roster.export",
        Ref("shift", shift_id),
        actor=current_actor(),
        now=clock.now(),
        station_id=station_id,
    )


def _error(status: int, code: str, message: str) -> Response:
    body = {"error": {"code": code, "message": message, "field": None}}
    return make_response(jsonify(body), status)


def _malformed(record: object) -> dict[str, object]:
    return {
        "scan_id": scan_id_of(record),
        "verdict": "rejected",
        "reason": ScanReason.MALFORMED,
        "message": _("这一条的格式不对，没有存。"),
        "visit": None,
        "first": None,
    }


def _result(scan_id: str, verdict: Verdict) -> dict[str, object]:
    return {
        "scan_id": scan_id,
        "verdict": verdict.verdict,
        "reason": verdict.reason,
        "message": words.said(verdict),
        "visit": _shown(verdict.visit) if verdict.visit else None,
        "first": verdict.first,
    }


def _shown(visit: Visit) -> dict[str, object]:
    return {
        "id": visit.public_id,
        "person": filters.masked_name(people.person(visit.person_id).name),
        "in_at": clock.local(visit.in_at).isoformat(),
        "out_at": clock.local(visit.out_at).isoformat() if visit.out_at else None,
        "state": visit.state,
    }
