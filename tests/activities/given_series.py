"""What tests of series need: an activity whose dates come out of a rule."""

from __future__ import annotations

from datetime import timedelta

from portal.activities import actions_series
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import write
from portal.shifts import queries_series
from portal.shifts.actions import NewPlace
from portal.shifts.models import PlaceRole
from portal.shifts.models_series import Holidays
from portal.shifts.recurrence import Freq, Rule
from portal.shifts.series import Plan

NINE, TWO_HOURS = 9 * 60, 120


def plan(rule=None, *, first=None, places=None, holidays=Holidays.KEEP, minute=NINE):
    """Return a weekly series of five, from a week ahead."""
    first = first or clock.today() + timedelta(days=7)
    rule = rule or Rule(Freq.WEEKLY, days=(first.weekday(),), count=5)
    wanted = {"volunteer": 4, "attendee": 6} if places is None else places
    return Plan(
        rule, first, minute, TWO_HOURS,
        tuple(NewPlace(PlaceRole(role), number) for role, number in wanted.items()), holidays,
    )  # fmt: skip


def series(make, station=None, *, is_course=False, **changes):
    """Return a published series."""
    activity = make.activity(station or make.station())
    return write(
        actions_series.begin, activity.id, plan(**changes), is_course=is_course,
        actor=SYSTEM, now=clock.now(),
    )  # fmt: skip


def shifts_of(row):
    """Return the shifts of its dates in time order."""
    return [one.shift for one in queries_series.dates_of(row.id)]
