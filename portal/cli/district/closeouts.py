"""What past shifts of the demo district came to: most were told, a few are to be told, some are late.

The first station's reading room is open to whoever comes; its leader counts heads each week.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.activities import actions as activities
from portal.attendance.models_headcounts import Method
from portal.attendance.rules_headcounts import Heads
from portal.cli.district import programme
from portal.cli.district.places import Places
from portal.cli.district.residents import Residents
from portal.closeouts import actions
from portal.closeouts.rules import NOTHING, Told
from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.core.db import db
from portal.org import queries as org
from portal.org.models import Station
from portal.shifts import queries as shifts
from portal.shifts.models import Offering, OfferingType, Shift, ShiftState

DAY = timedelta(days=1)
# Heads of the reading room, week by week backwards; None: nobody told yet.
READERS = (None, 124, 118, None, 131, 120, 97, 126)
UNTOLD_SINCE = timedelta(days=18)
FRESH = timedelta(days=4)


def make(places: Places, residents: Residents, now: datetime) -> None:
    """Let the leaders have told; the action of a `write`."""
    manager = residents.actor("manager")
    _reading_room(places.stations[0], manager, now)
    for number, shift in enumerate(_over(now)):
        if shift.offering.open_crowd or now - shift.ends_at < FRESH:
            continue
        ago = now - shift.ends_at
        if (
            shift.station_id == places.stations[1].id
            and UNTOLD_SINCE < ago < UNTOLD_SINCE + 7 * DAY
        ):
            continue
        told = _told(shift, number) if number % 9 else NOTHING
        actions.report(shift.id, told, 0, actor=SYSTEM, now=shift.ends_at + DAY)


def _reading_room(station: Station, manager: Actor, now: datetime) -> None:
    idea = programme.READING
    today = clock.local_day(now)
    held: int | None = None
    for week in range(len(READERS), 0, -1):
        starts_at = programme.usual_start(idea, today - 7 * week * DAY)
        before = starts_at - 5 * DAY
        if held is None:
            row = programme.publish(idea, station, starts_at, actor=manager, now=before)
            held, shift = row.id, shifts.shifts_of(row.id)[0]
        else:
            wanted = programme.shift_of(idea, starts_at)
            shift = activities.add_shift(held, wanted, actor=manager, now=before)
        readers = READERS[week - 1]
        if readers:
            method = Method.ESTIMATED if week % 3 == 0 else Method.COUNTED
            told = Told(quality=5, amounts=_amounts(shift, week), heads=Heads(readers, method))
            actions.report(shift.id, told, 0, actor=manager, now=shift.ends_at + DAY)


def _over(now: datetime) -> Sequence[Shift]:
    query = (
        select(Shift)
        .join(Shift.offering)
        .where(
            Offering.type == OfferingType.ACTIVITY,
            Offering.published_at.is_not(None),
            Shift.state == ShiftState.PLANNED,
            Shift.ends_at <= now - DAY,
        )
    )
    return db.session.scalars(query.order_by(Shift.ends_at, Shift.id)).all()


def _told(shift: Shift, number: int) -> Told:
    remark = "下次多带一些垃圾袋。" if number % 5 == 1 else ""
    return Told(quality=4 + number % 2, remark=remark, amounts=_amounts(shift, number))


def _amounts(shift: Shift, number: int) -> dict[int, int]:
    """Return numbers of the counters that go with its kind, in hundredths."""
    usual = sorted(org.going_with(shift.offering.kind_id))
    return {
        term_id: 100 * (3 + (number * 7 + order * 5) % 23) for order, term_id in enumerate(usual)
    }
