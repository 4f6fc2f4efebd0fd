"""Wishes of the demo district, in every state; three at least are free to pledge. All invented."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle, islice

from PIL import Image, ImageDraw

from portal.cli.district.places import Places
from portal.cli.district.residents import Residents
from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.core.db import write
from portal.org import queries as org
from portal.org.models import Station, Vocabulary
from portal.people.models import Person
from portal.records import files
from portal.wishes import (
    actions,
    actions_closing,
    actions_desk,
    actions_due,
    actions_letter,
    actions_pledges,
    actions_stories,
)
from portal.wishes import queries as wishes
from portal.wishes import queries_pledges as pledges
from portal.wishes.actions import Contact, Filing, Wanted
from portal.wishes.actions_closing import Word
from portal.wishes.actions_desk import PublicWords, Verified
from portal.wishes.actions_pledges import Help, Promise
from portal.wishes.models import ConfirmWay, Filer, Urgency, Way, Wish
from portal.wishes.models_stories import Shown

FREE = 3
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Idea:
    """One wish: what it is, who is said to make it, what everybody reads, who makes it really."""

    kind: str
    alias: str
    text: str
    name: str
    why: str = "行动不便"
    amount: int = 0
    urgency: Urgency = Urgency.NORMAL
    labels: tuple[str, ...] = ()


IDEAS = (
    Idea("things", "一位独居老人", "想要一根带小凳的拐杖，买菜路上可以歇一歇。", "陶桂兰", amount=100),
    Idea("study", "一名三年级学生", "想要一套课外书，再有人每周陪读一次。", "何子轩", "父母在外做工", 200,
         labels=("一套课外书", "每周陪读一次，一个月")),
    Idea("repair", "一对老夫妻", "厨房的水龙头漏水，想请人修一修。", "孔德明", urgency=Urgency.SOON),
    Idea("company", "一位退休教师", "眼睛不好，想每周有人来读一小时报纸。", "华淑珍", "看不清小字"),
    Idea("errand", "一位骨折的居民", "两周不能下楼，想请人代买几次菜。", "魏海涛", "右腿打着石膏",
         urgency=Urgency.URGENT),
    Idea("things", "一个外卖骑手", "想要一副防水手套，雨天送餐用。", "金俊杰", "手套破了", 50),
    Idea("health", "一位高血压老人", "想要一台会读数的血压计。", "严秀英", "看不清屏幕", 200),
    Idea("culture", "一群爱唱戏的老人", "想借一个周末能排练的地方。", "姜永福", "家里怕吵到邻居"),
    Idea("place", "一栋楼的邻居", "楼道的灯坏了，想请人换一盏感应灯。", "许建国", "晚上看不见", 100),
    Idea("things", "一个新到的家庭", "想要一张孩子写作业的书桌，旧的也好。", "秦晓燕", "租的房子里没有", 300),
)  # fmt: skip


def make(places: Places, residents: Residents, now: datetime) -> None:
    """File, verify, publish, pledge and close, each at a time of its own; the action of a `write`."""
    first, manager = places.stations[0], residents.actor("manager")
    member, volunteer = residents.accounts["member"], residents.accounts["volunteer"]
    stations = islice(cycle(places.stations), len(IDEAS))
    for number, (idea, station) in enumerate(zip(IDEAS, stations, strict=True)):
        _publish(idea, station, number, manager, now - (number % 5 + 1) * _DAY)
    _pledge(_publish(IDEAS[2], first, 20, manager, now - 6 * _DAY), member, now - 2 * _DAY)
    _pledge(_publish(IDEAS[6], first, 21, manager, now - 5 * _DAY), volunteer, now - _DAY)
    _deliver(_publish(IDEAS[4], first, 22, manager, now - 9 * _DAY), volunteer, now - 4 * _DAY)
    done = _publish(IDEAS[3], first, 23, manager, now - 20 * _DAY)
    _confirm(_deliver(done, member, now - 12 * _DAY), 5, now - 11 * _DAY)
    for number, idea in enumerate(IDEAS[:4]):
        helper = (member, volunteer)[number % 2]
        filed_at = now - (30 + 12 * number) * _DAY
        old = _publish(idea, first, 30 + number, manager, filed_at)
        _confirm(_deliver(old, helper, filed_at + 5 * _DAY), 4 + number % 2, filed_at + 7 * _DAY)
        actions_closing.close(old.id, "", actor=manager, now=filed_at + 8 * _DAY)
    _tell(done, old, manager, now)
    _climb(first, manager, now)
    actions_letter.want_letter(volunteer.id, wanted=True, actor=_as(volunteer), now=now)
    _that_went_nowhere(first, manager, now)
    _that_wait(first, residents.accounts["resident"], manager, now)


def _tell(confirmed: Wish, closed: Wish, manager: Actor, now: datetime) -> None:
    """Let two wishes be told of, one with a photo; the photo is drawn, nobody is on it."""
    for row, with_photo in ((confirmed, False), (closed, True)):
        actions_stories.agree(
            row.id, ConfirmWay.CALL_BACK, with_photo=with_photo, actor=manager, now=now
        )
        text = f"{row.public_text}邻居们听说了，一周里就办好了。"
        actions_stories.tell(row.id, text, looked_over=True, actor=manager, now=now)
    given = pledges.holding(closed.id)[0]
    drawn = files.picture(_drawn())
    actions_stories.add_photo(given.id, drawn, Shown.NOBODY, actor=_as(given.person), now=now)


def _drawn() -> bytes:
    """Return a picture of books on a table."""
    picture = Image.new("RGB", (960, 640), "#f4ead8")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 470, 960, 640), fill="#b98b5e")
    for number, colour in enumerate(("#b3261e", "#1a4f8b", "#1b6e3c", "#7a4f00", "#5b4a8a")):
        left = 220 + 110 * number
        pen.rectangle((left, 190 + 20 * (number % 3), left + 90, 470), fill=colour)
        pen.rectangle((left + 15, 250, left + 75, 270), fill="#fbfaf7")
    stream = io.BytesIO()
    picture.save(stream, "JPEG")
    return stream.getvalue()


def _climb(first: Station, manager: Actor, now: datetime) -> None:
    """Let one wish wait so long that the street, and then the paired units, have been asked."""
    row = _publish(IDEAS[7], first, 24, manager, now - 16 * _DAY)
    for days in (9, 2):
        actions_due.raise_up(row.id, actor=SYSTEM, now=now - days * _DAY)


def _as(person: Person) -> Actor:
    return Actor(person.id, person.public_id, person.name)


def _that_went_nowhere(station: Station, manager: Actor, now: datetime) -> None:
    refused = _file(IDEAS[9], station, 40, now - 15 * _DAY)
    reason = "大件家具请先看社区的旧物交换，站点已打电话说明。"
    actions_desk.reject(refused.id, reason, actor=manager, now=now - 14 * _DAY)
    taken_back = _publish(IDEAS[5], station, 41, manager, now - 25 * _DAY)
    actions.withdraw(taken_back.id, "已经自己买到了", actor=SYSTEM, now=now - 22 * _DAY)
    forgotten = _publish(IDEAS[7], station, 42, manager, now - 120 * _DAY)
    actions_due.expire(forgotten.id, actor=SYSTEM, now=now - 20 * _DAY)


def _that_wait(station: Station, resident: Person, manager: Actor, now: datetime) -> None:
    own = Contact(resident.name, resident.phone or "")
    actor = Actor(resident.id, resident.public_id, resident.name)
    _file(IDEAS[8], station, 50, now - _DAY, own=own, wisher=actor)
    returned = _file(IDEAS[6], station, 51, now - 3 * _DAY)
    asked = "请告诉我们家里有没有旧的血压计。"
    actions_desk.send_back(returned.id, asked, actor=manager, now=now - 2 * _DAY)
    _verify(_file(IDEAS[0], station, 52, now - 2 * _DAY), manager, now - _DAY)


def keep(now: datetime) -> None:
    """Let three wishes at least be free to pledge."""
    free = wishes.listed(wishes.Filter(only_free=True), 1).total
    for number in range(free, FREE):
        write(_publish_fresh, number, now)


def _publish_fresh(number: int, now: datetime) -> None:
    stations = org.communities()
    turn = now.toordinal() + number
    _publish(IDEAS[turn % len(IDEAS)], stations[turn % len(stations)], 60 + number, SYSTEM, now)


# --- one step each ---------------------------------------------------------------------------------


def _file(
    idea: Idea,
    station: Station,
    number: int,
    at: datetime,
    *,
    own: Contact | None = None,
    wisher: Actor = SYSTEM,
) -> Wish:
    kind = org.term(Vocabulary.WISH_KIND, idea.kind)
    if kind is None:
        raise LookupError(idea.kind)
    wanted = Wanted(
        kind_id=kind.id,
        what=idea.text,
        why=idea.why,
        amount=idea.amount,
        urgency=idea.urgency,
        address=station.address,
    )
    given = Filing(
        station_id=station.id,
        wanted=wanted,
        wisher=own or Contact(idea.name, f"1380002{number:04d}"),
        way=Way.WEB if own else (Way.PHONE, Way.VISIT, Way.DESK, Way.HOTLINE)[number % 4],
        filer=Filer.WISHER if own else Filer.STAFF,
        wisher_id=wisher.person_id,
    )
    return actions.file(given, actor=wisher, now=at)


def _verify(row: Wish, manager: Actor, at: datetime) -> Wish:
    return actions_desk.verify(row.id, Verified.CALL, "电话里说清楚了", actor=manager, now=at)


def _publish(idea: Idea, station: Station, number: int, manager: Actor, at: datetime) -> Wish:
    row = _verify(_file(idea, station, number, at), manager, at)
    words = PublicWords(idea.alias, idea.text, idea.labels, looked_over=True)
    return actions_desk.publish(row.id, words, actor=manager, now=at)


def _pledge(row: Wish, person: Person, at: datetime) -> Sequence[int]:
    """Pledge every part; return the ids."""
    until = clock.local_day(at) + 10 * _DAY
    actor = Actor(person.id, person.public_id, person.name)
    return [
        actions_pledges.pledge(
            row.id, Promise(person.id, until, part.number), actor=actor, now=at
        ).id
        for part in wishes.parts_of(row.id)
    ]


def _deliver(row: Wish, person: Person, at: datetime) -> Wish:
    """Pledge and deliver; whoever repairs, accompanies or runs errands gave an hour at noon."""
    began = clock.day_start(clock.local_day(at)) + timedelta(hours=12, minutes=15)
    takes_time = row.kind.code in {"repair", "company", "errand", "study"}
    actor = Actor(person.id, person.public_id, person.name)
    over = began + timedelta(hours=2)
    for number, pledge_id in enumerate(_pledge(row, person, at)):
        helps = [Help(person.id, began, 60)] if takes_time and not number else []
        actions_pledges.deliver(pledge_id, "已经送到家里", helps, actor=actor, now=over)
    return row


def _confirm(row: Wish, satisfaction: int, at: datetime) -> Wish:
    word = Word(ConfirmWay.CALL_BACK, satisfaction, "很满意，谢谢")
    return actions_closing.confirm(row.id, word, actor=SYSTEM, now=at)
