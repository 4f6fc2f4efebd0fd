"""The board: what it shows, and the token by which it goes on after the manager has signed out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Response, current_app, request, url_for

from portal.attendance import codes, queries
from portal.attendance.codes import Shown
from portal.attendance.models import Direction
from portal.core import filters, qr, tokens
from portal.core.i18n import gettext as _
from portal.records import settings
from portal.shifts.models import Shift, ShiftState

# The contract: the board's own token is for this shift, until its end and two hours more.
GOES_ON = timedelta(hours=2)
_COOKIE = "board"
_LINK_SECONDS = 3600
_LONGEST_SECONDS = 366 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Board:
    """What one look at the board shows, in ready words."""

    title: str
    station: str
    when: str
    direction: Direction
    way: str
    picture: str
    digits: tuple[str, str]
    bar: str
    count: str
    address: str
    is_link: bool
    digits_address: str
    refresh_url: str
    page_url: str
    other_url: str
    other_text: str


def is_over(shift: Shift, now: datetime) -> bool:
    """Return whether the board of a shift has nothing to show any more."""
    return now > shift.ends_at + GOES_ON or shift.state == ShiftState.CALLED_OFF


@dataclass(frozen=True, slots=True)
class Pulse:
    """What changes on a board: its code and its numbers. Cheap, so it is asked every few seconds."""

    shown: Shown
    came: int
    gone: int
    holding: int

    @property
    def state(self) -> str:
        """One text that tells a look at the board from the next."""
        return f"{self.shown.step}-{self.came}-{self.gone}-{self.holding}"


def pulse(shift: Shift, direction: Direction, now: datetime) -> Pulse:
    """Return what the board's code and numbers are now."""
    return Pulse(codes.shown(shift.check_in_key, direction, now), *queries.counts(shift.id))


def look(shift: Shift, direction: Direction, pulse: Pulse) -> Board:
    """Return what the board shows now."""
    shown = pulse.shown
    url = f"{current_app.config['PORTAL'].public_url}/check-in/{shown.code}"
    comes = direction == Direction.IN
    other = Direction.OUT if comes else Direction.IN
    return Board(
        title=shift.offering.title,
        station=shift.offering.station.name,
        when=filters.when(shift.starts_at, shift.ends_at),
        direction=direction,
        way=_("签到") if comes else _("签退"),
        picture=qr.svg(url, label=_("签到码") if comes else _("签退码")),
        digits=(shown.digits[:3], shown.digits[3:]),
        bar=f"bar-{shown.seconds_gone}",
        count=_("已到 %(came)d / %(all)d", came=pulse.came, all=pulse.holding)
        if comes
        else _("已签退 %(gone)d / %(came)d", gone=pulse.gone, came=pulse.came),
        address=url,
        is_link=bool(settings.get("is_demo")),
        digits_address=f"{current_app.config['PORTAL'].public_url}{url_for('attendance.check_in')}",
        refresh_url=url_for(
            "attendance.board_code",
            shift=shift.public_id,
            direction=direction,
            shown=pulse.state,
        ),
        page_url=url_for("attendance.board", shift=shift.public_id, direction=direction),
        other_url=url_for("attendance.board", shift=shift.public_id, direction=other),
        other_text=_("换成签退") if comes else _("换成签到"),
    )


# --- its own token -------------------------------------------------------------------------------


def holds_token(shift: Shift) -> bool:
    """Return whether the browser holds this board's token."""
    kept = tokens.unsign(
        "board", request.cookies.get(_COOKIE, ""), max_age_seconds=_LONGEST_SECONDS
    )
    return kept == shift.public_id


def give_token(response: Response, shift: Shift, now: datetime) -> None:
    """Give the browser this board's token, which opens nothing else."""
    response.set_cookie(
        _COOKIE,
        tokens.sign("board", shift.public_id),
        max_age=max(0, int((shift.ends_at + GOES_ON - now).total_seconds())),
        path=url_for("attendance.board", shift=shift.public_id),
        httponly=True,
        samesite="Lax",
        secure=current_app.config["PORTAL"].production,
    )


def link(shift: Shift, direction: Direction) -> str:
    """Return the address that opens the board on another tablet, good for an hour."""
    path = url_for(
        "attendance.board",
        shift=shift.public_id,
        direction=direction,
        token=tokens.sign("board link", shift.public_id),
    )
    return f"{current_app.config['PORTAL'].public_url}{path}"


def is_link_token(shift: Shift, token: str) -> bool:
    """Return whether the token of a link is good for this shift."""
    return tokens.unsign("board link", token, max_age_seconds=_LINK_SECONDS) == shift.public_id
