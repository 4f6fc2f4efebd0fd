"""The shape of input: the six digits, a tick on the roster, and the records of a batch."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import datetime
from typing import Any
from uuid import UUID

from wtforms import StringField
from wtforms.validators import Regexp

from portal.attendance.batches import DeskScan
from portal.attendance.models import Direction, Way
from portal.core.forms import Form, clean, needed
from portal.core.i18n import lazy_gettext as _l

MOST_RECORDS = 50
_LONGEST_TEXT = 100
_WAYS = {"camera": Way.CAMERA, "manual": Way.MANUAL}
# Instants outside these years are nobody's scan, and some databases refuse them.
_YEARS = range(2000, 2200)
_MOST_SKEW = 20 * 365 * 86400


def _digits_only(value: str | None) -> str:
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", value or ""))[:20]


class DigitsForm(Form):
    """The six digits of a board."""

    digits = StringField(
        _l("现场屏幕上的六位数字"),
        [
            needed(_l("请填写六位数字")),
            Regexp(r"[0-9]{6}\Z", message=_l("是六位数字，请看现场的屏幕")),
        ],
        [_digits_only],
    )


class TickForm(Form):
    """One tick of the roster: whose, and coming or going."""

    signup = StringField("", [needed()], [clean])
    direction = StringField("", [Regexp(r"(in|out)\Z")])


class ScanForm(Form):
    """One scan sent as a form: a code that was typed, or somebody found by name."""

    scan_id = StringField("", [], [clean])
    code = StringField(_l("签到码"), [], [clean])
    signup = StringField("", [], [clean])
    direction = StringField("", [Regexp(r"(in|out)\Z")])


def direction_of(text: str | None) -> Direction:
    """Return the asked direction of a board; coming unless told otherwise."""
    return Direction.OUT if text == Direction.OUT else Direction.IN


# --- JSON ----------------------------------------------------------------------------------------


def records_of(data: bytes) -> list[object] | None:
    """Return the records of a batch as sent, or None when the body is no JSON of its form."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return None
    records = body.get("scans") if isinstance(body, dict) else None
    return records if isinstance(records, list) else None


def scan_id_of(record: object) -> str | None:
    """Return the record's idempotency key in its usual spelling, or None when it is not usable."""
    return key(record.get("scan_id")) if isinstance(record, dict) else None


def key(value: object) -> str | None:
    """Return an idempotency key (a UUID) in its usual spelling, or None when it is not one."""
    if not isinstance(value, str) or len(value) != 36:
        return None
    try:
        return str(UUID(value))
    except ValueError:
        return None


def desk_scan(record: object) -> DeskScan | None:
    """Return the record as a scan, or None when it is malformed; unknown keys are ignored."""
    scan_id = scan_id_of(record)
    if scan_id is None or not isinstance(record, dict):
        return None
    code, signup_id = _text(record, "code"), _text(record, "signup_id")
    occurred_at = instant(record.get("occurred_at"))
    direction, entry = record.get("direction"), record.get("entry")
    known = isinstance(direction, str) and isinstance(entry, str)
    if not known or direction not in set(Direction) or entry not in _WAYS:
        return None
    if occurred_at is None or bool(code) == bool(signup_id):
        return None
    return DeskScan(
        scan_id=scan_id,
        direction=Direction(str(direction)),
        way=_WAYS[str(entry)],
        occurred_at=occurred_at,
        code=code,
        signup_id=signup_id,
        skew_seconds=_seconds(record.get("skew_seconds")),
    )


def _seconds(value: object) -> int | None:
    """Return by how much a clock is off, as far as clocks can be; what is no number says nothing."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if abs(value) < _MOST_SKEW else None


def _text(record: dict[str, Any], key: str) -> str:
    value = record.get(key)
    # Codes and ids are plain characters; some databases cannot even be asked for others.
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT or not value.isascii():
        return ""
    return value.strip() if value.isprintable() else ""


def instant(value: object) -> datetime | None:
    """Return what was sent as an RFC 3339 instant; one without an offset is none."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo is not None and at.year in _YEARS else None
