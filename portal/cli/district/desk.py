"""What makes the first station's desk a day: an offer that is out, a draft that came back, templates."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from portal.activities import actions as activities
from portal.activities import actions_templates as templates
from portal.attendance import actions_sheets as sheets
from portal.cli.district import coming, programme
from portal.cli.district.places import Places
from portal.cli.district.programme import Idea
from portal.cli.district.residents import Residents
from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.org.models import Station
from portal.people.models import Person
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole
from portal.signups import actions as signups
from portal.signups import queries as signup_queries

EVENING = Idea(
    "傍晚遛弯巡逻",
    "safety",
    "order",
    "everyone",
    "边散步边看路灯、井盖和楼道口的电动车。",
    18,
    60,
    2,
    place="站里集合",
)
SWIM = Idea(
    "泳池安全值守",
    "safety",
    "order",
    "children",
    "暑期在社区泳池边看护，持救生证的带队。",
    15,
    120,
    4,
    place="社区泳池",
)
LATER = timedelta(hours=4)
BLANK_ROWS = 10


def make(made: Places, residents: Residents, now: datetime) -> None:
    """Give the first station what its manager finds in the morning."""
    station, manager = made.stations[0], residents.actor("manager")
    _offer(station, residents.volunteers[station.id], now)
    _returned(station, manager, residents.actor("officer"), now)
    _templates(station, manager, now)


def _offer(station: Station, people: list[Person], now: datetime) -> None:
    """A full shift in a few hours: somebody withdrew, and who waited is asked."""
    starts_at = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0) + LATER
    row = programme.publish(EVENING, station, starts_at, actor=SYSTEM, now=now)
    shift = shifts.shifts_of(row.id)[0]
    coming.sign_up(shift, people, EVENING.volunteers + 2, now)
    first = signup_queries.on_shift(shift.id)[0]
    signups.withdraw(first.id, "临时要加班", actor=SYSTEM, now=now)


def _returned(station: Station, manager: Actor, officer: Actor, now: datetime) -> None:
    """A risky activity that the reviewer gave back."""
    starts_at = programme.usual_start(SWIM, clock.local_day(now) + timedelta(days=9))
    details = programme.details_of(SWIM, station, risky=True)
    shift = programme.shift_of(SWIM, starts_at)
    row = activities.create(station.id, details, shift, actor=manager, now=now)
    activities.publish(row.id, actor=manager, now=now)
    activities.give_back(row.id, "请写明谁持有救生证，以及急救箱放在哪里。", actor=officer, now=now)


def _templates(station: Station, manager: Actor, now: datetime) -> None:
    """A template of its own, one that is out of use; and a sheet that was printed."""
    idea = replace(programme.WEEKLY[6], title="绿道健步走")
    starts_at = programme.usual_start(idea, clock.local_day(now) + timedelta(days=5))
    row = programme.publish(idea, station, starts_at, actor=manager, now=now)
    templates.keep(row.id, station.id, "绿道健步走", actor=manager, now=now)
    old = templates.keep(row.id, station.id, "健步走（旧）", actor=manager, now=now)
    templates.retire(old.id, actor=manager, now=now)
    (shift,) = shifts.shifts_of(row.id)
    coming.sign_up(shift, coming.volunteers_of(station.id)[6:], 3, now, PlaceRole.ATTENDEE)
    sheets.draw_up(shift.id, BLANK_ROWS, actor=manager, now=now)
