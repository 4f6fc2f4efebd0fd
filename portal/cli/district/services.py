"""The demo district's service menus, and orders in every state. All of it is invented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from portal.cli.district.places import Places
from portal.cli.district.residents import Residents
from portal.core import clock, ids
from portal.core.access import SYSTEM, VISITOR, Actor
from portal.org import queries as org
from portal.org.models import Station
from portal.people import actions as people_actions
from portal.people import queries as people
from portal.people import units
from portal.people.models import IdentityCheck
from portal.people.models_consents import Channel
from portal.people.models_teams import Team, TeamRole
from portal.registration import actions as registration
from portal.registration import decisions
from portal.registration.application import Application
from portal.services import (
    actions,
    actions_closing,
    actions_desk,
    actions_dispatch,
    actions_due,
    actions_menu,
    queries,
    queries_menu,
    seed,
)
from portal.services.actions import Asker, NewOrder, Rating
from portal.services.actions_desk import Target
from portal.services.actions_dispatch import Help
from portal.services.actions_menu import Details
from portal.services.models import Service, ServicePlace
from portal.services.models_dispatches import Dispatch
from portal.services.models_orders import DayPart, Order, OrderWay, RatingWay, VisitStep
from portal.teams import members

_DAY = timedelta(days=1)
# A person without an account, whom the district knows from paper.
LEADER = ("13900000008", "石队长")
HOME, STATION, EITHER = ServicePlace.HOME, ServicePlace.STATION, ServicePlace.EITHER


@dataclass(frozen=True, slots=True)
class Offer:
    """One entry of a menu."""

    category: str
    title: str
    summary: str
    place: ServicePlace
    minutes: int = 60
    for_whom: str = ""
    bring: str = ""
    is_open: bool = False
    home_visit: bool = False


OFFERS = (
    Offer("plumbing", "修水龙头、换灯泡", "水龙头漏水、灯不亮、插座松了，请师傅上门看一看。材料费自己出。", HOME, 60,
          "老人和行动不便的居民", is_open=True),
    Offer("check_up", "量血压、测血糖", "每次十分钟，记在小本子上，异常的提醒去医院。", EITHER, 15, "所有居民",
          "带上以前的记录"),
    Offer("haircut", "上门理发", "不方便下楼的老人，理发志愿者到家里来。", HOME, 40, "70 岁以上、下楼困难的老人",
          "准备一把椅子和一条旧毛巾", is_open=True),
    Offer("papers", "证件材料上门代办", "来不了大厅的，工作人员上门取材料，办好了送回来或者快递回来。", HOME, 0,
          "卧床、残疾、独自带婴儿的居民", "先把身份证和要办的材料找好", home_visit=True),
    Offer("phones", "教用手机", "视频、挂号、付钱，一对一慢慢教，学会为止。", STATION, 60, "老年人", "带上手机和充电器",
          is_open=True),
    Offer("homework", "放学后作业辅导", "小学生放学后到站里写作业，有志愿者陪着。", STATION, 90, "一到六年级学生",
          "带作业和水杯"),
    Offer("advice", "法律咨询", "租房、劳动、邻里纠纷，律师志愿者免费答疑。", STATION, 30, "所有居民",
          "带上合同等材料"),
    Offer("counselling", "心理疏导", "心里不痛快，找人说说话。说的话不外传。", EITHER, 60, "所有居民"),
    Offer("meals", "代买菜、代取药", "说好要买什么，买好送到门口。钱照小票付。", HOME, 60, "生病或者受伤在家的居民",
          is_open=True),
)  # fmt: skip


@dataclass(slots=True)
class Scene:
    """What all orders need: the first station with its menu, who acts, a phone for each asker."""

    station: Station
    menu: dict[str, Service]
    manager: Actor
    now: datetime
    asked: list[Order] = field(default_factory=list)

    def order(self, category: str, name: str, days: float, **changes: object) -> Order:
        """File an order so many days ago."""
        at = self.now - days * _DAY
        phone = f"1380003{len(self.asked):04d}"
        asker = Asker(name, phone, f"{self.station.address} 3 栋 502", "二楼，没有电梯")
        values: dict[str, object] = {
            "asker": asker,
            "wished_on": clock.local_day(at) + 3 * _DAY,
            "day_part": DayPart.MORNING,
            "at_home": True,
            "way": OrderWay.PHONE,
            **changes,
        }
        actor = VISITOR if values["way"] == OrderWay.WEB else self.manager
        given = NewOrder(self.menu[category].id, ids.code(20), **values)  # type: ignore[arg-type]
        row = actions.file(given, actor=actor, now=at)
        self.asked.append(row)
        return row

    def reviewed(self, row: Order, days: float) -> Order:
        """Review it so many days ago."""
        return actions_desk.review(row.id, actor=self.manager, now=self.now - days * _DAY)

    def sent(self, row: Order, target: Target, days: float, words: str = "") -> Dispatch:
        """Dispatch it so many days ago."""
        at = self.now - days * _DAY
        return actions_desk.dispatch(row.id, target, words, actor=self.manager, now=at)


def make(places: Places, residents: Residents, now: datetime) -> None:
    """Give each station a menu and the first one orders; the action of a `write`."""
    seed.seed(actor=SYSTEM)
    menus = [_menu(station, number, now) for number, station in enumerate(places.stations)]
    first = places.stations[0]
    team = next(one for one in people.teams() if one.station_id == first.id)
    unit = org.civilized_units()[0]
    leader = _leader(team, residents, now - 110 * _DAY)
    member = residents.accounts["member"]
    units.appoint(unit.id, member.id, actor=SYSTEM, now=now - 90 * _DAY)
    scene = Scene(first, menus[0], residents.actor("manager"), now)
    to_team, to_unit = Target(team_id=team.id), Target(unit_id=unit.id)
    _that_wait(scene, residents, to_unit)
    _that_are_done(scene, residents, to_team, leader)
    _that_went_nowhere(scene)


def _leader(team: Team, residents: Residents, at: datetime) -> int:
    """Let somebody register, be found fit, join the team and lead it."""
    phone, name = LEADER
    details = people_actions.NewPerson(name, phone, date(1962, 9, 3), team.station_id)
    row = people_actions.record_person(details, actor=SYSTEM, now=at)
    given = Application(
        name=name, birth_on=date(1962, 9, 3), station_id=team.station_id, channel=Channel.PAPER
    )
    applied = registration.apply(row.id, given, actor=SYSTEM, now=at)
    manager = residents.actor("manager")
    decisions.approve(applied.id, IdentityCheck.SEEN, "", actor=manager, now=at)
    members.ask(team.id, row.id, actor=SYSTEM, now=at)
    members.accept(team.id, row.id, actor=SYSTEM, now=at)
    members.appoint(team.id, row.id, TeamRole.LEADER, actor=SYSTEM, now=at)
    return row.id


def _menu(station: Station, number: int, now: datetime) -> dict[str, Service]:
    """Put all on the first station's menu, and some on each of the others."""
    chosen: Sequence[Offer] = OFFERS if number == 0 else [
        offer for turn, offer in enumerate(OFFERS) if (turn + number) % 3
    ]  # fmt: skip
    return {offer.category: _put(station, offer, now - 120 * _DAY) for offer in chosen}


