"""The desk's pages of paper sheets: the list, one sheet to type on, and its release."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.arrivals import actions_paper as actions
from portal.arrivals import actions_releasing as releasing
from portal.arrivals import forms_paper as forms
from portal.arrivals import grid, listing, policy, reading
from portal.arrivals import queries_paper as paper
from portal.arrivals.blueprint import bp
from portal.arrivals.models_paper import BatchState
from portal.arrivals.rules_paper import Typed
from portal.attendance import queries_sheets as sheets
from portal.attendance.models_sheets import PaperSheet
from portal.attendance.rules_sheets import read_code
from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Refused
from portal.core.i18n import gettext as _
from portal.core.tables import page_number
from portal.core.web import changed, page
from portal.shifts import queries as shifts
from portal.shifts.models import Shift
from portal.signups.policy import may_keep_roster

_sees = allowed(policy.may_see_paper, shift=shifts.shift_by_id)
_types = allowed(policy.may_type, shift=shifts.shift_by_id)


@bp.get("/desk/paper")
@allowed(policy.sees_sheets)
def paper_index() -> ResponseReturnValue:
    """List the sheets of the actor's stations: not typed, typed, to release, released."""
    asked = request.args.get("state", "")
    found = listing.listing(current_actor(), asked, page_number(), clock.now())
    return page("arrivals/paper_index.html", listing=found)


@bp.get("/desk/shifts/<shift>/paper")
@_sees
def paper_shift(shift: Shift) -> ResponseReturnValue:
    """Show the sheets of one shift; where there is one only, it is opened."""
    rows = paper.sheets_with_batches(shift.id)
    if len(rows) == 1:
        return changed(_to(shift, rows[0][0].number))
    return page(
        "arrivals/paper_shift.html",
        shift=shift,
        rows=[listing.row(sheet, batch, shift) for sheet, batch in rows],
        may_print=may_keep_roster(current_actor(), shift),
    )


@bp.get("/desk/shifts/<shift>/paper/<number>")
@_sees
def paper_sheet(shift: Shift, number: str) -> ResponseReturnValue:
    """Show a sheet: to type on, to release, or what became of it."""
    return _page(shift, _sheet(shift, number))


@bp.post("/desk/shifts/<shift>/paper/<number>")
@_types
def paper_save(shift: Shift, number: str) -> ResponseReturnValue:
    """Keep what was typed as a draft; with `submit` hand it in for release."""
    sheet, actor, now = _sheet(shift, number), current_actor(), clock.now()
    fields = request.form
    typed = forms.typed_rows(fields, (row.number for row in sheets.rows_of(sheet.id)))
    typed, said = _with_code(shift, sheet, typed)
    shift_id = shift.id
    to, wants_release = _to(shift, number), "submit" in fields and not said
    try:
        write(actions.save, sheet.id, typed, forms.version_of(fields), actor=actor, now=now)
        if wants_release:
            write(actions.submit, sheet.id, actor=actor, now=now)
    except Refused as refused:
        status = 422 if "wrong_rows" in refused.codes else 409
        return _page(shifts.shift(shift_id), sheet, status, reasons=refused.reasons)
    if said:
        return _page(shifts.shift(shift_id), sheet, 422, code_error=said)
    flash(_("提交好了，等另一个人放行。") if wants_release else _("存好了。"), "success")
    return changed(to)


@bp.post("/desk/shifts/<shift>/paper/<number>/release")
@_sees
def paper_release(shift: Shift, number: str) -> ResponseReturnValue:
    """Release what another person typed: it becomes visits and hours."""
    return _carry_out(shift, number, releasing.release, _("放行好了，时长已经记上。"))


@bp.post("/desk/shifts/<shift>/paper/<number>/return")
@_sees
def paper_return(shift: Shift, number: str) -> ResponseReturnValue:
    """Give a batch back with the reason."""
    form = forms.ReturnForm()
    if not form.validate():
        return _page(shift, _sheet(shift, number), 422, return_form=form)
    reason = str(form.reason.data)
    return _carry_out(shift, number, actions.give_back, _("退回去了。"), reason)


@bp.post("/desk/shifts/<shift>/paper/<number>/take-back")
@_types
def paper_take_back(shift: Shift, number: str) -> ResponseReturnValue:
    """Take a batch back to change it."""
    return _carry_out(shift, number, actions.take_back, _("收回来了，可以改。"))


@bp.post("/desk/shifts/<shift>/paper/<number>/unused")
@_types
def paper_unused(shift: Shift, number: str) -> ResponseReturnValue:
    """Say that nobody wrote on the sheet."""
    return _carry_out(shift, number, actions.set_aside, _("记下了：这一份没有用。"))


@bp.post("/desk/shifts/<shift>/paper/<number>/resume")
@_types
def paper_resume(shift: Shift, number: str) -> ResponseReturnValue:
    """Take up a sheet that was set aside."""
    return _carry_out(shift, number, actions.resume, _("恢复了，可以录。"))


# --- parts ---------------------------------------------------------------------------------------


def _sheet(shift: Shift, number: str) -> PaperSheet:
    is_number = number.isascii() and number.isdecimal() and len(number) < 3
    found = sheets.sheet(shift.id, int(number)) if is_number else None
    if found is None:
        abort(404)
    return found


def _to(shift: Shift, number: str | int) -> str:
    return url_for("arrivals.paper_sheet", shift=shift.public_id, number=number)


def _carry_out(
    shift: Shift, number: str, action: Callable[..., Any], done: str, *more: str
) -> ResponseReturnValue:
    sheet, to = _sheet(shift, number), _to(shift, number)
    shift_id = shift.id
    try:
        write(action, sheet.id, *more, actor=current_actor(), now=clock.now())
    except Refused as refused:
        return _page(shifts.shift(shift_id), sheet, 409, reasons=refused.reasons)
    flash(done, "success")
    return changed(to)


def _with_code(shift: Shift, sheet: PaperSheet, typed: list[Typed]) -> tuple[list[Typed], str]:
    """Put the times of the quick line on the row of its code; return what is wrong with the code."""
    code, came, went = forms.by_code(request.form)
    if not code:
        return typed, _("写上时间的那一行要有编码。") if came or went else ""
    row = read_code(shift.public_id, code)
    is_here = row is not None and row.sheet == sheet.number
    if row is None or (is_here and row.row not in {one.number for one in typed}):
        return typed, _("没有认出这个编码，请对着签到表再看一遍。")
    if row.sheet != sheet.number:
        return typed, _("这个编码在第 %(n)d 份签到表上。", n=row.sheet)
    return forms.with_times(typed, row.row, came, went), ""


def _page(shift: Shift, sheet: PaperSheet, status: int = 200, **values: Any) -> Response:
    actor, now = current_actor(), clock.now()
    look = grid.grid(reading.state(shift, sheet, now), actor, now)
    submitted = look.state == BatchState.SUBMITTED
    is_typed = look.may_type and policy.may_type(actor, shift)
    return page(
        "arrivals/paper_grid.html" if is_typed else "arrivals/paper_review.html",
        status=status,
        shift=shift,
        grid=look,
        code=forms.by_code(request.form),
        may_release=submitted and not look.against,
        may_take_back=submitted and policy.may_type(actor, shift),
        may_type=policy.may_type(actor, shift),
        **{"return_form": forms.ReturnForm(formdata=None), **values},
    )
