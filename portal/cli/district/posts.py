"""Service posts of the demo district: halls, a library, a square, an outpatient hall, crossings.

They were published ten days ago; who stands there every week has come and gone since, and some of
them have something to give away. All of it is invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.attendance.actions import ScanInput, record_scan
from portal.attendance.models import Direction, Way
from portal.cli.district.places import Places
from portal.cli.district.residents import Residents
from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.core.errors import Refused
from portal.org.models import Vocabulary
from portal.org.queries import term
from portal.people.models import Person
from portal.posts import (
    actions,
    actions_logs,
    actions_standing,
    filling,
    queries,
    queries_duty,
)
from portal.posts.actions import Details
from portal.posts.actions_logs import Logged
from portal.posts.models import ServicePost
from portal.posts.rules import Cell, Pattern
from portal.shifts import queries as shifts
from portal.shifts.models import Shift, ShiftState
from portal.signups import cover
from portal.signups import queries as signup_queries
from portal.signups.models import SignupState

SINCE = timedelta(days=10)
WORKDAYS, WEEKEND = range(5), (5, 6)


@dataclass(frozen=True, slots=True)
class Stand:
    """A post at the station of this number: codes of its terms, days, spans (hours), how many."""

    station: int
    title: str
    venue: str
    site: str
    place: str
    services: str
    promise: str
    days: tuple[int, ...]
    spans: tuple[tuple[float, float], ...]
    volunteers: int = 2
    kind: str = "order"
    hours: str = ""
    office: str = ""
    party: bool = False
    counted: str = "guided"


STANDS = (
    # The manager's own: hours at which no activity of the first station is on.
    Stand(
        0, "路口文明劝导岗", "crossing", "和平路与学府街路口", "东南角岗亭",
        "提醒看灯走线、搀扶老人过街", "不大声、不指责，笑着劝", tuple(WORKDAYS), ((7.5, 8.5),),
        counted="crossing",
    ),
    Stand(
        0, "图书馆整理岗", "library", "和平社区图书馆", "二楼借阅台",
        "找书、归架、轻声提醒", "有问必答，小声说话", WEEKEND, ((15, 16),), 2, "reading",
        hours="没人值守时也能进来歇脚、接水",
    ),
    Stand(
        1, "政务大厅引导岗", "service_hall", "东湾街道便民服务大厅", "一楼取号机旁",
        "引导取号、代填表格、轮椅借用", "来有迎声、问有答声、走有送声", tuple(WORKDAYS),
        ((9, 11), (14, 16)), hours="午休时请到一楼咨询台", counted="asked",
    ),
    Stand(
        2, "广场便民岗", "square", "榕树文化广场", "舞台左侧帐篷",
        "量血压、磨剪刀、问路", "不收费，不推销", WEEKEND, ((9, 11), (16, 18)), 3, "care",
        counted="assisted",
    ),
    Stand(
        3, "门诊陪诊岗", "hospital", "灯塔社区卫生服务中心", "门诊一楼导诊台",
        "陪老人挂号、取药、找科室", "不替医生说话，不问病情", tuple(WORKDAYS), ((8, 10),), 2, "care",
        counted="assisted",
    ),
    Stand(
        5, "党员先锋岗", "service_hall", "清溪街道党群服务中心", "一楼大厅",
        "政策咨询、帮办代办", "首问负责，一次说清", tuple(WORKDAYS), ((9, 11),), 1, "publicity",
        party=True, counted="asked",
    ),
    Stand(
        6, "水厂路文明路段", "road", "水厂路（7 号至 51 号）", "全段",
        "摆放单车、清理小广告", "随手做，天天看", (1, 3, 5), ((17, 18),), 2, "environment",
        office="水厂社区工作站", counted="bikes",
    ),
    Stand(
        8, "展馆讲解岗", "patriotic", "书院革命旧址陈列馆", "序厅",
        "讲解、引导参观", "讲得准，讲得短", WEEKEND, ((10, 12), (14, 16)), 2, "heritage",
        hours="周一闭馆",
    ),
)  # fmt: skip


def make(places: Places, residents: Residents, now: datetime) -> None:
    """Let the posts have been there for a while; the action of a `write`."""
    for stand in STANDS:
        # From the end: the first of each station's are those who are on something now.
        people = residents.volunteers[places.stations[stand.station].id][::-1]
        if stand.station == 0:
            people = [people[0], residents.accounts["volunteer"], *people[1:]]
        if stand.party:
            people = [residents.accounts["member"], *people]
        post = _stand(stand, places, residents.actor("manager"), now - SINCE)
        _come_every_week(post, people, now)
        _attended(post, stand, residents.accounts["volunteer"], now)
    _ask_for_cover(residents, now)


def _stand(stand: Stand, places: Places, actor: Actor, at: datetime) -> ServicePost:
    station = places.stations[stand.station]
    kind = term(Vocabulary.ACTIVITY_KIND, stand.kind)
    field = term(Vocabulary.FIELD, "order")
    venue = term(Vocabulary.VENUE_TYPE, stand.venue)
    if kind is None or field is None or venue is None:
        raise LookupError(stand.title)
    details = Details(
        title=stand.title,
        kind_id=kind.id,
        field_id=field.id,
        venue_type_id=venue.id,
        site_name=stand.site,
        place=stand.place,
        services=stand.services,
        promise=stand.promise,
        hours_text=stand.hours,
        office_in_charge=stand.office,
        leader_name="站点值班员",
        contact_phone=station.phone,
        materials="马甲、急救包、饮用水",
        is_party_post=stand.party,
    )
    cells = tuple(
        Cell(day, int(starts * 60), int(ends * 60), stand.volunteers)
        for day in stand.days
        for starts, ends in stand.spans
    )
    row = actions.create(
        station.id, details, Pattern(cells, clock.local_day(at)), actor=actor, now=at
    )
    return actions.publish(row.id, actor=actor, now=at)


def _come_every_week(post: ServicePost, people: list[Person], now: datetime) -> None:
    """Give standing places on most of the grid, so that the rota shows full duties and gaps."""
    for number, slot in enumerate(queries.slots_of(post.id)):
        for place in range(slot.volunteers):
            if (number + place) % 3 == 2 or not people:
                continue
            person = people[(number * 2 + place) % len(people)]
            try:
                actions_standing.give(slot.id, person.id, actor=SYSTEM, now=now - SINCE)
            except Refused:
                continue
    filling.fill(post.id, actor=SYSTEM, now=now)


def _attended(post: ServicePost, stand: Stand, volunteer: Person, now: datetime) -> None:
    """Let whoever had a duty since have come and gone, and every other duty be logged.

    The demo volunteer has the own logs still to write.
    """
    counter = term(Vocabulary.DUTY_COUNTER, stand.counted)
    for number, shift in enumerate(_begun(post, now)):
        came, absent = [row.person for row in signup_queries.on_shift(shift.id)], 0
        for order, person in enumerate(came):
            if (number + order) % 7 == 6:
                absent += 1  # somebody does not come now and then
                continue
            _scan(person, shift, Direction.IN, shift.starts_at - timedelta(minutes=5 - order))
            if shift.ends_at + timedelta(minutes=order) <= now:
                _scan(person, shift, Direction.OUT, shift.ends_at + timedelta(minutes=order))
        if volunteer in came or len(came) == absent:
            continue
        if counter and number % 2 == 0 and shift.ends_at <= now:
            done = Logged(12 + number, {counter.id: 5 + number % 4}, "")
            actions_logs.record(shift.id, done, actor=SYSTEM, now=shift.ends_at)


def _begun(post: ServicePost, now: datetime) -> list[Shift]:
    rows = shifts.shifts_of(post.id)
    return [row for row in rows if row.state == ShiftState.PLANNED and row.starts_at <= now]


def _ask_for_cover(residents: Residents, now: datetime) -> None:
    """Leave a request for cover open at the first post, and a swap asked of the demo volunteer."""
    volunteer = residents.accounts["volunteer"]
    mine = next(
        (
            row
            for row in queries_duty.duties_of(volunteer.id, now)
            if row.state == SignupState.CONFIRMED and row.shift.starts_at > now
        ),
        None,
    )
    if mine is None:
        return
    asked = 0
    for shift in shifts.coming_of(mine.shift.offering_id, now):
        if shift.starts_at <= now + timedelta(days=1) or asked == 2:
            continue
        for row in signup_queries.on_shift(shift.id):
            if row.person_id == volunteer.id or row.state != SignupState.CONFIRMED:
                continue
            if signup_queries.live(shift.id, volunteer.id):
                continue
            wanted = mine.shift_id if asked else None
            cover.ask(row.id, wanted, actor=SYSTEM, now=now)
            asked += 1
            break


def _scan(person: Person, shift: Shift, direction: Direction, at: datetime) -> None:
    at += timedelta(seconds=(person.id * 17 + shift.id * 7) % 60)  # nobody comes on the minute
    record_scan(ScanInput(person.id, shift.id, direction, Way.CODE, at), actor=SYSTEM, now=at)
