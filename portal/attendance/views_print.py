"""What is printed for a shift: the chooser, poster, roster, sign-in sheet and name cards.

Names in full leave the house on paper: each such page is logged as an export of the roster.
"""

from __future__ import annotations

from typing import Any

from flask import Response, abort, current_app, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance import actions_sheets, papers
from portal.attendance import queries_sheets as sheets
from portal.attendance.forms_print import CardsForm, SheetForm
from portal.attendance.views import bp
from portal.core import clock, qr
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.web import changed, invalid, page
from portal.org import queries as org
from portal.records import audit
from portal.shifts import queries as shifts
from portal.shifts.models import OfferingState, PlaceRole, Shift
from portal.signups.policy import may_keep_roster

_one = allowed(may_keep_roster, shift=shifts.shift_by_id)


@bp.get("/desk/shifts/<shift>/print")
@_one
def print_pack(shift: Shift) -> ResponseReturnValue:
    """Choose what to print."""
    return _chooser(shift, SheetForm(formdata=None))


def _chooser(shift: Shift, form: SheetForm) -> Response:
    render = invalid if form.errors else page
    return render(
        "attendance/print.html",
        shift=shift,
        is_public=shift.offering.state == OfferingState.PUBLISHED,
        printed=sheets.sheets_of(shift.id),
        form=form,
        cards=CardsForm(formdata=None),
    )


@bp.get("/desk/shifts/<shift>/print/poster")
@_one
def print_poster(shift: Shift) -> ResponseReturnValue:
    """A poster for the notice board: what, when, where, and the way to its page."""
    if shift.offering.state != OfferingState.PUBLISHED:
        abort(404)  # the code would lead to nothing
    address = f"{current_app.config['PORTAL'].public_url}{shift.offering.path}"
    return page(
        "attendance/print_poster.html",
        shift=shift,
        offering=shift.offering,
        station=org.station(shift.station_id),
        is_long=len(shift.offering.title) > papers.LONG_TITLE,
        address=address,
        code=qr.svg(address, label=_("这项活动的网页")),
    )


@bp.get("/desk/shifts/<shift>/print/roster")
@_one
def print_roster(shift: Shift) -> ResponseReturnValue:
    """The roster on paper, names masked; with `names=full` in full, which is logged."""
    full = request.args.get("names") == "full"
    lines = papers.roster(shift, full=full)
    if full:
        _note(shift, "roster")
    return _papers("attendance/print_roster.html", shift, lines, papers.ROWS_A_PAGE, full=full)


@bp.post("/desk/shifts/<shift>/print/sheet")
@_one
def draw_up_sheet(shift: Shift) -> ResponseReturnValue:
    """Draw up the next sign-in sheet."""
    form = SheetForm()
    if not form.validate():
        return _chooser(shift, form)
    actor, now, blank = current_actor(), clock.now(), int(form.blank.data or 0)
    sheet = write(actions_sheets.draw_up, shift.id, blank, actor=actor, now=now)
    number = sheet.number
    return changed(url_for("attendance.print_sheet", shift=shift.public_id, number=number))


@bp.get("/desk/shifts/<shift>/print/sheet")
@_one
def print_sheet(shift: Shift) -> ResponseReturnValue:
    """A sign-in sheet as it was drawn up: the one of this number, else the newest."""
    asked = request.args.get("number", "")
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 3 else 0
    sheet = sheets.sheet(shift.id, number if asked else sheets.last_number(shift.id))
    if sheet is None and not asked:
        return changed(url_for("attendance.print_pack", shift=shift.public_id))
    if sheet is None:
        abort(404)
    lines = papers.sheet(shift, sheet)
    _note(shift, "sheet")
    return _papers("attendance/print_sheet.html", shift, lines, papers.SIGNED_A_PAGE, sheet=sheet)


@bp.get("/desk/shifts/<shift>/print/cards")
@_one
def print_cards(shift: Shift) -> ResponseReturnValue:
    """Name cards, eight or ten on a page."""
    asked, size = request.args.get("role", ""), request.args.get("size", "")
    role = PlaceRole(asked) if asked in set(PlaceRole) else None
    a_page = next((n for n in papers.CARDS_A_PAGE if str(n) == size), papers.CARDS_A_PAGE[0])
    found = papers.cards(shift, role)
    _note(shift, "cards")
    return _papers("attendance/print_cards.html", shift, found, a_page, a_page=a_page)


# --- parts ---------------------------------------------------------------------------------------


def _papers(
    template: str, shift: Shift, items: list[Any], size: int, **values: Any
) -> ResponseReturnValue:
    station = org.station(shift.station_id)
    pages = papers.pages(items, size)
    return page(template, shift=shift, station=station, pages=pages, count=len(items), **values)


def _note(shift: Shift, part: str) -> None:
    write(_note_export, shift.id, shift.station_id, part)


def _note_export(shift_id: int, station_id: int, part: str) -> None:
    subject, actor = Ref("shift", shift_id), current_actor()
    audit.record(
        "roster.export", subject, actor=actor, now=clock.now(), station_id=station_id, part=part
    )
