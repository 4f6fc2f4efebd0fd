"""The permit of the police that a large activity needs: whether it is missing, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portal.activities.models import Activity
from portal.core import clock
from portal.shifts import conditions, rules
from portal.shifts.models import Shift, ShiftState


def is_missing(activity: Activity) -> bool:
    """Whether the activity is large and no permit is noted."""
    return rules.needs_permit(activity.expected_persons, activity.permit_note)


def words(activity: Activity, shifts: Sequence[Shift], now: datetime) -> str:
    """Return the warning with the last day for applying; empty when nothing is missing."""
    if not is_missing(activity):
        return ""
    coming = [
        row.starts_at for row in shifts if row.state == ShiftState.PLANNED and row.ends_at > now
    ]
    if not coming:
        return ""
    last = rules.last_day_to_apply(clock.local_day(min(coming)))
    return conditions.permit_words(activity.expected_persons, last, clock.local_day(now))
