"""The shape of input about stations."""

from __future__ import annotations

import re

from wtforms import IntegerField, StringField
from wtforms.validators import NumberRange, Optional, ValidationError

from portal.core.forms import Choice, Form, clean, long_text_field, text_field
from portal.core.i18n import lazy_gettext as _l
from portal.org.models import OpeningHours

_SPAN = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~至到]\s*(\d{1,2})[:：](\d{2})")
_BETWEEN = re.compile(r"[，,、;；\s]*")
DAY_MINUTES = 24 * 60
WEEKDAYS = (
    _l("周一"),
    _l("周二"),
    _l("周三"),
    _l("周四"),
    _l("周五"),
    _l("周六"),
    _l("周日"),
)


def parse_spans(text: str) -> list[tuple[int, int]] | None:
    """Return the spans of `08:30-12:00、14:00-18:00` in minutes of the day; None when it is not so.

    Spans come in order and do not overlap; an empty text is a day closed.
    """
    if _BETWEEN.fullmatch(_SPAN.sub("", text)) is None:
        return None
    spans = []
    before = -1
    for found in _SPAN.finditer(text):
        hours = [int(part) for part in found.groups()]
        opens, closes = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
        if max(hours[1], hours[3]) > 59 or not before < opens < closes <= DAY_MINUTES:
            return None
        spans.append((opens, closes))
        before = closes
    return spans


def spans_text(rows: list[OpeningHours]) -> str:
    """Return opening hours as they are typed."""
    return "、".join(f"{_clock(row.opens_minute)}-{_clock(row.closes_minute)}" for row in rows)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


class Spans:
    """Validator: opening hours of a day."""

    def __call__(self, form: Form, field: StringField) -> None:  # noqa: ARG002
        """Raise ValidationError when it cannot be read."""
        if field.data and parse_spans(field.data) is None:
            raise ValidationError(_l("请写成 08:30-12:00、14:00-18:00 这样，不开放就不填"))


class StationForm(Form):
    """What a station is made of."""

    name = text_field(_l("名称"), longest=60, shortest=2)
    level = Choice(_l("级别"))
    community = text_field(_l("社区名"), longest=60, required=False)
    point_type = Choice(_l("点的类型"))
    address = text_field(_l("地址"), longest=120, required=False)
    directions = text_field(_l("怎么来"), longest=200, required=False)
    phone = text_field(_l("电话"), longest=30, required=False, render_kw={"type": "tel"})
    summary = long_text_field(_l("简介"), longest=1000, required=False)
    population = IntegerField(
        _l("常住人口"),
        [Optional(), NumberRange(0, 10**8, _l("请填整数"))],
        render_kw={"inputmode": "numeric"},
    )

    def hours(self) -> tuple[tuple[int, int, int], ...]:
        """Return (weekday, opens, closes) of all days."""
        return tuple(
            (weekday, opens, closes)
            for weekday in range(7)
            for opens, closes in parse_spans(self[f"day_{weekday}"].data or "") or []
        )

    def days(self) -> list[StringField]:
        """Return the seven fields of opening hours."""
        return [self[f"day_{weekday}"] for weekday in range(7)]


for _weekday, _name in enumerate(WEEKDAYS):
    setattr(StationForm, f"day_{_weekday}", StringField(_name, [Optional(), Spans()], [clean]))
