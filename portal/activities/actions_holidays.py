"""Series and the working calendar: what it asks for now, keeping a date, another policy.

Nothing happens by itself to a date that people signed up for: it is listed, and somebody decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from portal.activities.actions_series import hold, note
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.core.i18n import gettext as _
from portal.shifts import queries_series, recurrence, series
from portal.shifts.models_series import Holidays, Series, SeriesDate
from portal.signups import actions as signup_actions
from portal.signups import moves as locks
from portal.signups import queries_course


def keep_date(shift_id: int, *, actor: Actor, now: datetime) -> None:
    """Let a date take place although a holiday was published for it. Twice is harmless."""
    one = queries_series.of_shift(shift_id)
    if one is None or one.is_kept:
        return
    hold(one.series_id)
    one.is_kept = True
    note("series.keep", one.series, actor=actor, now=now, shift=shift_id)


class Touched(NamedTuple):
    """A date on which a holiday of the calendar falls, its name, and how many signed up."""

    date: SeriesDate
    holiday: str
    people: int


class Moves(NamedTuple):
    """What the working calendar as it is now means for a series: dates on holidays, days to add."""

    series: Series
    on_holidays: Sequence[Touched]
    missing: Sequence[date]

    @property
    def any(self) -> bool:
        """Whether somebody has to decide."""
        return bool(self.on_holidays or self.missing)


def moves(row: Series, *, now: datetime) -> Moves:
    """Return what has to be decided: dates on holidays, where it skips them; nothing is changed."""
    there, today = queries_series.live_days(row.id), clock.local_day(now)
    return Moves(
        row,
        on_holidays(row, now=now) if row.holidays == Holidays.SKIP else (),
        [
            one.day
            for one in series.days(row)
            if one.takes_place and one.day > today and one.day not in there
        ],
    )


def on_holidays(row: Series, *, now: datetime) -> list[Touched]:
    """Return the dates to come that lie on a holiday and that nobody has decided to keep."""
    calendar = series.calendar(min(row.starts_on, clock.local_day(now)))
    coming = [
        one
        for one in queries_series.coming_dates(row.id, now)
        if not one.is_kept and clock.local_day(one.shift.starts_at) in calendar.holidays
    ]
    people = queries_course.people_on([one.shift_id for one in coming]) if coming else {}
    return [
        Touched(
            one,
            calendar.holidays[clock.local_day(one.shift.starts_at)],
            people.get(one.shift_id, 0),
        )
        for one in coming
    ]


def set_policy(series_id: int, wanted: Holidays, *, actor: Actor, now: datetime) -> int:
    """Let a series skip holidays from now on, or no longer; return how many dates fell away.

    A date on a holiday falls away only if nobody signed up for it; any other waits for somebody to
    decide, as after an import. Days that are to be had now are offered, not made (`moves`).
    """
    row = hold(series_id)
    if row.holidays == wanted:
        return 0
    _begin_now(row, now)
    rule = recurrence.parse(row.rule)
    if wanted == Holidays.KEEP and rule.count:
        # The end stays where it is: what was skipped until then comes in between.
        count = rule.count + sum(not one.takes_place for one in series.days(row))
        row.rule = str(replace(rule, count=min(count, recurrence.MOST_DATES)))
    row.holidays = wanted
    db.session.flush()
    dropped = _drop_empty(row, actor=actor, now=now) if wanted == Holidays.SKIP else 0
    note("series.holidays", row, actor=actor, now=now, dropped=dropped)
    return dropped


# --- parts ---------------------------------------------------------------------------------------


def _begin_now(row: Series, now: datetime) -> None:
    """Let the rule speak only of what is to come: past dates were judged by the other policy."""
    today = clock.local_day(now)
    first = next((one.day for one in series.days(row) if one.day >= today), None)
    if first:
        series.cut(row, first, now=now)


def _drop_empty(row: Series, *, actor: Actor, now: datetime) -> int:
    """Call off the dates on holidays that nobody signed up for; their places are held meanwhile."""
    touched = sorted(on_holidays(row, now=now), key=lambda one: one.date.shift_id)
    for one in touched:
        locks.lock_places(one.date.shift_id)
    people = queries_course.people_on([one.date.shift_id for one in touched]) if touched else {}
    empty = [one for one in touched if not people.get(one.date.shift_id)]
    for one in empty:
        reason = _("%(name)s放假，不办", name=one.holiday)
        signup_actions.call_off(one.date.shift_id, reason, actor=actor, now=now)
        one.date.is_dropped = True
    db.session.flush()
    return len(empty)
