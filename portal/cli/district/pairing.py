"""Units of the demo district and the communities they are paired with, in every state. All invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.cli.district.places import Places
from portal.cli.district.residents import Residents
from portal.core import clock, ids
from portal.core.access import SYSTEM, Actor
from portal.org import actions_units
from portal.org import queries as org
from portal.org.actions_units import UnitDetails
from portal.org.models import Station
from portal.org.models_units import CivilizedUnit, Pairing, UnitKind
from portal.pairing import actions, actions_projects, queries
from portal.pairing.actions import NewItem
from portal.pairing.actions_projects import Plan
from portal.pairing.models import PairingProject, Side
from portal.people import queries as people
from portal.people import units

# Stands for the institute of the unit's street: it lies in the street, in no community of it.
STREET = -1


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit, and the number of the community in which it lies (or the street, or nowhere)."""

    name: str
    kind: UnitKind
    place: int | None
    address: str = ""


UNITS = (
    Unit("新河区图书馆", UnitKind.INSTITUTION, 0, "和平路 2 号"),
    Unit("东湾卫生服务中心", UnitKind.INSTITUTION, 1, "桥头街 40 号"),
    Unit("东湾街道市政所", UnitKind.DEPARTMENT, STREET, "东湾街道办事处二楼"),
    Unit("榕树里商户联合会", UnitKind.ORGANISATION, 2, "榕树里 30 号"),
    Unit("灯塔公交公司", UnitKind.ENTERPRISE, 3, "灯塔路 1 号"),
    Unit("新河供水公司", UnitKind.ENTERPRISE, 6, "水厂路 1 号"),
    Unit("新河实验学校", UnitKind.SCHOOL, 8, "书院前街 20 号"),
    Unit("新河职业学院", UnitKind.SCHOOL, 9, "南坡路 100 号"),
    Unit("清溪司法所", UnitKind.DEPARTMENT, 5, "清溪大道 88 号"),
    Unit("向阳助老协会", UnitKind.ORGANISATION, 7, "向阳街 12 号"),
    Unit("新河区文化馆", UnitKind.INSTITUTION, 5, "清溪大道 150 号"),
    Unit("新河数据服务公司", UnitKind.ENTERPRISE, None),
)


@dataclass(frozen=True, slots=True)
class Work:
    """A need and a resource (each may be missing), how far the project of them came, in so many days."""

    need: str
    resource: str
    verbs: tuple[str, ...] = ()
    due_in: int = 20
    result: str = ""
    by: Side = Side.COMMUNITY


@dataclass(frozen=True, slots=True)
class Pair:
    """A unit and the number of its community, paired so many days ago; whether it went on."""

    unit: str
    community: int
    days: int
    works: tuple[Work, ...] = ()
    joint: bool = False
    ended: str = ""


PAIRS = (
    Pair(
        "新河区图书馆", 0, 110,
        (
            Work("社区书房想要适合老人看的大字书", "大字书 200 册，每季度换一次", ("plan", "start", "finish"),
                 -60, "大字书架摆在一楼，老人每天都来看。"),
            Work("放学后孩子没有人带着看书", "馆员每周三下午来讲绘本", ("plan", "start"), 25),
            Work("想给不出门的老人送书上门", "流动书车每月来一次", ("plan",), 40),
            Work("多功能室缺一块投影幕布", ""),
            Work("", "可以借用的小会议室，周末开放"),
        ),
        joint=True,
    ),
    Pair(
        "东湾卫生服务中心", 1, 90,
        (
            Work("老人量血压要走很远", "两名护士每月来一次", ("plan", "start", "finish"), -30,
                 "在站里设了健康角，每月第一个周六量血压。"),
            Work("想办一次急救培训", "", ("propose",), 15),
        ),
        joint=True,
    ),
    Pair(
        "东湾街道市政所", 0, 70,
        (
            Work("站前的台阶没有扶手", "维修师傅和材料", ("plan", "start", "finish"), -20, "扶手装好了，晚上也有灯。"),
            Work("后巷的井盖松了", "每周巡查一次", ("plan", "give_up"), 10, "产权单位已经另外安排更换。"),
        ),
    ),
    Pair("榕树里商户联合会", 2, 60, (Work("给骑手一个歇脚的地方", "十家店门口摆水和凳子", ("plan", "start"), 12),)),
    Pair("新河供水公司", 6, 80, (Work("老楼水管漏水", "免费检查水管一次", ("plan",), -3),)),
    Pair("新河实验学校", 8, 100, (Work("", "师生书法社来教书法", ("propose", "agree", "finish"), -40,
                                   "办了四次书法课。", Side.UNIT),)),
    Pair("清溪司法所", 5, 45, (Work("居民想问赡养的事怎么办", "每月一次法律咨询"),)),
    Pair("向阳助老协会", 7, 30, (Work("", "陪诊志愿者十名", ("propose",), 14, by=Side.UNIT),)),
    Pair("新河职业学院", 8, 120, ended="学校搬到别的区，改由新河实验学校结对。"),
)  # fmt: skip


