"""How many came, in words: who checked in, and apart from them the heads counted in an open crowd."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from portal.attendance import queries_headcounts as headcounts
from portal.attendance import queries_today
from portal.attendance.models_headcounts import Method
from portal.attendance.queries_headcounts import Counted
from portal.core.i18n import gettext as _
from portal.shifts.models import ShiftState
from portal.signups.panel import Panel


def in_words(came: int, counted: Counted | None, *, open_crowd: bool) -> str:
    """Return both numbers in words; what nobody counted is said to be so, and is never nought."""
    parts = [_("签到 %(n)d 人次", n=came)]
    if counted:
        parts.append(heads(counted))
    elif open_crowd:
        parts.append(_("现场人数未填报"))
    return " · ".join(parts)


def heads(counted: Counted) -> str:
    """Return a headcount in words."""
    if counted.method == Method.ESTIMATED:
        return _("现场清点约 %(n)d 人次（估计）", n=counted.number)
    return _("现场清点 %(n)d 人次", n=counted.number)


def told(panels: Sequence[Panel]) -> list[Panel]:
    """Return the panels of shifts that are over with how many came; two queries for all of them."""
    ids = [one.shift.id for one in panels if one.shift.state == ShiftState.PLANNED]
    came = queries_today.came(ids) if ids else {}
    counted = headcounts.of(ids) if ids else {}
    return [
        replace(
            one,
            turnout=in_words(
                came.get(one.shift.id, 0),
                counted.get(one.shift.id),
                open_crowd=one.shift.offering.open_crowd,
            ),
        )
        if one.shift.id in ids
        else one
        for one in panels
    ]
