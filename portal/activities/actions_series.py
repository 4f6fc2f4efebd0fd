"""Verbs on series: making one, changing a date or this and later ones, its end, holidays.

Whoever changes a series holds its row (and its course first); people who signed up keep their places
and are told of every move. Only dates to come change, and of them those that nobody changed alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from portal.activities import actions
from portal.activities.actions import Details
from portal.activities.models import Activity
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.core.ref import Ref
from portal.notices.actions import tell
from portal.people.models import Person
from portal.records import audit
from portal.shifts import actions as shift_actions
from portal.shifts import queries as shifts
from portal.shifts import queries_series, recurrence, series
from portal.shifts.actions_conditions import NO_CONDITIONS, Conditions
from portal.shifts.models import OfferingState, PlaceRole, Shift
from portal.shifts.models_series import Series, SeriesDate
from portal.shifts.recurrence import Rule
from portal.shifts.series import Plan
from portal.signups import actions as signup_actions
from portal.signups import course, queries, queries_course


class Scope(StrEnum):
    """How far a change of one date goes."""

    ONE = "one"
    LATER = "later"


class Part(StrEnum):
    """What a date is in a change: changed alone, the one it begins with, or one that follows."""

    ALONE = "alone"
    LEADS = "leads"
    FOLLOWS = "follows"


SCOPE_LABELS = {Scope.ONE: _l("只改这一次"), Scope.LATER: _l("这一次和以后的都改")}


@dataclass(frozen=True, slots=True)
class DateChange:
    """What a date becomes: its day and time, its place and host ('' the offering's), its places."""

    day: date
    starts_minute: int
    length_minutes: int
    place: str = ""
    host: str = ""
    capacities: Mapping[PlaceRole, int] = field(default_factory=dict)

    def span(self, day: date) -> tuple[datetime, datetime]:
        """Return the span on a day."""
        return recurrence.span(day, self.starts_minute, self.length_minutes)


def create(  # noqa: PLR0913  what an activity and its series are made of
    station_id: int,
    details: Details,
    plan: Plan,
    *,
    is_course: bool,
    conditions: Conditions = NO_CONDITIONS,
    actor: Actor,
    now: datetime,
) -> Activity:
    """Create a draft with all dates of a series; the same form sent twice makes one."""
    if actor.person_id:
        locked(Person, actor.person_id)
        for again in actions.sent_before(station_id, details, actor=actor, now=now):
            there = queries_series.of_offering(again.id)
            if there and (there.rule, there.starts_on) == (str(plan.rule), plan.starts_on):
                return again
    row = actions.create(station_id, details, None, conditions=conditions, actor=actor, now=now)
    begin(row.id, plan, is_course=is_course, actor=actor, now=now)
    return row


def begin(activity_id: int, plan: Plan, *, is_course: bool, actor: Actor, now: datetime) -> Series:
    """Let an activity be a series from now on; a shift that is one of its dates already stays."""
    row = locked(Activity, activity_id)
    if row is None or row.state == OfferingState.CALLED_OFF:
        raise Refused(Reason("called_off", _("这项活动已经取消了。")))
    found = series.begin(row, plan, actor=actor, now=now)
    if is_course:
        seats = sum(one.capacity for one in plan.places if one.role == PlaceRole.ATTENDEE)
        if not seats:
            raise Invalid("attendees", _("课程要写明多少人参加"))
        row.is_course = True
        course.begin(found.id, seats)
    return found


def change_date(
    shift_id: int, change: DateChange, scope: Scope, *, actor: Actor, now: datetime
) -> int:
    """Change one shift, or one of a series and the later ones; return how many were changed.

    Raises Invalid beside `day`, `ends` or a number of places.
    """
    of_series = queries_series.of_shift(shift_id)
    if of_series is None or scope == Scope.ONE:
        if of_series:
            _hold(of_series.series_id)
        shift = shift_actions.must_be_planned(shift_id, now)
        is_changed = _apply(shift, change, change.day, actor=actor, now=now, part=Part.ALONE)
        if of_series and is_changed:
            of_series.is_own = True
        return int(is_changed)
    return _change_later(of_series, change, actor=actor, now=now)


def set_end(
    series_id: int, end: Rule, reason: str, *, actor: Actor, now: datetime
) -> tuple[int, int]:
    """Let the series end by another COUNT or UNTIL; return how many dates came and went.

    `end.count` counts all its dates, the past ones among them. Dates after the new end are called
    off, and whoever signed up for them is told. Raises Invalid beside `count`, `until` or `reason`.
    """
    row = _hold(series_id)
    rule = ending(row, end, now=now)
    coming = queries_series.coming_dates(row.id, now)
    dropped = beyond(row, rule, now=now)
    if dropped and not reason:
        raise Invalid("reason", _("请写明原因，报了名的人会看到"))
    series.cut(row, _cut_day(row, coming), now=now)
    row.rule = str(rule)
    for one in dropped:
        signup_actions.call_off(one.shift_id, reason, actor=actor, now=now)
        one.is_dropped = True
    db.session.flush()
    made = _fill(row, actor=actor, now=now)
    _audit("series.set_end", row, actor=actor, now=now, dropped=len(dropped), made=made)
    return made, len(dropped)


def ending(row: Series, end: Rule, *, now: datetime) -> Rule:
    """Return the rule that `set_end` would put, from where it would begin; nothing is changed."""
    coming = queries_series.coming_dates(row.id, now)
    day = _cut_day(row, coming)
    rule = recurrence.parse(row.rule).endless
    if end.until:
        if end.until > day + recurrence.LONGEST:
            raise Invalid("until", _("最远排到两年以后。"))
        return replace(rule, until=end.until)
    earlier = sum(one < day for one in queries_series.live_days(row.id))
    if (end.count or 0) <= earlier:
        message = _("已经办了 %(n)d 次，要比这个多。要马上结束，请选“到哪天”。", n=earlier)
        raise Invalid("count", message)
    return replace(rule, count=(end.count or 0) - earlier)


def beyond(row: Series, rule: Rule, *, now: datetime) -> list[SeriesDate]:
    """Return the dates to come that would lie after the end of the rule."""
    coming = queries_series.coming_dates(row.id, now)
    day = _cut_day(row, coming)
    if rule.until:
        return [one for one in coming if one.original_on > rule.until]
    left = [one for one in coming if one.original_on >= day]
    known = recurrence.given(
        rule, day, series.calendar(day), skips=row.holidays == "skip",
        kept={one.original_on for one in left},
    )  # fmt: skip
    last = max((one.day for one in known), default=day)
    return [one for one in left if one.original_on > last]


def fill(series_id: int, *, actor: Actor, now: datetime) -> int:
    """Make the dates that the series has by the calendar as it is now and that are missing."""
    row = _hold(series_id)
    made = _fill(row, actor=actor, now=now)
    _audit("series.fill", row, actor=actor, now=now, made=made)
    return made


def keep_date(shift_id: int, *, actor: Actor, now: datetime) -> None:
    """Let a date take place although a holiday was published for it. Twice is harmless."""
    one = queries_series.of_shift(shift_id)
    if one is None or one.is_kept:
        return
    _hold(one.series_id)
    one.is_kept = True
    _audit("series.keep", one.series, actor=actor, now=now, shift=shift_id)


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
    """Return what has to be decided for a series that skips holidays; nothing is changed."""
    if row.holidays != "skip":
        return Moves(row, (), ())
    calendar = series.calendar(min(row.starts_on, clock.local_day(now)))
    coming = [
        one
        for one in queries_series.coming_dates(row.id, now)
        if not one.is_kept and clock.local_day(one.shift.starts_at) in calendar.holidays
    ]
    people = queries_course.people_on([one.shift_id for one in coming]) if coming else {}
    there, today = queries_series.live_days(row.id), clock.local_day(now)
    return Moves(
        row,
        [
            Touched(
                one,
                calendar.holidays[clock.local_day(one.shift.starts_at)],
                people.get(one.shift_id, 0),
            )
            for one in coming
        ],
        [
            one.day
            for one in series.days(row)
            if one.takes_place and one.day > today and one.day not in there
        ],
    )


# --- parts ---------------------------------------------------------------------------------------


def _hold(series_id: int) -> Series:
    """Lock the course, if it is one, then the series."""
    row = db.session.get_one(Series, series_id)
    found = queries_course.course_of_offering(row.offering_id)
    if found:
        course.hold(series_id)
    return series.hold(series_id)


def _fill(row: Series, *, actor: Actor, now: datetime) -> int:
    made = series.fill(row.id, actor=actor, now=now)
    if made:
        course.bring(row.offering_id, actor=actor, now=now)
    return len(made)


def _cut_day(row: Series, coming: Sequence[SeriesDate]) -> date:
    return max(row.starts_on, min((one.original_on for one in coming), default=row.starts_on))


def _change_later(of_series: SeriesDate, change: DateChange, *, actor: Actor, now: datetime) -> int:
    """Change the series from this date on: its rule, its time, and every later date that follows."""
    row = _hold(of_series.series_id)
    shift_actions.must_be_planned(of_series.shift_id, now)
    first = of_series.original_on
    if first < row.starts_on and change.day != first:
        message = _(
            "以后的日期已经另外改过，不能再一起改日期。可以只改这一次，或者从改过的那一次改起。"
        )
        raise Invalid("day", message)
    before = recurrence.parse(row.rule)
    after = recurrence.moved(before, first, change.day)
    later = [
        one
        for one in queries_series.coming_dates(row.id, now)
        if one.original_on >= first and (not one.is_own or one.shift_id == of_series.shift_id)
    ]
    _put_rule(row, first, change, after, now=now)
    goes = [(one, recurrence.follows(before, after, one.original_on)) for one in later]
    following = [(one, day) for one, day in goes if day]
    taken = queries_series.live_days(row.id) - {one.original_on for one in later}
    following = [(one, day) for one, day in following if day not in taken]
    series.rekey(following)
    of_series.is_own = False
    changed = sum(
        _apply(
            one.shift,
            change,
            day,
            actor=actor,
            now=now,
            part=Part.LEADS if one is of_series else Part.FOLLOWS,
        )
        for one, day in following
    )
    _set_places(row, change, actor=actor, now=now)
    db.session.flush()
    _fill(row, actor=actor, now=now)
    _audit("series.change", row, actor=actor, now=now, changed=changed)
    return changed


def _put_rule(row: Series, first: date, change: DateChange, after: Rule, *, now: datetime) -> None:
    """Let the rule begin at this date, on its new day, with its new time and place."""
    rule = series.cut(row, first, now=now)
    end = {"count": rule.count, "until": rule.until}
    if rule.until and change.day > rule.until:
        end["until"] = change.day
    row.rule = str(replace(after, **end))  # type: ignore[arg-type]
    if row.starts_on == first:
        row.starts_on = change.day
    row.starts_minute, row.length_minutes = change.starts_minute, change.length_minutes
    row.place, row.host = change.place, change.host


def _set_places(row: Series, change: DateChange, *, actor: Actor, now: datetime) -> None:
    for one in queries_series.places_of(row.id):
        capacity = change.capacities.get(PlaceRole(one.role))
        if capacity and not one.label:
            one.capacity = capacity
    seats = change.capacities.get(PlaceRole.ATTENDEE)
    if seats and queries_course.course_of_offering(row.offering_id):
        try:
            course.set_capacity(row.id, seats, actor=actor, now=now)
        except Invalid as wrong:
            raise Invalid("attendees", wrong.message) from None


def _apply(
    shift: Shift, change: DateChange, day: date, *, actor: Actor, now: datetime, part: Part
) -> bool:
    """Give a shift its new span, place, host and places; return whether anything is different."""
    span = change.span(day)
    moves_ = (shift.starts_at, shift.ends_at) != span
    if moves_:
        if span[0] <= now:
            raise Invalid("day", _("新的时间已经过去了。"))
        signup_actions.move(shift.id, *span, actor=actor, now=now)
    elsewhere = (shift.place, shift.host) != (change.place, change.host)
    if elsewhere:
        _set_venue(shift, change, actor=actor, now=now)
    resized = [
        _resize(shift, role, capacity, actor=actor, now=now, part=part)
        for role, capacity in change.capacities.items()
    ]
    return moves_ or elsewhere or any(resized)


def _set_venue(shift: Shift, change: DateChange, *, actor: Actor, now: datetime) -> None:
    is_elsewhere = shift.place != change.place
    shift.place, shift.host = change.place, change.host
    shift_actions.touch(shift, now)
    audit.record(
        "shift.change", Ref("shift", shift.id), actor=actor, now=now, station_id=shift.station_id
    )
    for row in queries.on_shift(shift.id) if is_elsewhere else ():
        tell(row.person_id, "shift_place_changed", Ref("shift", shift.id), now=now)


def _resize(
    shift: Shift, role: PlaceRole, capacity: int, *, actor: Actor, now: datetime, part: Part
) -> bool:
    """Set the places of a role; a later date never has fewer than people hold there."""
    place = shifts.place_named(shift.id, role, "")
    if place is None or place.capacity == capacity:
        return False
    if role == PlaceRole.ATTENDEE and shift.offering.is_course:
        if part == Part.ALONE:
            message = _("课程的名额整门一起改，请选“这一次和以后的都改”。")
            raise Invalid("attendees", message)
        return False  # the course sets the seats of all its dates
    wanted = max(capacity, place.taken) if part == Part.FOLLOWS else capacity
    try:
        signup_actions.set_capacity(place.id, wanted, actor=actor, now=now)
    except Invalid as wrong:
        raise Invalid(f"{role}s", wrong.message) from None
    return True


def _audit(verb: str, row: Series, *, actor: Actor, now: datetime, **details: int) -> None:
    station_id = shifts.offering(row.offering_id).station_id
    subject = Ref("series", row.id)
    audit.record(verb, subject, actor=actor, now=now, station_id=station_id, **details)
