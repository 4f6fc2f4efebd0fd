"""Teams with their people, two projects, and a family, in the demo district. All invented."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from portal.activities import actions as activities
from portal.activities.models import Activity
from portal.cli.district import programme
from portal.cli.district.places import Places
from portal.cli.district.programme import Idea
from portal.cli.district.residents import Residents
from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.core.db import db
from portal.org.models import Vocabulary
from portal.org.queries import term
from portal.people import consents, family, queries_teams
from portal.people import queries as people
from portal.people.family import NewMember
from portal.people.models_consents import Channel, ConsentKind
from portal.people.models_family import Relation
from portal.people.models_teams import MemberState, Team, TeamRole
from portal.projects import actions as projects
from portal.projects.actions import Details as ProjectDetails
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole
from portal.signups import party
from portal.signups import team as team_signups
from portal.signups.asking import Asks
from portal.signups.party import Mode
from portal.teams import actions as teams
from portal.teams import members
from portal.teams.actions import Details

_DAY = timedelta(days=1)
LED_FOR = 100 * _DAY


@dataclass(frozen=True, slots=True)
class Brand:
    """What a team of the demo says of itself."""

    kind: str
    brand: str
    slogan: str
    summary: str


BRANDS = {
    "金牌帮帮团": Brand(
        "service",
        "社区陪伴",
        "小事不出楼，帮帮到家",
        "修灯换锁、量血压、陪老人说说话，每周六上午出队。",
    ),
    "小红帽义工队": Brand(
        "red_armband", "红袖标", "戴上红袖标，就是一家人", "按网格巡楼、劝导乱停乱放，早晚各一班。"
    ),
    "心晨陪伴队": Brand(
        "organisation", "社区陪伴", "听您慢慢说", "社工带队，陪独居老人和放学的孩子。"
    ),
    "老街坊巡逻队": Brand(
        "mutual_aid", "平安老街", "老街坊，守老街", "党员和街坊一起，晚饭后在老街走一圈。"
    ),
}
TAKEN = Idea(
    "敬老餐厅送餐日", "care", "welfare", "elderly", "把热饭送到腿脚不便的老人家里，顺便聊几句。",
    11, 120, 6,
)  # fmt: skip


def make(places: Places, residents: Residents, now: datetime) -> None:
    """Let the teams have people and take a shift; two projects; a family. The action of a `write`."""
    rows = {row.name: row for row in people.teams()}
    manager = residents.actor("manager")
    for name, brand in BRANDS.items():
        _tell(rows[name], brand, now)
        _people(rows[name], residents, now)
    first = rows["金牌帮帮团"]
    _join(first, residents.accounts["volunteer"].id, now - 60 * _DAY)
    for person in residents.volunteers[first.station_id][-2:]:
        members.ask(first.id, person.id, actor=SYSTEM, now=now - 2 * _DAY)
    members.ask(rows["小红帽义工队"].id, residents.accounts["member"].id, actor=SYSTEM, now=now)
    company = _projects(places, list(rows.values()), residents, now)
    _take(first, company, manager, now)
    _family(residents, now)


def _tell(team: Team, brand: Brand, now: datetime) -> None:
    kind = term(Vocabulary.TEAM_KIND, brand.kind)
    if kind is None:
        raise LookupError(brand.kind)
    details = Details(team.name, kind.id, brand.brand, brand.slogan, brand.summary)
    teams.change(team.id, details, actor=SYSTEM, now=now - LED_FOR)


def _people(team: Team, residents: Residents, now: datetime) -> None:
    """Five neighbours are in the team; whoever leads it agreed to be named, but for one team."""
    rows = residents.volunteers[team.station_id][:5]
    for number, person in enumerate(rows):
        _join(team, person.id, now - LED_FOR + number * 3 * _DAY)
    known = queries_teams.rows_of(team.id, MemberState.MEMBER)
    others = [row.person_id for row in known if row.person_id not in {one.id for one in rows}]
    leader_id = others[0] if others else rows[0].id
    members.appoint(team.id, leader_id, TeamRole.LEADER, actor=SYSTEM, now=now - LED_FOR)
    members.appoint(team.id, rows[1].id, TeamRole.DEPUTY, actor=SYSTEM, now=now - LED_FOR)
    if team.name != "老街坊巡逻队":
        consents.give(
            leader_id, ConsentKind.PUBLICATION, Channel.PAPER, actor=SYSTEM, now=now - LED_FOR
        )


def _join(team: Team, person_id: int, at: datetime) -> None:
    members.ask(team.id, person_id, actor=SYSTEM, now=at)
    members.accept(team.id, person_id, actor=SYSTEM, now=at)


def _projects(places: Places, rows: list[Team], residents: Residents, now: datetime) -> int:
    """Two projects: one of the first station with two teams, one of the whole district."""
    first, at = places.stations[0], now - LED_FOR
    carrying = frozenset(row.id for row in rows if BRANDS[row.name].brand == "社区陪伴")
    company = ProjectDetails(
        "社区陪伴", "有人惦记，日子就暖", "陪老人、陪孩子、陪刚搬来的邻居。每周有人上门，每月有一次聚会。",
        carrying, frozenset(row.id for row in places.stations[1:4]),
    )  # fmt: skip
    festival = ProjectDetails(
        "五彩社区节", "一个社区一种颜色", "各社区轮流办：邻里集市、广场演出、亲子运动会。",
        frozenset(row.id for row in rows),
    )  # fmt: skip
    manager, officer = residents.actor("manager"), residents.actor("officer")
    one = projects.create(first.id, company, actor=manager, now=at)
    other = projects.create(places.centre.id, festival, actor=officer, now=at)
    for number, row in enumerate(_activities_of([row.id for row in places.stations[:4]])):
        project = one.id if number % 2 else other.id
        details = replace(activities.details_of(row), project_id=project)
        activities.change(row.id, details, actor=SYSTEM, now=now)
    return one.id


def _activities_of(station_ids: list[int]) -> list[Activity]:
    query = select(Activity).where(Activity.station_id.in_(station_ids))
    return list(db.session.scalars(query.order_by(Activity.id).limit(16)))


def _take(team: Team, project_id: int, manager: Actor, now: datetime) -> None:
    """Publish a shift that only teams take, and let the team take half of it."""
    station = team.station
    starts_at = programme.usual_start(TAKEN, clock.local_day(now) + 5 * _DAY)
    usual = programme.details_of(TAKEN, station)
    details = replace(usual, team_only=True, project_id=project_id)
    new_shift = programme.shift_of(TAKEN, starts_at)
    row = activities.create(station.id, details, new_shift, actor=manager, now=now)
    activities.publish(row.id, actor=manager, now=now)
    going = [
        one.person_id
        for one in queries_teams.rows_of(team.id, MemberState.MEMBER)
        if one.role == TeamRole.MEMBER
    ]
    leader = people.actor_of(people.person(next(iter(queries_teams.leading_ids(team.id)))))
    shift = shifts.shifts_of(row.id)[0]
    team_signups.sign_up(shift.id, team.id, going[:3], actor=leader, now=now)


def _family(residents: Residents, now: datetime) -> None:
    """The demo's resident has a husband and two grandchildren; one of them is signed up."""
    holder = residents.accounts["resident"]
    actor, at = residents.actor("resident"), now - 20 * _DAY
    year = clock.local_day(now).year
    said = (
        NewMember("林建明", Relation.SPOUSE, date(1949, 10, 8), "13800020001", agreed=True),
        NewMember("林豆豆", Relation.OTHER, date(year - 9, 6, 1), is_guardian=True),
        NewMember("林苗苗", Relation.OTHER, date(year - 6, 3, 21), is_guardian=True),
    )
    rows = [family.add(holder.id, one, actor=actor, now=at) for one in said]
    shift_id = _with_seats(now)
    if shift_id:
        wanted = [Asks(shift_id, one, PlaceRole.ATTENDEE) for one in (holder.id, rows[1].person_id)]
        party.sign_up(wanted, Mode.ALL, actor=actor, now=now)


def _with_seats(now: datetime) -> int | None:
    """Return a shift of the coming days that families go to."""
    query = select(Activity.id).where(Activity.title == programme.FAIR.title)
    for offering_id in db.session.scalars(query):
        for shift in shifts.coming_of(offering_id, now):
            if shifts.place_of(shift.id, PlaceRole.ATTENDEE):
                return shift.id
    return None
