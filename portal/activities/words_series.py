"""A series in words: its rule, the days it gives, and what the calendar says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.activities.actions_series import Moves
from portal.core import clock, filters
from portal.core.i18n import gettext as _
from portal.shifts import recurrence
from portal.shifts.models import ShiftState
from portal.shifts.models_series import Series, SeriesDate
from portal.shifts.recurrence import Given, Rule
from portal.signups import panel, queries, queries_course
from portal.signups.models import SIGNUP_STATE_LABELS, Signup, SignupState
from portal.signups.models_course import CourseSignup


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a preview."""

    text: str
    note: str
    takes_place: bool
    tone: str = "neutral"


def preview(days: Sequence[Given]) -> list[Day]:
    """Return the days of a plan in words, the skipped ones with the holiday's name."""
    return [_day(one) for one in days]


def _day(one: Given) -> Day:
    text = filters.day(one.day)
    if not one.takes_place:
        return Day(text, _("%(name)s，不办", name=one.holiday or _("放假")), takes_place=False)
    if one.holiday:
        note = _("%(name)s放假，照常办", name=one.holiday)
        return Day(text, note, takes_place=True, tone="warning")
    if one.is_swapped:
        return Day(text, _("调休上班"), takes_place=True, tone="info")
    if one.is_unlisted:
        return Day(text, _("尚无放假安排"), takes_place=True, tone="warning")
    return Day(text, "", takes_place=True)


def ending(rule: Rule, earlier: int = 0) -> str:
    """Return when the rule ends in words."""
    if rule.count:
        return _("一共 %(n)d 次", n=rule.count + earlier)
    return _("到 %(day)s为止", day=filters.day(rule.until)) if rule.until else ""


@dataclass(frozen=True, slots=True)
class DateShown:
    """One date of a series at the desk or in public."""

    shift: Any
    when: str
    place: str
    host: str
    state: str
    is_over: bool
    is_planned: bool
    is_own: bool
    was: str
    people: int
    note: str
    places: str


def dates(
    rows: Sequence[SeriesDate], holidays: Mapping[date, str], years: Sequence[int], now: datetime
) -> list[DateShown]:
    """Return the dates in words, in a constant number of queries."""
    ids = [one.shift_id for one in rows]
    people = queries_course.people_on(ids) if ids else {}
    places = queries.places_of(ids) if ids else {}
    return [
        _date(one, people.get(one.shift_id, 0), places.get(one.shift_id, ()), holidays, years, now)
        for one in rows
    ]


def _date(
    one: SeriesDate,
    people: int,
    places: Sequence[queries.PlacesOf],
    holidays: Mapping[date, str],
    years: Sequence[int],
    now: datetime,
) -> DateShown:
    shift, day = one.shift, clock.local_day(one.shift.starts_at)
    unlisted = _("尚无放假安排") if day.year not in years else ""
    shown = [panel.place_shown(place) for place in places]
    return DateShown(
        shift=shift,
        when=filters.when(shift.starts_at, shift.ends_at),
        place=shift.venue,
        host=shift.host,
        state=panel.state_text(shift, shift.offering, now),
        is_over=now >= shift.ends_at,
        is_planned=shift.state == "planned",
        is_own=one.is_own,
        was=filters.day(one.original_on) if one.original_on != day else "",
        people=people,
        note=holidays.get(day, "") or unlisted,
        places=_("；").join(f"{place.label}{_('：')}{place.text}" for place in shown),
    )


def rule_text(row: Series) -> str:
    """Return the rule of a series in words, with its time."""
    first, last = recurrence.span(row.starts_on, row.starts_minute, row.length_minutes)
    said = recurrence.words(recurrence.parse(row.rule))
    return _("%(rule)s %(span)s", rule=said, span=filters.span(first, last))


def decisions(found: Moves) -> list[str]:
    """Return the days to add in words."""
    return [filters.day(day) for day in found.missing]


@dataclass(frozen=True, slots=True)
class Attendance:
    """A course's table: a heading for each date, and a row for each person in it."""

    dates: Sequence[str]
    rows: Sequence[tuple[str, str, Sequence[str], int]]


def attendance(
    rows: Sequence[CourseSignup],
    signups: Mapping[int, Sequence[Signup]],
    all_dates: Sequence[SeriesDate],
) -> Attendance:
    """Return who came when: name, state, a mark for each date that takes place, times present."""
    held = [one.shift for one in all_dates if one.shift.state == ShiftState.PLANNED]
    marks = {
        SignupState.ATTENDED: _("到"),
        SignupState.NO_SHOW: _("缺"),
        SignupState.WITHDRAWN: _("假"),
        SignupState.CONFIRMED: _("报"),
    }
    found = []
    for row in rows:
        # A date given back and taken again has two rows: the later one counts.
        states = {one.shift_id: SignupState(one.state) for one in signups.get(row.id, ())}
        cells = [marks.get(states[one.id], "") if one.id in states else "" for one in held]
        came = sum(state == SignupState.ATTENDED for state in states.values())
        state = str(SIGNUP_STATE_LABELS[SignupState(row.state)])
        found.append((row.person.name, state, cells, came))
    return Attendance([filters.short_day(clock.local_day(one.starts_at)) for one in held], found)
