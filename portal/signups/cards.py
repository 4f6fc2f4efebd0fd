"""The card that somebody without a phone takes along (报名卡): ready values for its page."""

from __future__ import annotations

from typing import Any

from flask import current_app

from portal.core import filters, qr
from portal.core.i18n import gettext as _
from portal.shifts.models import PLACE_ROLE_LABELS, PlaceRole
from portal.signups import queries
from portal.signups.models import SIGNUP_STATE_LABELS, Signup, SignupState


def ready(row: Signup) -> dict[str, Any]:
    """Return what the card shows: who, what, when, where, whom to call, the activity as a code."""
    shift = row.shift
    offering = shift.offering
    station = offering.station
    address = f"{current_app.config['PORTAL'].public_url}{offering.path}"
    return {
        "signup": row,
        "title": offering.title,
        "when": filters.when(shift.starts_at, shift.ends_at),
        "place": shift.venue,
        "station": station,
        "phone": offering.contact_phone or station.phone,
        "role": _role(row),
        "state": str(SIGNUP_STATE_LABELS[SignupState(row.state)]),
        "position": queries.position(row),
        "code": qr.svg(address, label=_("打开这个活动的码")),
    }


def _role(row: Signup) -> str:
    """Return the role, with the stall where there is one."""
    role = str(PLACE_ROLE_LABELS[PlaceRole(row.role)])
    return f"{role} · {row.place.label}" if row.place.label else role
