"""A second version of the rules of service time, and what yesterday's scans left open. All invented."""

from __future__ import annotations

from datetime import datetime, timedelta

from portal.attendance.actions import ScanInput, close_by_rule, record_scan
from portal.attendance.models import Direction, Way
from portal.cli.district import programme
from portal.cli.district.places import Places
from portal.cli.district.programme import Idea
from portal.cli.district.residents import Residents
from portal.core import clock
from portal.core.access import SYSTEM
from portal.hours import actions_rules
from portal.hours.rules import Terms
from portal.people.models import Person
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole, Shift
from portal.signups import actions as signups

# From then on who stays on a long shift has a break.
SINCE = timedelta(days=60)
WITH_BREAK = Terms(break_after=240, break_minutes=30)
WATCH = Idea(
    "夜市文明劝导",
    "order",
    "order",
    "everyone",
    "在夜市入口劝导车辆有序停放，提醒保持卫生。",
    19,
    90,
    5,
    place="夜市入口",
)
_FAST = timedelta(minutes=40)


def adopt(residents: Residents, now: datetime) -> None:
    """Let the officer have written the second version two months ago."""
    first = clock.local_day(now - SINCE)
    actions_rules.adopt(
        WITH_BREAK,
        first,
        "超过 4 小时的班次安排休息，休息不计时长",
        actor=residents.actor("officer"),
        now=clock.day_start(first) - timedelta(days=3),
    )


def leave_open(places: Places, residents: Residents, now: datetime) -> None:
    """Let one have forgotten to go out yesterday, one to come in, and one phone's clock be off."""
    station, manager = places.stations[0], residents.actor("manager")
    starts_at = programme.usual_start(WATCH, clock.local_day(now) - timedelta(days=1))
    before = starts_at - timedelta(days=5)
    row = programme.publish(WATCH, station, starts_at, actor=manager, now=before)
    shift = shifts.shifts_of(row.id)[0]
    only_left, forgot = residents.accounts["volunteer"], residents.accounts["member"]
    doubtful = residents.volunteers[station.id][3]
    for person in (forgot, doubtful, only_left):
        asked = starts_at - timedelta(days=2)
        signups.sign_up(shift.id, person.id, PlaceRole.VOLUNTEER, actor=SYSTEM, now=asked)
    visit = _scan(forgot, shift, Direction.IN, starts_at)
    _scan(only_left, shift, Direction.OUT, shift.ends_at, Way.CAMERA)
    for direction, at in ((Direction.IN, starts_at), (Direction.OUT, shift.ends_at)):
        _scan(doubtful, shift, direction, at, Way.CAMERA, _FAST)
    close_by_rule(visit, actor=SYSTEM, now=shift.ends_at + timedelta(hours=2))


def _scan(
    person: Person,
    shift: Shift,
    direction: Direction,
    at: datetime,
    way: Way = Way.CODE,
    off: timedelta = timedelta(),
) -> int:
    """Scan somebody at a true time, by a phone whose clock may be ahead; return the visit, if any."""
    skew = int(off.total_seconds()) or None
    scan = ScanInput(person.id, shift.id, direction, way, at + off, skew_seconds=skew)
    visit = record_scan(scan, actor=SYSTEM, now=at).visit
    return visit.id if visit else 0
