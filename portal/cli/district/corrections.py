"""Make-ups and corrections of the demo district: one waits, one was approved, one refused, one is back.

All of it is invented; the pictures are drawn, nobody is on them.
"""

from __future__ import annotations

import io
from datetime import datetime, time, timedelta

from PIL import Image, ImageDraw

from portal.cli.district.places import Places
from portal.cli.district.residents import Residents
from portal.core import clock, ids
from portal.core.access import Actor
from portal.corrections import actions, actions_desk
from portal.corrections.actions import Said
from portal.corrections.judging import Claim
from portal.corrections.models import Correction
from portal.hours.models import LedgerEntry
from portal.hours.queries import live_of
from portal.org.models import Station, Vocabulary
from portal.org.queries import term
from portal.people import queries as people
from portal.people.models import Person
from portal.records import documents
from portal.records.files import Keepable

_DAY = timedelta(days=1)
_LENGTH = 70
_MOST = 5 * 1024 * 1024


def make(places: Places, residents: Residents, now: datetime) -> None:
    """Ask, answer and send back, each at a time of its own; the action of a `write`."""
    first, manager = places.stations[0], residents.actor("manager")
    neighbours = residents.volunteers[first.id]
    officer = residents.actor("officer")
    drain = Said(
        "当时没来得及报站点，做完才想起来。",
        "修好院子里塌陷的排水口",
        "和平路 8 号院",
        "下雨后院里的排水口塌了一角，怕老人踩空。找来水泥和旧砖，把口子砌平，又试着倒了两桶水，不积水了。",
    )
    made = _unplanned(neighbours[0], first, 6, drain, manager, now)
    actions_desk.approve(made.id, "看了照片，也去现场看过。", actor=officer, now=now - 4 * _DAY)
    park = Said(
        "手机没电，没有登记。", "在公园捡垃圾", "滨河公园", "一个人沿河走了一圈，捡了两袋垃圾。"
    )
    refused = _unplanned(neighbours[1], first, 5, park, _as(neighbours[1]), now)
    words = "照片里看不出是哪一天、在哪里。下次请先告诉站点。"
    actions_desk.refuse(refused.id, words, actor=manager, now=now - 3 * _DAY)
    steps = Said(
        "邻居叫得急，先去帮忙了。", "帮邻居搬轮椅上楼", "3 号楼", "电梯停了，抬轮椅上六楼。"
    )
    member = residents.accounts["member"]
    back = _unplanned(member, first, 3, steps, _as(member), now)
    words = "照片是空楼道，请补一张能看出做了什么的。"
    actions_desk.send_back(back.id, words, actor=manager, now=now - 2 * _DAY)
    _shorter(residents.accounts["volunteer"], now)


def _unplanned(
    person: Person, station: Station, days: int, said: Said, actor: Actor, now: datetime
) -> Correction:
    """Ask for service that nobody planned, a day after it was given.

    It was early in the morning, before any shift of the demo district.
    """
    day = clock.local_day(now) - days * _DAY
    starts_at = clock.at_local(day, time(5, 20))
    kind = term(Vocabulary.ACTIVITY_KIND, "environment")
    claim = Claim(
        person.id, starts_at, starts_at + timedelta(minutes=_LENGTH), _LENGTH,
        station_id=station.id, kind_id=kind.id if kind else 0,
    )  # fmt: skip
    asked = now - (days - 1) * _DAY
    return actions.ask(claim, said, [_drawn()], ids.code(20), actor=actor, now=asked)


def _shorter(person: Person, now: datetime) -> None:
    """Let the volunteer say that their latest record is half an hour too long: it waits."""
    latest = max(live_of(person.id), key=_start)
    ends_at = latest.ends_at - timedelta(minutes=30)
    minutes = int((ends_at - latest.starts_at).total_seconds() // 60)
    claim = Claim(person.id, latest.starts_at, ends_at, minutes, entry_id=latest.id)
    said = Said("我提前半小时走了，签退是别人代扫的。")
    asked = now - timedelta(hours=20)
    actions.ask(claim, said, [], ids.code(20), actor=_as(person), now=asked)


def _start(entry: LedgerEntry) -> datetime:
    return entry.starts_at


def _as(person: Person) -> Actor:
    return people.actor_of(person)


def _drawn() -> Keepable:
    """Return a picture of a drain in a yard, as a phone would send it."""
    picture = Image.new("RGB", (960, 640), "#cfd6d0")
    pen = ImageDraw.Draw(picture)
    for row in range(0, 640, 80):
        pen.line((0, row, 960, row), fill="#aab3ab", width=3)
    pen.rectangle((330, 200, 630, 440), fill="#5d6660")
    for left in range(350, 620, 40):
        pen.rectangle((left, 220, left + 16, 420), fill="#2b2f2c")
    stream = io.BytesIO()
    picture.save(stream, "JPEG")
    return documents.evidence(stream.getvalue(), most_bytes=_MOST)
