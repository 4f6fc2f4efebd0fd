"""The cookie "seen at": a code scanned in time is not lost while the person signs in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Response, current_app, request

from portal.attendance import codes
from portal.attendance.models import Direction
from portal.core import tokens

SECONDS = 10 * 60
_COOKIE = "seen"
_PATH = "/check-in"


@dataclass(frozen=True, slots=True)
class Seen:
    """When this browser saw a code live, and which way the code was for."""

    direction: Direction
    at: datetime
    is_kept: bool = True


def seen(code: str, now: datetime) -> Seen | None:
    """Return when the code was seen: before (the cookie says so), or now, while it is live."""
    kept = tokens.unsign("seen", request.cookies.get(_COOKIE, ""), max_age_seconds=SECONDS)
    if isinstance(kept, list) and len(kept) == 3 and kept[0] == code:
        return Seen(Direction(kept[1]), datetime.fromisoformat(kept[2]))
    direction = codes.direction_of(code, now)
    return Seen(direction, now, is_kept=False) if direction else None


def keep(response: Response, code: str, sight: Seen) -> None:
    """Let the browser remember it for ten minutes from the first time on."""
    if not sight.is_kept:
        value = tokens.sign("seen", [code, str(sight.direction), sight.at.isoformat()])
        _set(response, value, SECONDS)


def forget(response: Response) -> None:
    """Take the cookie back: it has been used."""
    _set(response, "", 0)


def _set(response: Response, value: str, seconds: int) -> None:
    response.set_cookie(
        _COOKIE,
        value,
        max_age=seconds,
        path=_PATH,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["PORTAL"].production,
    )
