"""The kiosk: a tablet at the station on which people say who they are; its own token, its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from flask import Response, current_app, request, url_for

from portal.arrivals import queries_walk_ins as walk_ins
from portal.arrivals.models_walk_ins import WalkIn
from portal.attendance.board import GOES_ON, is_over
from portal.attendance.models import Direction
from portal.core import filters, initials, tokens
from portal.core.i18n import gettext as _
from portal.records import settings
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole, Shift
from portal.signups import queries as signups
from portal.signups import walk_ins as places
from portal.signups.models import Signup

__all__ = ["is_over"]
_COOKIE = "kiosk"
_LINK_SECONDS = 3600
_LONGEST_SECONDS = 366 * 24 * 3600
# Towards the end people go: that is chosen for them from then on.
_GOING = timedelta(minutes=15)
SHORTEST_PHONE = 4


@dataclass(frozen=True, slots=True)
class Look:
    """The start page. `said` is what was wrong with what somebody typed."""

    shift_id: str
    title: str
    when: str
    direction: Direction
    scan_id: str
    said: str = ""


def look(shift: Shift, now: datetime, said: str = "", direction: Direction | None = None) -> Look:
    """Return what the start page shows: nobody's name."""
    goes = now >= shift.ends_at - _GOING
    return Look(
        shift_id=shift.public_id,
        title=shift.offering.title,
        when=filters.when(shift.starts_at, shift.ends_at),
        direction=direction or (Direction.OUT if goes else Direction.IN),
        scan_id=str(uuid4()),
        said=said,
    )


# --- who it is -----------------------------------------------------------------------------------


def meant(shift: Shift, phone_end: str, initial: str) -> Signup | None:
    """Return the one sign-up of the shift that the end of a number and the first letter mean."""
    if len(phone_end) < SHORTEST_PHONE or not (phone_end.isascii() and phone_end.isdecimal()):
        return None
    found = [
        row
        for row in signups.on_shift(shift.id)
        if (row.person.phone or "").endswith(phone_end) and _begins(row.person.name, initial)
    ]
    return found[0] if len(found) == 1 else None


def walked_in(shift: Shift, phone_end: str, initial: str) -> WalkIn | None:
    """Return the one of who walked in and is there still, that both mean."""
    if len(phone_end) < SHORTEST_PHONE or not (phone_end.isascii() and phone_end.isdecimal()):
        return None
    rows = walk_ins.still_here(shift.id, phone_end)
    found = [row for row in rows if _begins(row.name, initial)]
    return found[0] if len(found) == 1 else None


def _begins(name: str, initial: str) -> bool:
    typed = initial.strip()[:1].lower()
    return bool(typed and name) and (name[0].lower() == typed or typed in initials.letters(name[0]))


# --- who walks in --------------------------------------------------------------------------------


def open_roles(shift: Shift) -> Sequence[PlaceRole]:
    """Return as what somebody without a sign-up may come to the shift."""
    has = {PlaceRole(place.role) for place in shifts.places(shift.id)}
    return [role for role in PlaceRole if role in has and places.refusal(role) is None]


def no_walk_ins(shift: Shift, now: datetime) -> str:
    """Return why nobody can walk into the shift now; empty when they can."""
    has = [PlaceRole(place.role) for place in shifts.places(shift.id)]
    against = [places.refusal(role) for role in has]
    reason = next((one for one in against if one is not None), None)
    if reason is not None and not open_roles(shift):
        return reason.message
    if now < shift.starts_at - timedelta(minutes=settings.get("check_in_early_minutes")):
        return _("还没到签到时间。")
    if now >= shift.ends_at:
        return _("这一场已经结束。")
    if not walk_ins.has_free_place(shift.id):
        return _("这一场的名额满了，请找工作人员。")
    return ""


# --- its own token -------------------------------------------------------------------------------


def holds_token(shift: Shift) -> bool:
    """Return whether the browser holds this kiosk's token."""
    kept = tokens.unsign(
        "kiosk", request.cookies.get(_COOKIE, ""), max_age_seconds=_LONGEST_SECONDS
    )
    return kept == shift.public_id


def give_token(response: Response, shift: Shift, now: datetime) -> None:
    """Give the browser this kiosk's token, which opens nothing else."""
    response.set_cookie(
        _COOKIE,
        tokens.sign("kiosk", shift.public_id),
        max_age=max(0, int((shift.ends_at + GOES_ON - now).total_seconds())),
        path=url_for("arrivals.kiosk", shift=shift.public_id),
        httponly=True,
        samesite="Lax",
        secure=current_app.config["PORTAL"].production,
    )


def link(shift: Shift) -> str:
    """Return the address that opens the kiosk on a tablet, good for an hour."""
    token = tokens.sign("kiosk link", shift.public_id)
    path = url_for("arrivals.kiosk", shift=shift.public_id, token=token)
    return f"{current_app.config['PORTAL'].public_url}{path}"


def is_link_token(shift: Shift, token: str) -> bool:
    """Return whether the token of a link is good for this shift."""
    return tokens.unsign("kiosk link", token, max_age_seconds=_LINK_SECONDS) == shift.public_id
