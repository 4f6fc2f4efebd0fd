"""Copying a week: the same shifts of the same activities, a week later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from portal.activities import actions, queries_week
from portal.activities.models import Activity
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import locked
from portal.core.ref import Ref
from portal.org import queries as org
from portal.records import audit
from portal.shifts import queries as shifts
from portal.shifts import recurrence
from portal.shifts.actions import NewPlace, NewShift
from portal.shifts.models import OfferingState, PlaceRole, Shift

WEEK = timedelta(days=7)


class Copied(NamedTuple):
    """A shift, when its copy would be, and what stands against it."""

    shift: Shift
    starts_at: datetime
    ends_at: datetime
    holiday: str
    is_there: bool
    is_past: bool
    is_unlisted: bool

    @property
    def may_be(self) -> bool:
        """Whether it can be copied at all."""
        return not self.is_there and not self.is_past

    @property
    def is_usual(self) -> bool:
        """Whether it is chosen beforehand."""
        return self.may_be and not self.holiday


def propose(station_id: int, monday: date, *, now: datetime) -> list[Copied]:
    """Return a station's shifts of a week with their copies; series repeat by themselves."""
    rows = queries_week.shifts_in(station_id, monday, monday + timedelta(days=6))
    holidays = org.holidays(monday + WEEK, monday + WEEK + timedelta(days=7))
    years = set(org.published_years())
    there = queries_week.starts_of([row.offering_id for row in rows], monday + WEEK)
    return [_copied(row, holidays, years, there, now) for row in rows]


def copy(shift_ids: Sequence[int], *, actor: Actor, now: datetime) -> int:
    """Make these shifts again a week later; return how many. Twice makes no doubles."""
    made = 0
    for shift_id in sorted(set(shift_ids)):
        row = shifts.shift(shift_id)
        offering = locked(Activity, row.offering_id)
        starts_at, ends_at = _later(row)
        if offering is None or offering.state == OfferingState.CALLED_OFF or starts_at <= now:
            continue
        day = clock.local_day(starts_at)
        if (row.offering_id, starts_at) in queries_week.starts_of([row.offering_id], day):
            continue
        places = tuple(
            NewPlace(PlaceRole(place.role), place.capacity, place.label)
            for place in shifts.places(row.id)
        )
        details = NewShift(starts_at, ends_at, places, row.place, row.host)
        found = actions.add_shift(row.offering_id, details, actor=actor, now=now)
        subject = Ref("shift", found.id)
        audit.record(
            "week.copy", subject, actor=actor, now=now, station_id=row.station_id, of=row.id
        )
        made += 1
    return made


def _copied(
    row: Shift,
    holidays: Mapping[date, str],
    years: set[int],
    there: frozenset[tuple[int, datetime]],
    now: datetime,
) -> Copied:
    starts_at, ends_at = _later(row)
    day = clock.local_day(starts_at)
    return Copied(
        row,
        starts_at,
        ends_at,
        holidays.get(day, ""),
        is_there=(row.offering_id, starts_at) in there,
        is_past=starts_at <= now,
        is_unlisted=day.year not in years,
    )


def _later(row: Shift) -> tuple[datetime, datetime]:
    """Return the same span of the wall clock a week later."""
    start, end = clock.local(row.starts_at), clock.local(row.ends_at)
    length = (end.replace(tzinfo=None) - start.replace(tzinfo=None)) // timedelta(minutes=1)
    return recurrence.span(start.date() + WEEK, start.hour * 60 + start.minute, length)
