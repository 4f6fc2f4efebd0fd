"""Which browser a check-in came from, for one day: a random number, and nothing about the phone.

A family may share a phone, and helps its old people with it: several people on one phone is normal
and refused nowhere. It is only listed for the office (anomalies) when they are many.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Response, current_app, request
from sqlalchemy import delete

from portal.attendance.models_devices import KEPT_DAYS, ScanDevice
from portal.core import tokens
from portal.core.access import Actor
from portal.core.db import db

# No longer than a day of service: what a browser did on another day cannot be told.
SECONDS = 24 * 3600
_COOKIE = "device"
_PATH = "/check-in"


def token() -> str:
    """Return the browser's number of today, or a new one."""
    found = tokens.unsign("device", request.cookies.get(_COOKIE, ""), max_age_seconds=SECONDS)
    return found if isinstance(found, str) else tokens.new_token()


def keep(response: Response, number: str) -> None:
    """Let the browser remember its number until a day after it got it."""
    if tokens.unsign("device", request.cookies.get(_COOKIE, ""), max_age_seconds=SECONDS) == number:
        return
    response.set_cookie(
        _COOKIE,
        tokens.sign("device", number),
        max_age=SECONDS,
        path=_PATH,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["PORTAL"].production,
    )


def forget_old(*, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Delete what is older than it is kept."""
    db.session.execute(
        delete(ScanDevice).where(ScanDevice.at < now - timedelta(days=KEPT_DAYS + 1))
    )
