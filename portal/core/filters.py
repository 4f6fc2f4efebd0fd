"""How times, names and numbers are shown. Templates get ready words from here."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from flask import Flask
from markupsafe import Markup

from portal.core import clock
from portal.core.i18n import gettext as _
from portal.core.i18n import lang

_WEEKDAYS = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# No break inside a date or a time span.
_NBSP = "\u00a0"


def weekday(day: date) -> str:
    """Return 周六 / Sat."""
    return _WEEKDAYS[lang()][day.weekday()]


def month(day: date) -> str:
    """Return 11月 / Nov."""
    return f"{day.month}月" if lang() == "zh" else _MONTHS[day.month - 1]


def day(value: date) -> str:
    """Return 11月28日 周六 (with the year when it is not this one)."""
    year = "" if value.year == clock.today().year else str(value.year)
    if lang() == "en":
        return f"{weekday(value)} {value.day} {_MONTHS[value.month - 1]} {year}".strip().replace(
            " ", _NBSP
        )
    return f"{year + '年' if year else ''}{value.month}月{value.day}日{_NBSP}{weekday(value)}"


def short_day(value: date) -> str:
    """Return 11月28日 / 28 Nov."""
    if lang() == "en":
        return f"{value.day}{_NBSP}{_MONTHS[value.month - 1]}"
    return f"{value.month}月{value.day}日"


def near_day(value: date) -> str:
    """Return 今天 / 明天 before the date where it is so."""
    distance = (value - clock.today()).days
    words = {0: _("今天"), 1: _("明天")}
    return f"{words[distance]} {day(value)}" if distance in words else day(value)


def hour(at: datetime) -> str:
    """Return 14:00, on the district's clock."""
    return clock.local(at).strftime("%H:%M")


def span(starts_at: datetime, ends_at: datetime) -> str:
    """Return 14:00-16:00, with the end's date when it is another day."""
    first, last = clock.local(starts_at), clock.local(ends_at)
    if first.date() == last.date() or (
        last.date() - first.date() == timedelta(1) and not (last.hour or last.minute)
    ):
        return f"{first:%H:%M}-{last:%H:%M}"
    return f"{first:%H:%M} - {day(last.date())}{_NBSP}{last:%H:%M}"


def when(starts_at: datetime, ends_at: datetime) -> str:
    """Return 今天 11月28日 周六 14:00-16:00."""
    return f"{near_day(clock.local_day(starts_at))} {span(starts_at, ends_at)}"


def moment(at: datetime) -> str:
    """Return 11月28日 周六 14:05."""
    return f"{day(clock.local_day(at))}{_NBSP}{hour(at)}"


def masked_name(name: str) -> str:
    """Return 张* : the first character and one star, so that not even the length is told."""
    return name[:1] + "*"


def masked_phone(phone: str | None) -> str:
    """Return 138****1234."""
    return f"{phone[:3]}****{phone[-4:]}" if phone and len(phone) >= 7 else ""


def minutes(value: int) -> str:
    """Return 1 小时 30 分 / 1 h 30 min."""
    hours, rest = divmod(abs(value), 60)
    sign = "-" if value < 0 else ""
    parts = []
    if hours:
        parts.append(_("%(n)d 小时", n=hours))
    if rest or not hours:
        parts.append(_("%(n)d 分钟", n=rest))
    return sign + " ".join(parts)


def number(value: float) -> str:
    """Return 12,345."""
    return f"{value:,}"


def whole(text: str) -> Markup:
    """Return a text of which a line breaks no part off: a date within a sentence."""
    return Markup('<span class="nowrap">{}</span>').format(text)


_DATE_OR_SPAN = re.compile(r"(\d{1,2}月\d{1,2}日(?:\xa0周.)?|\d{1,2}:\d{2}-\d{1,2}:\d{2})")


def unbroken(text: str) -> Markup:
    """Return a sentence in which no line breaks a date or a span of hours in the middle."""
    parts = _DATE_OR_SPAN.split(str(text))
    return Markup("").join(whole(part) if number % 2 else part for number, part in enumerate(parts))


def init_app(app: Flask) -> None:
    """Put the words into the templates."""
    app.jinja_env.filters.update(
        day=day,
        near_day=near_day,
        hour=hour,
        moment=moment,
        weekday=weekday,
        month=month,
        masked_name=masked_name,
        masked_phone=masked_phone,
        minutes=minutes,
        number=number,
        local_day=clock.local_day,
        unbroken=unbroken,
        whole=whole,
    )
    app.jinja_env.globals.update(when=when, span=span)
