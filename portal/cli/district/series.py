"""Series, a course, talks that go round, and a fair with stalls, in the demo district. All invented."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from portal.activities import actions as activities
from portal.activities import actions_series
from portal.activities.actions_series import DateChange, Scope
from portal.activities.models import Activity
from portal.cli.district import programme
from portal.cli.district.places import Places
from portal.cli.district.programme import Idea
from portal.cli.district.residents import Residents
from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.core.db import db
from portal.core.errors import Refused
from portal.org import queries as org
from portal.org.models import Station
from portal.shifts import queries as shifts
from portal.shifts import queries_series
from portal.shifts.actions import NewPlace
from portal.shifts.models import PlaceRole
from portal.shifts.models_series import Holidays, Series
from portal.shifts.recurrence import Freq, Rule
from portal.shifts.series import Plan
from portal.signups import course, queries_course, stalls

DAY = timedelta(days=1)
WEEKS = 8
SEATS = 6
READING = Idea(
    "晨读会", "reading", "welfare", "everyone", "每周一起读半小时书，读完聊聊，茶水自备。",
    8, 90, 2, 20, place="文明书房",
)  # fmt: skip
CALLIGRAPHY = Idea(
    "毛笔书法班", "culture", "relations", "everyone",
    "从握笔写到一副春联，一共八次，笔墨纸砚都有。整门课一起报名。",
    14, 120, 2, SEATS, place="文明实践工坊",
)  # fmt: skip
TALKS = Idea(
    "道德模范“五进”宣讲", "theory", "welfare", "everyone",
    "身边好人讲身边事，进学校、机关、企业、街道、社区，一处一场。",
    16, 90, 2, 60, place="报告厅",
)  # fmt: skip
# Where each talk is, and who receives it.
ROUND = (
    ("城北小学阶梯教室", "城北小学"),
    ("行政服务中心三楼会议室", "区政务服务局"),
    ("高新园一号楼食堂", "清水电子厂"),
    ("东湾街道办多功能厅", "东湾街道办"),
    ("榕树文化广场", "榕树社区居委会"),
)
STALLS = (("义诊", 4), ("便民理发", 3), ("小家电维修", 3), ("爱心义卖", 5))


def make(places: Places, residents: Residents, now: datetime) -> None:
    """Make them; the action of a `write`."""
    manager = residents.actor("manager")
    first = places.stations[0]
    today = clock.local_day(now)
    _series(READING, places.stations[1], _holiday_morning(today), WEEKS, actor=SYSTEM, now=now)
    row = _series(CALLIGRAPHY, first, today + 4 * DAY, WEEKS, actor=manager, now=now)
    _join(row, residents, first, now)
    _talks(places.stations[2], today, now)
    _fair(now)


def _holiday_morning(today: date) -> date:
    """Return a first day from which the series meets the next listed holiday, if there is one."""
    known = sorted(org.holidays(today + DAY, today + WEEKS * 7 * DAY))
    wanted = known[0] if known else today + 3 * DAY
    first = today + DAY
    return first + (wanted.weekday() - first.weekday()) % 7 * DAY


def _series(
    idea: Idea,
    station: Station,
    first: date,
    count: int,
    *,
    actor: Actor,
    now: datetime,
) -> Series:
    wanted = programme.shift_of(idea, programme.usual_start(idea, first))
    plan = Plan(
        rule=Rule(Freq.WEEKLY, days=(first.weekday(),), count=count),
        starts_on=first,
        starts_minute=idea.hour * 60,
        length_minutes=idea.minutes,
        places=tuple(NewPlace(*place) for place in wanted.places),
        holidays=Holidays.SKIP,
    )
    details = programme.details_of(idea, station)
    row = actions_series.create(
        station.id, details, plan, is_course=idea is CALLIGRAPHY, actor=actor, now=now
    )
    activities.publish(row.id, actor=actor, now=now)
    found = queries_series.of_offering(row.id)
    if found is None:  # pragma: no cover  it was just made
        raise LookupError(row.id)
    return found


def _join(row: Series, residents: Residents, station: Station, now: datetime) -> None:
    """The demo's resident and neighbours are in the course; one more waits for a place."""
    resident = residents.accounts["resident"]
    neighbours = [one.id for one in residents.volunteers[station.id]]
    for person_id in [resident.id, *neighbours]:
        if len(queries_course.in_course(row.id)) <= SEATS:
            with suppress(Refused):  # busy elsewhere on one of its dates
                course.sign_up(row.id, person_id, actor=SYSTEM, now=now)


def _talks(station: Station, today: date, now: datetime) -> None:
    """A talk a week, each at another place and with another host."""
    first = today + 5 * DAY
    row = _series(TALKS, station, first, len(ROUND), actor=SYSTEM, now=now)
    dates = queries_series.dates_of(row.id)
    change = DateChange(first, TALKS.hour * 60, TALKS.minutes)
    for one, (place, host) in zip(dates, ROUND, strict=True):
        day = clock.local_day(one.shift.starts_at)
        there = replace(change, day=day, place=place, host=host)
        actions_series.change_date(one.shift_id, there, Scope.ONE, actor=SYSTEM, now=now)


def _fair(now: datetime) -> None:
    """The district's fair has stalls; whoever was signed up stays where they were."""
    query = select(Activity.id).where(Activity.title == programme.FAIR.title)
    for offering_id in db.session.scalars(query).all():
        for shift in shifts.coming_of(offering_id, now):
            there = [
                (place.id, NewPlace(PlaceRole(place.role), place.capacity, _name(place.role)))
                for place in shifts.places(shift.id)
            ]
            new = [(None, NewPlace(PlaceRole.VOLUNTEER, size, name)) for name, size in STALLS]
            stalls.set_places(shift.id, [*there, *new], actor=SYSTEM, now=now)


def _name(role: str) -> str:
    return "引导和秩序" if role == PlaceRole.VOLUNTEER else ""