def _put(station: Station, offer: Offer, at: datetime) -> Service:
    category = queries_menu.category(offer.category)
    if category is None:
        raise LookupError(offer.category)
    details = Details(
        category_id=category.id,
        title=offer.title,
        place=offer.place,
        in_use_from=clock.local_day(at),
        summary=offer.summary,
        for_whom=offer.for_whom,
        bring=offer.bring,
        usual_minutes=offer.minutes,
        open_to_claim=offer.is_open,
        home_visit=offer.home_visit,
    )
    return actions_menu.create(station.id, details, actor=SYSTEM, now=at)


def _that_wait(scene: Scene, residents: Residents, to_unit: Target) -> None:
    resident = residents.accounts["resident"]
    own = Asker(resident.name, resident.phone or "")
    scene.order("phones", resident.name, 0.5, asker=own, asker_id=resident.id, way=OrderWay.WEB)
    scene.order("check_up", "葛大爷", 6)
    scene.reviewed(scene.order("advice", "舒女士", 1.5), 1)
    scene.sent(scene.reviewed(scene.order("counselling", "卞先生", 2), 1.5), to_unit, 1)
    scene.sent(scene.reviewed(scene.order("meals", "尤师傅", 1.5), 1), Target(), 0.5)
    scene.sent(scene.reviewed(scene.order("plumbing", "柏奶奶", 3), 2), Target(), 1)
    volunteer = residents.accounts["volunteer"]
    claimed = scene.sent(scene.reviewed(scene.order("haircut", "单爷爷", 4), 3), Target(), 3)
    until = clock.local_day(scene.now) + 3 * _DAY
    actor = people.actor_of(volunteer)
    actions_dispatch.claim(claimed.id, until, actor=actor, now=scene.now - 2 * _DAY)
    _visit(scene, residents, to_unit)


