"""Copying a week: the same shifts, a week later.

An activity that is held at other times too gets one more date. One that was held in that week alone is
made anew as a draft, so that somebody reads its words before they are public again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
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
from portal.shifts import queries_projects as projects
from portal.shifts import recurrence
from portal.shifts.actions import NewPlace, NewShift
from portal.shifts.actions_conditions import conditions_of
from portal.shifts.models import Offering, OfferingState, PlaceRole, Shift

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
    is_once: bool

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
    there = queries_week.starts_at(station_id, monday + WEEK)
    once = _once([row.offering for row in rows], monday)
    return [_copied(row, holidays, years, there, once, now) for row in rows]


class Made(NamedTuple):
    """How many shifts were made, and how many drafts for those of an activity held only once."""

    shifts: int
    drafts: int


def copy(shift_ids: Sequence[int], *, actor: Actor, now: datetime) -> Made:
    """Make these shifts again a week later. Twice makes no doubles."""
    drafts: dict[int, int] = {}
    made = 0
    for shift_id in sorted(set(shift_ids)):
        row = shifts.shift(shift_id)
        offering = locked(Activity, row.offering_id)
        starts_at, ends_at = _later(row)
        if offering is None or offering.state == OfferingState.CALLED_OFF or starts_at <= now:
            continue
        there = queries_week.starts_at(row.station_id, clock.local_day(starts_at))
        if (offering.title, starts_at) in there:
            continue
        places = tuple(
            NewPlace(PlaceRole(place.role), place.capacity, place.label)
            for place in shifts.places(row.id)
        )
        details = NewShift(starts_at, ends_at, places, row.place, row.host)
        day = clock.local_day(row.starts_at)
        if _once([offering], day - timedelta(days=day.weekday())) and places:
            if offering.id not in drafts:
                drafts[offering.id] = _draft(offering, actor=actor, now=now)
            found = actions.add_shift(drafts[offering.id], details, actor=actor, now=now)
        else:
            found = actions.add_shift(row.offering_id, details, actor=actor, now=now)
        subject = Ref("shift", found.id)
        audit.record(
            "week.copy", subject, actor=actor, now=now, station_id=row.station_id, of=row.id
        )
        made += 1
    return Made(made, len(drafts))


# --- parts ---------------------------------------------------------------------------------------


def _once(offerings: Sequence[Offering], monday: date) -> frozenset[int]:
    """Return the published ones of these that are held in this week and at no other time."""
    published = {one.id for one in offerings if one.state == OfferingState.PUBLISHED}
    return frozenset(published - queries_week.held_elsewhen(published, monday))


def _draft(row: Activity, *, actor: Actor, now: datetime) -> int:
    """Make the same activity anew; a project that is closed and a permit of that day fall away."""
    details = actions.details_of(row)
    if row.project_id and not projects.is_open_to(row.project_id, row.station_id):
        details = replace(details, project_id=None)
    conditions = replace(conditions_of(row), permit_note="")
    found = actions.create(
        row.station_id, details, None, conditions=conditions, actor=actor, now=now
    )
    return found.id


def _copied(
    row: Shift,
    holidays: Mapping[date, str],
    years: set[int],
    there: frozenset[tuple[str, datetime]],
    once: frozenset[int],
    now: datetime,
) -> Copied:
    starts_at, ends_at = _later(row)
    day = clock.local_day(starts_at)
    return Copied(
        row,
        starts_at,
        ends_at,
        holidays.get(day, ""),
        is_there=(row.offering.title, starts_at) in there,
        is_past=starts_at <= now,
        is_unlisted=day.year not in years,
        is_once=row.offering_id in once,
    )


def _later(row: Shift) -> tuple[datetime, datetime]:
    """Return the same span of the wall clock a week later."""
    start, end = clock.local(row.starts_at), clock.local(row.ends_at)
    length = (end.replace(tzinfo=None) - start.replace(tzinfo=None)) // timedelta(minutes=1)
    return recurrence.span(start.date() + WEEK, start.hour * 60 + start.minute, length)
