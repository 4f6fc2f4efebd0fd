"""When a post is open: the duties that its grid made are the opening hours, there is no second list.

So a holiday, a duty called off and one moved by hand are told to a visitor as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.core import clock, filters
from portal.core.i18n import gettext as _

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Hours:
    """Whether it is open now and when it opens in words (with a tone), and the hours of today."""

    state: str
    tone: str
    today: str
    is_open: bool = False


def hours(spans: Iterable[Span], next_at: datetime | None, now: datetime) -> Hours:
    """Return it for a post with these spans today; `next_at` is the start of the next one at all."""
    todays = _joined(spans)
    text = _("、").join(filters.span(*one) for one in todays)
    today = _("今天 %(spans)s", spans=text) if text else _("今天不开")
    open_until = next((end for start, end in todays if start <= now < end), None)
    if open_until:
        return Hours(
            _("现在开着，到 %(time)s", time=filters.hour(open_until)),
            "success",
            today,
            is_open=True,
        )
    return Hours(_opens(next_at), "neutral", today)


def _opens(next_at: datetime | None) -> str:
    if next_at is None:
        return _("近期不开")
    day, today = clock.local_day(next_at), clock.today()
    near = {today: _("今天"), today + timedelta(days=1): _("明天")}
    said = near.get(day) or filters.short_day(day)
    return _("没开，%(day)s %(time)s 开", day=said, time=filters.hour(next_at))


def _joined(spans: Iterable[Span]) -> Sequence[Span]:
    """Return spans in order; those that touch or overlap are one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found
