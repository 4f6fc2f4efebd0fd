"""The board of a shift: full screen, by a manager or by its own token, without a session."""

from __future__ import annotations

from flask import Response, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden, NotFound

from portal.attendance import board as boards
from portal.attendance.forms import direction_of
from portal.attendance.views import bp
from portal.core import clock, qr
from portal.core.access import allowed, ask_to_sign_in, current_actor, public_with
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.web import page
from portal.records import audit
from portal.shifts import queries as shifts
from portal.shifts.models import Shift
from portal.signups.policy import may_keep_roster


# Open to a tablet that holds the board's own token, which no clause over actors can know.
@bp.get("/desk/shifts/<shift>/board")
@public_with(shift=shifts.shift_by_id)
def board(shift: Shift) -> ResponseReturnValue:
    """Show the board; opened by a manager or a link, the browser gets the board's own token."""
    direction, now = direction_of(request.args.get("direction")), clock.now()
    if boards.is_link_token(shift, request.args.get("token", "")):
        here = url_for("attendance.board", shift=shift.public_id, direction=direction)
        return _opened(make_response(redirect(here, 303)), shift)
    holds = boards.holds_token(shift)
    if not holds and not may_keep_roster(current_actor(), shift):
        return _keep_out()
    if boards.is_over(shift, now):
        return page("attendance/board_over.html", title=shift.offering.title)
    look = boards.look(shift, direction, boards.pulse(shift, direction, now))
    response = page("attendance/board.html", board=look)
    return response if holds else _opened(response, shift)


@bp.get("/desk/shifts/<shift>/board/code")
@public_with(shift=shifts.shift_by_id)
def board_code(shift: Shift) -> ResponseReturnValue:
    """Show the code of now for a board that asks every few seconds; 204 while nothing changed."""
    direction, now = direction_of(request.args.get("direction")), clock.now()
    if not boards.holds_token(shift) and not may_keep_roster(current_actor(), shift):
        return _keep_out()
    if boards.is_over(shift, now):
        return page("attendance/_board_over.html", title=shift.offering.title)
    pulse = boards.pulse(shift, direction, now)
    if request.args.get("shown") == pulse.state:
        return "", 204
    return page("attendance/_board.html", board=boards.look(shift, direction, pulse))


@bp.get("/desk/shifts/<shift>/board/link")
@allowed(may_keep_roster, shift=shifts.shift_by_id)
def board_link(shift: Shift) -> ResponseReturnValue:
    """Show the link that opens the board on another tablet."""
    direction = direction_of(request.args.get("direction"))
    address = boards.link(shift, direction)
    return page(
        "attendance/board_link.html",
        shift=shift,
        address=address,
        picture=qr.svg(address, label=_("在另一台设备上打开签到屏")),
    )


def _opened(response: Response, shift: Shift) -> Response:
    write(_note, shift.id, shift.station_id)
    boards.give_token(response, shift, clock.now())
    return response


def _note(shift_id: int, station_id: int) -> None:
    audit.record(
        "board.open",
        Ref("shift", shift_id),
        actor=current_actor(),
        now=clock.now(),
        station_id=station_id,
    )


def _keep_out() -> ResponseReturnValue:
    """Answer as for any page of a desk: sign in, no role, or not this station's."""
    actor = current_actor()
    if not actor.is_signed_in:
        return ask_to_sign_in()
    raise NotFound if actor.is_staff else Forbidden
