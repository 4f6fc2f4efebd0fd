"""Making and filling a series: its rule becomes shifts. Changing what people signed up for: higher up.

Whoever fills a series holds its row; behind it stands a unique (series, day).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import cast

from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.org import queries as org
from portal.records import audit
from portal.shifts import actions, queries_series, recurrence
from portal.shifts.actions import NewPlace, NewShift
from portal.shifts.models import Offering, PlaceRole, Shift
from portal.shifts.models_series import Holidays, Series, SeriesDate, SeriesPlace
from portal.shifts.recurrence import Calendar, Given, Rule


@dataclass(frozen=True, slots=True)
class Plan:
    """What a series is made of. Minutes are of the local day; a date may last until the next one."""

    rule: Rule
    starts_on: date
    starts_minute: int
    length_minutes: int
    places: tuple[NewPlace, ...]
    holidays: Holidays = Holidays.SKIP


def calendar(first: date) -> Calendar:
    """Return the district's working calendar over the time a series may last."""
    last = first + recurrence.LONGEST + timedelta(days=1)
    return Calendar(
        org.holidays(first, last), org.swapped_days(first, last), set(org.published_years())
    )


def preview(plan: Plan) -> list[Given]:
    """Return the days of a plan, skipped ones among them; nothing is made."""
    skips = plan.holidays == Holidays.SKIP
    return recurrence.given(plan.rule, plan.starts_on, calendar(plan.starts_on), skips=skips)


def days(row: Series) -> list[Given]:
    """Return the days that the series gives now, from where its rule begins."""
    return recurrence.given(
        recurrence.parse(row.rule),
        row.starts_on,
        calendar(row.starts_on),
        skips=row.holidays == Holidays.SKIP,
        kept=queries_series.kept_days(row.id),
    )


def begin(offering: Offering, plan: Plan, *, actor: Actor, now: datetime) -> Series:
    """Give an offering a series and make its dates; a shift there already is taken in by its day.

    Raises Invalid when the offering has a series, when no day takes place, or there is no place.
    """
    if queries_series.of_offering(offering.id):
        raise Invalid("repeat", _("这项活动已经是系列了。"))
    if not plan.places:
        raise Invalid("volunteers", _("请写明要几名志愿者，或者多少人参加"))
    if not any(day.takes_place for day in preview(plan)):
        raise Invalid("repeat", _("按这个规则没有一天能办。请改日期或者星期。"))
    row = Series(
        offering_id=offering.id,
        rule=str(plan.rule),
        starts_on=plan.starts_on,
        starts_minute=plan.starts_minute,
        length_minutes=plan.length_minutes,
        holidays=plan.holidays,
        created_at=now,
        created_by_id=actor.person_id,
        updated_at=now,
    )
    db.session.add(row)
    db.session.flush()
    db.session.add_all(SeriesPlace(series_id=row.id, **one._asdict()) for one in plan.places)
    _take_in(row, plan, offering)
    db.session.flush()
    fill(row.id, actor=actor, now=now)
    _audit("series.create", row, offering.station_id, actor=actor, now=now)
    return row


def fill(series_id: int, *, actor: Actor, now: datetime) -> list[Shift]:
    """Make the dates to come that are missing, and return them. Twice, and side by side, is harmless."""
    row = hold(series_id)
    offering = db.session.get_one(Offering, row.offering_id)
    there = queries_series.live_days(row.id)
    made = [
        _make(row, offering, one.day, actor=actor, now=now)
        for one in days(row)
        if one.takes_place and one.day not in there and _span(row, one.day)[0] > now
    ]
    db.session.flush()
    return made


def hold(series_id: int) -> Series:
    """Lock the series and return it as it is now."""
    return cast(Series, locked(Series, series_id))


def cut(row: Series, day: date, *, now: datetime) -> Rule:
    """Let the rule begin on one of its days; a COUNT loses the dates that stand before it.

    Returns the rule as it holds from there.
    """
    rule = recurrence.parse(row.rule)
    if day > row.starts_on and rule.count:
        before = sum(one.takes_place and one.day < day for one in days(row))
        rule = replace(rule, count=max(rule.count - before, 1))
    row.starts_on, row.rule, row.updated_at = max(day, row.starts_on), str(rule), now
    return rule


def rekey(pairs: Collection[tuple[SeriesDate, date]]) -> None:
    """Give dates other days of the rule, all at once: on the way two may want the same one."""
    far = timedelta(days=100 * 366)
    for one, day in pairs:
        one.original_on = day + far
    db.session.flush()
    for one, day in pairs:
        one.original_on = day
    db.session.flush()


# --- parts ---------------------------------------------------------------------------------------


def _take_in(row: Series, plan: Plan, offering: Offering) -> None:
    """A shift that begins exactly as a date of the plan is that date."""
    wanted = {_span(row, one.day)[0]: one.day for one in preview(plan) if one.takes_place}
    for shift in queries_series.planned_of(offering.id):
        day = wanted.pop(shift.starts_at, None)
        if day:
            db.session.add(SeriesDate(shift_id=shift.id, series_id=row.id, original_on=day))


def _span(row: Series, day: date) -> tuple[datetime, datetime]:
    return recurrence.span(day, row.starts_minute, row.length_minutes)


def _make(row: Series, offering: Offering, day: date, *, actor: Actor, now: datetime) -> Shift:
    places = tuple(
        NewPlace(PlaceRole(one.role), one.capacity, one.label)
        for one in queries_series.places_of(row.id)
    )
    details = NewShift(*_span(row, day), places, row.place, row.host)
    shift = actions.add_shift(offering, details, actor=actor, now=now)
    db.session.add(SeriesDate(shift_id=shift.id, series_id=row.id, original_on=day))
    return shift


def _audit(verb: str, row: Series, station_id: int, *, actor: Actor, now: datetime) -> None:
    audit.record(verb, Ref("series", row.id), actor=actor, now=now, station_id=station_id)
