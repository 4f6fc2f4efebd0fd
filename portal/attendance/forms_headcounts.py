"""The shape of input about heads: a number that is stated, and the marks of a tally as JSON."""

from __future__ import annotations

import json
import re
from datetime import datetime

from wtforms import IntegerField, RadioField
from wtforms.validators import NumberRange

from portal.attendance.forms import instant, key
from portal.attendance.models_headcounts import (
    METHOD_LABELS,
    MOST_AT_ONCE,
    MOST_HEADS,
    Method,
)
from portal.attendance.rules_headcounts import Heads, Mark
from portal.core.forms import Form, choices, needed, text_field
from portal.core.i18n import lazy_gettext as _l

MOST_MARKS = 200
_RANGE = NumberRange(0, MOST_HEADS, _l("请填 0 到 1000000 之间的整数"))


class HeadsForm(Form):
    """How many came, how that is known, and who counted."""

    number = IntegerField(
        _l("来了多少人（签到的不算在内）"),
        [needed(), _RANGE],
        render_kw={"inputmode": "numeric", "min": "0"},
    )
    method = RadioField(_l("怎么知道的"), choices=choices(METHOD_LABELS.items()), default="counted")
    counted_by = text_field(_l("谁数的"), longest=40, required=False)

    def heads(self) -> Heads:
        """Return what a valid form states."""
        method = Method(self.method.data)
        return Heads(self.number.data, method, self.counted_by.data or "")


def marks_of(data: bytes) -> list[object] | None:
    """Return the marks as sent, or None when the body is no JSON of its form."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return None
    marks = body.get("marks") if isinstance(body, dict) else None
    return marks if isinstance(marks, list) else None


def mark_of(record: object) -> Mark | None:
    """Return a record as a mark, or None when it is malformed; unknown keys are ignored."""
    if not isinstance(record, dict):
        return None
    mark_id, at = key(record.get("mark_id")), instant(record.get("counted_at"))
    amount = _amount(record.get("amount"))
    if mark_id is None or at is None or amount is None:
        return None
    return Mark(mark_id, amount, at)


def tapped(mark_id: str, text: str, now: datetime) -> Mark | None:
    """Return one tap that was sent as a form, or None when it is malformed."""
    plain = re.fullmatch("-?[0-9]{1,2}", text)
    known, amount = key(mark_id), _amount(int(text)) if plain else None
    return Mark(known, amount, now) if known and amount else None


def _amount(value: object) -> int | None:
    """Return how many heads one tap may add or take away; None for anything else."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 < abs(value) <= MOST_AT_ONCE else None