def make(places: Places, residents: Residents, now: datetime) -> None:
    """Place the units, name who speaks for them, pair them, and let both sides work."""
    long_ago = now - timedelta(days=125)
    rows = {unit.name: _unit(unit, places, long_ago) for unit in UNITS}
    for number, row in enumerate(rows.values()):
        _appoint(row, number, places, residents, long_ago)
    for pair in PAIRS:
        _pair(pair, rows[pair.unit], places.stations[pair.community], residents, now)
    # New to it, and so not told of all that was before.
    member = residents.accounts["member"]
    units.appoint(rows[UNITS[0].name].id, member.id, actor=SYSTEM, now=now - timedelta(days=2))


def _unit(unit: Unit, places: Places, now: datetime) -> CivilizedUnit:
    place = _place(unit.place, places)
    details = UnitDetails(
        unit.name, unit.kind, place.id if place else None, unit.address, _phone(unit.name)
    )
    known = next((row for row in org.civilized_units() if row.name == unit.name), None)
    if known is None:
        return actions_units.create_unit(details, actor=SYSTEM, now=now)
    return actions_units.change_unit(known.id, details, actor=SYSTEM, now=now)


def _place(number: int | None, places: Places) -> Station | None:
    if number is None:
        return None
    return places.institutes[0] if number == STREET else places.stations[number]


def _phone(name: str) -> str:
    return f"0755-0001{sum(map(ord, name)) % 1000:03d}"


def _appoint(
    row: CivilizedUnit, number: int, places: Places, residents: Residents, now: datetime
) -> None:
    """Neighbours speak for the units; two have nobody yet."""
    if number >= len(UNITS) - 2:
        return
    station = places.stations[number % len(places.stations)]
    person = residents.volunteers[station.id][-1]
    units.appoint(row.id, person.id, actor=SYSTEM, now=now)


def _pair(
    pair: Pair, unit: CivilizedUnit, station: Station, residents: Residents, now: datetime
) -> None:
    officer, begun = residents.actor("officer"), now - timedelta(days=pair.days)
    row = actions.pair(unit.id, station.id, actor=officer, now=begun)
    speakers = _speakers(row, residents)
    for number, work in enumerate(pair.works):
        _work(row, work, speakers, now, begun + timedelta(days=2 * number + 1))
    if pair.joint:
        activity = queries.may_be_joint(row)[-1].public_id
        given = (row.id, Side.COMMUNITY, activity)
        actor = speakers[Side.COMMUNITY]
        actions_projects.join(*given, actor=actor, now=begun + timedelta(days=3))
        asked = queries.may_be_joint(row)[0].public_id
        actor = speakers[Side.UNIT]
        actions_projects.join(row.id, Side.UNIT, asked, actor=actor, now=now - timedelta(days=1))
    if pair.ended:
        actions.end(row.id, pair.ended, actor=officer, now=begun + timedelta(days=40))


def _speakers(row: Pairing, residents: Residents) -> dict[Side, Actor]:
    """Who speaks for each side; where a community has no manager the office writes for it."""
    managers = queries.managers_of(row.station_id)
    manager = people.actor_of(people.person(managers[0])) if managers else None
    liaison = people.actor_of(people.person(queries.liaisons_of(row.unit_id)[0]))
    return {Side.COMMUNITY: manager or residents.actor("administrator"), Side.UNIT: liaison}


def _work(
    row: Pairing, work: Work, speakers: dict[Side, Actor], now: datetime, at: datetime
) -> None:
    taken = {}
    for side, name, title in (
        (Side.COMMUNITY, "need", work.need),
        (Side.UNIT, "resource", work.resource),
    ):
        if title:
            given = NewItem(title, ids.code(20))
            item = actions.add(row.id, side, given, actor=speakers[side], now=at)
            taken[name] = item.public_id
    if not work.verbs:
        return
    plan = Plan(
        title=(work.need or work.resource)[:60],
        in_charge=speakers[Side.UNIT].public_id,
        planned_on=clock.local_day(now) + timedelta(days=work.due_in),
        **taken,
    )
    project = actions_projects.propose(
        row.id, work.by, plan, ids.code(20), actor=speakers[work.by], now=at + timedelta(hours=3)
    )
    for number, verb in enumerate(work.verbs[1:], start=1):
        _move(project, verb, work, speakers, at + timedelta(days=4 * number))


def _move(
    project: PairingProject, verb: str, work: Work, speakers: dict[Side, Actor], at: datetime
) -> None:
    if verb == "agree":
        side = work.by.other
        actions_projects.agree(project.id, side, actor=speakers[side], now=at)
        return
    words = (work.result,) if verb in {"finish", "give_up"} else ()
    getattr(actions_projects, verb)(project.id, *words, actor=speakers[Side.UNIT], now=at)
