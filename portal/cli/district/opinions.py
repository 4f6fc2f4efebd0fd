"""What people of the demo district had to say, in every state. All of it is invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.cli.district.places import Places
from portal.cli.district.residents import Residents
from portal.core import ids
from portal.core.access import VISITOR, Actor
from portal.feedback import actions, rules
from portal.feedback.actions import NewFeedback
from portal.feedback.contact import Contact
from portal.org.models import Vocabulary
from portal.org.queries import term
from portal.people.models_consents import Channel

# Stands for the second station in a hand-over.
BESIDE = "beside"
UNNAMED = Contact()


@dataclass(frozen=True, slots=True)
class Move:
    """What was done with it: by which demo account (none: who filed it), how many days ago."""

    verb: str
    by: str
    days: float
    words: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Opinion:
    """One thing that was said, so many days ago; about the station of this number, or none."""

    kind: str
    words: str
    days: float
    station: int | None = 0
    who: str = ""
    contact: Contact = UNNAMED
    channel: Channel = Channel.WEB
    about_staff: bool = False
    about_path: str = ""
    moves: tuple[Move, ...] = ()


OPINIONS = (
    Opinion(
        "suggestion", "书法课能不能周六上午也开一次？平时要接孩子。", 9, who="resident",
        moves=(Move("answer", "manager", 6, "从下个月起周六上午加开一次，已经排进活动。"),),
    ),
    Opinion(
        "complaint", "站里空调太冷，老人坐不住。", 2, who="resident",
        about_path="/activities",
    ),
    Opinion(
        "suggestion", "门口台阶没有扶手，下雨天滑。", 14,
        contact=Contact("桂阿姨", "13800019001"), channel=Channel.DESK,
    ),
    Opinion(
        "complaint", "约好九点来，志愿者登记处的工作人员九点半才到，也没有说一声。", 3,
        contact=Contact("莫先生", "13800019002"), about_staff=True,
    ),
    Opinion(
        "praise", "值守的同志帮我把轮椅抬上楼，谢谢他们。", 5, channel=Channel.PHONE,
        contact=Contact("梅奶奶", ""),
        moves=(Move("answer", "manager", 4, "谢谢您，我们已经转告当天值守的同志。"),),
    ),
    Opinion("fault", "手机上报名以后，日历里看不到时间。", 1, None, who="volunteer"),
    Opinion(
        "fault", "长辈版里字还是小，能不能再大一点？", 20, None, who="member",
        moves=(
            Move("answer", "officer", 18, "长辈版的字已经放大，请再看看。"),
            Move("reopen", "member", 16, "站点那一页还是小。"),
            Move("answer", "officer", 14, "站点那一页也改好了，谢谢您的细心。"),
        ),
    ),
    Opinion(
        "suggestion", "桥头路口早上车多，希望多安排文明劝导。", 6,
        contact=Contact("段师傅", "13800019003"),
        moves=(Move("hand_over", "manager", 5, "路口在桥头社区，请你们看看。", BESIDE),),
    ),
    Opinion(
        "complaint", "广场上晚上音响太吵。", 8, contact=Contact("", "13800019004"),
        moves=(Move("hand_over", "manager", 7, "要和城管一起办，请创建办协调。", rules.OFFICE),),
    ),
    Opinion(
        "suggestion", "能不能在站里装一台取款机？", 11, 1,
        contact=Contact("", "13800019005"),
        moves=(
            Move("decline", "other_manager", 9, "要由银行定点，站里装不了。最近的在桥头街 12 号。"),
        ),
    ),
    Opinion(
        "other", "活动结束得太晚，没有公交了。", 7, contact=Contact("小秦", "13800019006"),
        moves=(
            Move("answer", "manager", 5, "以后晚上的活动八点半前结束。"),
            Move("reopen", "", 1, "昨天那一场还是九点才结束。"),
        ),
    ),
    Opinion(
        "suggestion", "图书角的书想借回家看。", 4, contact=Contact("", "13800019007"),
        moves=(Move("withdraw", "", 3),),
    ),
    Opinion("other", "捡到一把钥匙，放在站里了，请帮忙找失主。", 0.2, 2),
)  # fmt: skip


def make(places: Places, residents: Residents, now: datetime) -> None:
    """Let everything be said, and done with, when it was."""
    for opinion in OPINIONS:
        _say(opinion, places, residents, now)


def _say(opinion: Opinion, places: Places, residents: Residents, now: datetime) -> None:
    person = residents.accounts.get(opinion.who)
    kind = term(Vocabulary.FEEDBACK_KIND, opinion.kind)
    given = NewFeedback(
        kind_id=kind.id if kind else 0,
        words=opinion.words,
        form_key=ids.code(20),
        channel=opinion.channel,
        person_id=person.id if person else None,
        contact=opinion.contact,
        about_station_id=(None if opinion.station is None else places.stations[opinion.station].id),
        about_staff=opinion.about_staff,
        about_path=opinion.about_path,
    )
    on_behalf = opinion.channel != Channel.WEB
    actor = _actor(residents, "manager" if on_behalf else opinion.who)
    row = actions.file(given, actor=actor, now=now - timedelta(days=opinion.days))
    for move in opinion.moves:
        beside = places.stations[1].public_id
        target = (beside if move.target == BESIDE else move.target,) if move.target else ()
        words = (move.words,) if move.words else ()
        getattr(actions, move.verb)(
            row.id, *target, *words,
            actor=_actor(residents, move.by), now=now - timedelta(days=move.days),
        )  # fmt: skip


def _actor(residents: Residents, who: str) -> Actor:
    return residents.actor(who) if who else VISITOR
