"""What on a desk needs a person: shifts without volunteers, stays left open, offers that lapse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from portal.attendance import queries_today as attendance
from portal.core import clock, filters
from portal.core.i18n import gettext as _
from portal.shifts.queries_desk import Planned
from portal.signups import queries_desk as queues
from portal.signups.queries_desk import Counted
from portal.site.lines import Line, Tag, Words

# Until so long after the start nobody need have come.
GRACE = timedelta(minutes=15)
# An offer that lapses within this time is worth a telephone call.
LAPSING = timedelta(hours=3)
# A duty that somebody wants to give away within this time.
COVER_AHEAD = timedelta(days=7)
_MOST = 100


def needs(
    ids: Sequence[int], rows: Sequence[Planned], words: Words, offers: Sequence[Counted]
) -> list[Line]:
    """Return the shifts that need a person, each once with all it needs, the most pressing first."""
    now = words.now
    found: dict[int, Line] = {}

    def add(row: Planned, text: str, tone: str) -> None:
        line = found.setdefault(row.id, words.line(row, with_day=True))
        line.tags.append(Tag(text, tone))

    for row in rows:
        if _is_empty(row, words):
            add(row, _("开始了，还没有人签到"), "danger")
        elif row.starts_at > now and _is_soon(row, now) and words.gap(row):
            found.setdefault(row.id, words.line(row, with_day=True))
    for open_ in attendance.left_open_at(ids, now):
        add(open_.shift, _("%(n)d 人没有签退", n=open_.count), "danger")
    for one in offers:
        if one.first_at <= now + LAPSING:
            until = filters.hour(one.first_at)
            text = _("%(n)d 个候补名额等确认，最晚 %(time)s", n=one.count, time=until)
            add(one.shift, text, "warning")
    for asked in queues.cover_asked_at(ids, now, now + COVER_AHEAD):
        add(asked.shift, _("%(n)d 人请人接班，还没人接", n=asked.count), "warning")
    for waits in attendance.to_confirm_at(ids, _MOST):
        last = filters.short_day(waits.by) if waits.by else ""
        text = _("%(n)d 人的时长等您确认，最晚 %(day)s", n=waits.count, day=last)
        add(waits.shift, text, "warning")
    return sorted(found.values(), key=lambda line: all(tag.tone != "danger" for tag in line.tags))


def _is_soon(row: Planned, now: datetime) -> bool:
    return clock.local_day(row.starts_at) <= clock.local_day(now) + timedelta(days=1)


def _is_empty(row: Planned, words: Words) -> bool:
    """Return whether a shift has begun, people hold places, and nobody has come."""
    is_late = row.starts_at + GRACE <= words.now < row.ends_at
    held = any(place.taken for place in words.places.get(row.id, ()))
    return is_late and held and not words.came.get(row.id)