def _visit(scene: Scene, residents: Residents, to_unit: Target) -> None:
    """Somebody who cannot come: the papers were fetched and are not back yet."""
    row = scene.reviewed(scene.order("papers", "樊阿姨", 5), 4)
    sent = scene.sent(row, to_unit, 4, "先打电话约时间。")
    member = residents.actor("member")
    until = clock.local_day(scene.now) + 2 * _DAY
    actions_dispatch.accept(sent.id, until, actor=member, now=scene.now - 3 * _DAY)
    actions_desk.note_visit(row.id, VisitStep.VISITED, actor=member, now=scene.now - 2 * _DAY)


def _that_are_done(scene: Scene, residents: Residents, to_team: Target, leader: int) -> None:
    resident = residents.accounts["resident"]
    own = Asker(resident.name, resident.phone or "", scene.station.address)
    mine = scene.order("haircut", resident.name, 8, asker=own, asker_id=resident.id)
    _done(scene, mine, to_team, leader, 3)
    rated = scene.order("meals", "隋女士", 12)
    _done(scene, rated, to_team, leader, 6)
    _rate(scene, rated, 4, 5)
    for number, stars in enumerate((5, 5, 4, 3, 5)):
        filed = 20 + 11 * number
        old = scene.order(("plumbing", "haircut", "meals")[number % 3], "路大爷", filed)
        _done(scene, old, to_team, leader, filed - 6)
        _rate(scene, old, stars, filed - 7)
        at = scene.now - (filed - 8) * _DAY
        actions_closing.close(old.id, "", actor=scene.manager, now=at)


def _done(scene: Scene, row: Order, to_team: Target, leader: int, days: float) -> None:
    """Carry it out so many days ago: forty minutes before the shop opens."""
    filed = (scene.now - row.filed_at) / _DAY
    sent = scene.sent(scene.reviewed(row, filed - 1), to_team, filed - 1)
    at = scene.now - days * _DAY
    actor = people.actor_of(people.person(leader))
    until = clock.local_day(at) + _DAY
    actions_dispatch.accept(sent.id, until, actor=actor, now=scene.now - (filed - 1.5) * _DAY)
    began = clock.day_start(clock.local_day(at)) - timedelta(hours=17)
    helps = [Help(leader, began, 40)]
    actions_dispatch.finish(sent.id, "办好了，本人看过。", helps, actor=actor, now=at)


def _rate(scene: Scene, row: Order, stars: int, days: float) -> None:
    given = Rating(RatingWay.CALL_BACK, stars, "来得快，做得细。")
    actions.rate(row.id, given, actor=scene.manager, now=scene.now - days * _DAY)


def _that_went_nowhere(scene: Scene) -> None:
    manager, now = scene.manager, scene.now
    refused = scene.order("homework", "闵先生", 14)
    reason = "四点前站里没有人手，可以先去书院社区，他们三点半开始。"
    actions_desk.refuse(refused.id, reason, actor=manager, now=now - 13 * _DAY)
    taken_back = scene.order("plumbing", "漆阿姨", 10)
    actions.withdraw(taken_back.id, "家里人修好了", actor=manager, now=now - 9 * _DAY)
    forgotten = scene.reviewed(scene.order("counselling", "佟女士", 100), 99)
    actions_due.expire(forgotten.id, actor=SYSTEM, now=now - 30 * _DAY)
    activity = queries.order(scene.asked[2].id)
    actions_desk.draft_activity(activity.id, actor=manager, now=now)
