"""Why somebody cannot take a course, said once for all its dates, or by date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from portal.core import clock, filters
from portal.core.errors import Reason
from portal.core.i18n import gettext as _

_BY_DATE = frozenset({"clash", "too_near", "signed_up"})


def gathered(found: Iterable[tuple[datetime, Reason]]) -> list[Reason]:
    """Return what stands against dates (start, reason): what is the same for all of them once."""
    said: dict[object, Reason] = {}
    for starts_at, reason in found:
        if reason.code in _BY_DATE:
            said[starts_at] = on_day(reason, starts_at)
        else:
            said.setdefault(reason.code, reason)
    return list(said.values())


def on_day(reason: Reason, starts_at: datetime) -> Reason:
    """Return a reason with the day it is about."""
    day = filters.day(clock.local_day(starts_at))
    message = _("%(day)s：%(reason)s", day=day, reason=reason.message)
    return Reason(reason.code, message, reason.way_text, reason.way_url)


def signed_up() -> Reason:
    """Return the refusal of who serves on a date."""
    message = _("您在这一场已经报了志愿者。请先取消那个报名。")
    return Reason("signed_up", message, _("我的报名"), "/me/signups")


def closed() -> Reason:
    """Return the refusal where no date is left."""
    message = _("这门课已经没有要上的课了。可以看看别的活动。")
    return Reason("closed", message, _("看别的活动"), "/activities")


def full() -> Reason:
    """Return the refusal where nobody can wait any more."""
    message = _("这门课已经满员，快上完了，不再排候补。可以看看别的活动。")
    return Reason("full", message, _("看别的活动"), "/activities")
