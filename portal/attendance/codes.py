"""The codes of the door: what a board shows for twenty seconds, and what a person shows.

A venue code is the shift's check-in key and a truncated MAC over shift, direction and time step;
the six digits are cut from the same. A code holds for its own step and the next one, so it is
dead 40 seconds after it was first shown (OWASP ASVS asks at most 30 s of a time step).
A personal code is a person's public id, its version and a MAC, for the desk's camera: it lasts until it
is replaced, so that a card can be printed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from portal.attendance.models import Direction
from portal.core import tokens
from portal.core.ids import ALPHABET, CHECK_IN_KEY_LENGTH, PUBLIC_ID_LENGTH

STEP_SECONDS = 20
DIGITS = 6
SPOKEN_LENGTH = 6
MOST_VERSIONS = len(ALPHABET) ** 2 - 1
_MAC_LENGTH = 8
_VENUE = re.compile(f"[{ALPHABET}]{{{CHECK_IN_KEY_LENGTH + _MAC_LENGTH}}}")
_VERSION_LENGTH = 2
_PERSONAL_MAC_LENGTH = 20
_PERSONAL = re.compile(
    f"m[{ALPHABET}]{{{PUBLIC_ID_LENGTH + _VERSION_LENGTH + _PERSONAL_MAC_LENGTH}}}"
)
_SPOKEN = re.compile(f"[{ALPHABET}]{{{SPOKEN_LENGTH}}}")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a board shows now: code, digits, time step, and the whole seconds of it that are gone."""

    code: str
    digits: str
    step: int
    seconds_gone: int


def shown(key: str, direction: Direction, now: datetime) -> Shown:
    """Return what the board of a shift shows for a direction."""
    step, gone = divmod(int(now.timestamp()), STEP_SECONDS)
    return Shown(
        code=key + _mac(key, direction, step),
        digits=_digits(key, direction, step),
        step=step,
        seconds_gone=gone,
    )


def venue_code(text: str) -> str | None:
    """Return a venue code as it is compared, or None when it cannot be one."""
    code = text.strip().lower()
    return code if _VENUE.fullmatch(code) else None


def key_of(code: str) -> str:
    """Return the check-in key that a venue code begins with."""
    return code[:CHECK_IN_KEY_LENGTH]


def direction_of(code: str, now: datetime) -> Direction | None:
    """Return which way a venue code is for, or None when it is not live (any more)."""
    key, mac = key_of(code), code[CHECK_IN_KEY_LENGTH:]
    for direction, step in _accepted(now):
        if tokens.same(mac, _mac(key, direction, step)):
            return direction
    return None


def direction_of_digits(key: str, digits: str, now: datetime) -> Direction | None:
    """Return which way the digits of a shift are for, or None when they are not live."""
    for direction, step in _accepted(now):
        if tokens.same(digits, _digits(key, direction, step)):
            return direction
    return None


def _accepted(now: datetime) -> list[tuple[Direction, int]]:
    step = int(now.timestamp()) // STEP_SECONDS
    return [(direction, back) for back in (step, step - 1) for direction in Direction]


def _mac(key: str, direction: Direction, step: int) -> str:
    return tokens.mac_code("check-in", f"{key}/{direction}/{step}", _MAC_LENGTH)


def _digits(key: str, direction: Direction, step: int) -> str:
    return tokens.mac_digits("check-in digits", f"{key}/{direction}/{step}", DIGITS)


# --- a person's own code -------------------------------------------------------------------------


class Personal(NamedTuple):
    """Whose code it is, and which of their codes: a lost one is replaced by the next version."""

    public_id: str
    version: int


def personal_code(public_id: str, version: int) -> str:
    """Return a person's code; capitals make a smaller picture (25 modules a side at level M)."""
    high, low = divmod(version, len(ALPHABET))
    body = public_id + ALPHABET[high] + ALPHABET[low]
    return f"m{body}{_personal_mac(body)}".upper()


def read_personal(text: str) -> Personal | None:
    """Return whose code it is, or None when it is not one of ours."""
    code = text.strip().lower()
    if not _PERSONAL.fullmatch(code):
        return None
    body, mac = code[1:-_PERSONAL_MAC_LENGTH], code[-_PERSONAL_MAC_LENGTH:]
    if not tokens.same(mac, _personal_mac(body)):
        return None
    high, low = (ALPHABET.index(one) for one in body[PUBLIC_ID_LENGTH:])
    return Personal(body[:PUBLIC_ID_LENGTH], high * len(ALPHABET) + low)


def spoken_code(public_id: str, version: int) -> str:
    """Return six characters that say, among the people of one shift, who it is."""
    return tokens.mac_code("spoken code", f"{public_id}/{version}", SPOKEN_LENGTH)


def is_spoken(text: str) -> bool:
    """Return whether the text has the form of a spoken code."""
    return bool(_SPOKEN.fullmatch(text.strip().lower()))


def _personal_mac(body: str) -> str:
    return tokens.mac_code("personal code", body, _PERSONAL_MAC_LENGTH)
