"""What the demo district's stations do: shapes of real programmes, with invented names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from portal.activities import actions
from portal.activities.actions import Details
from portal.activities.models import Activity
from portal.core import clock
from portal.core.access import Actor
from portal.org.models import Station, Vocabulary
from portal.org.queries import term
from portal.shifts.actions import NewShift
from portal.shifts.actions_conditions import Conditions
from portal.shifts.models import PlaceRole


@dataclass(frozen=True, slots=True)
class Idea:
    """One kind of activity: codes of its terms, usual hour, length in minutes, places."""

    title: str
    kind: str
    field: str
    target: str
    summary: str
    hour: int
    minutes: int
    volunteers: int
    attendees: int = 0
    bring: str = ""
    place: str = "站前广场"
    open_crowd: bool = False


WEEKLY: tuple[Idea, ...] = (
    Idea(
        "周末清洁家园",
        "environment",
        "environment",
        "everyone",
        "一起清理楼道堆放和卫生死角，站里备好手套、夹子和垃圾袋。",
        9,
        120,
        12,
        bring="穿方便活动的鞋，带水杯",
        place="小区东门集合",
    ),
    Idea(
        "路口文明劝导",
        "order",
        "order",
        "everyone",
        "早高峰在路口提醒行人和骑车人看灯走线。",
        7,
        90,
        6,
        bring="站里发马甲和小旗",
        place="十字路口岗亭",
    ),
    Idea(
        "邻里书法课",
        "culture",
        "relations",
        "everyone",
        "请退休老师教楷书，从握笔开始，笔墨纸砚都有。",
        14,
        120,
        2,
        20,
        place="二楼教室",
    ),
    Idea(
        "探访独居老人",
        "visits",
        "relations",
        "elderly",
        "两人一组上门聊天、量血压、看看水电，记下需要帮忙的事。",
        9,
        150,
        8,
        bring="身份证件，站里发探访证",
        place="站里集合",
    ),
    Idea(
        "手机课堂",
        "education",
        "relations",
        "elderly",
        "一对一教长辈挂号、视频、付款、认骗局。",
        15,
        90,
        6,
        16,
        bring="带上自己的手机",
        place="一楼活动室",
    ),
    Idea(
        "亲子读绘本",
        "family",
        "welfare",
        "families",
        "志愿者带孩子读书、做手工，家长一起来。",
        10,
        90,
        4,
        24,
        place="文明书房",
    ),
    Idea(
        "健步走",
        "fitness",
        "welfare",
        "everyone",
        "沿河绿道走五公里，有志愿者前后照应。",
        8,
        90,
        4,
        40,
        bring="运动鞋、水",
        place="绿道起点",
    ),
    Idea(
        "急救知识进社区",
        "science",
        "welfare",
        "everyone",
        "社区医生教心肺复苏和海姆立克法，每人都能上手练。",
        19,
        90,
        3,
        30,
        place="多功能室",
    ),
    Idea(
        "道德模范进社区",
        "theory",
        "welfare",
        "everyone",
        "身边好人讲身边事，讲完一起拉家常。",
        16,
        90,
        3,
        40,
        place="报告厅",
    ),
    Idea(
        "夜间平安巡逻",
        "safety",
        "order",
        "everyone",
        "跟老街坊一起走一圈，看消防通道和楼道充电。",
        20,
        90,
        6,
        bring="站里发手电和袖标",
        place="站里集合",
    ),
)

READING = Idea(
    "品读书香",
    "reading",
    "welfare",
    "everyone",
    "每周开放的读书角，随到随读，志愿者帮忙找书。",
    14,
    240,
    2,
    60,
    place="文明书房",
    open_crowd=True,
)
FAIR = Idea(
    "义工生活节",
    "fair",
    "welfare",
    "everyone",
    "爱心义卖、便民理发、小家电维修、文艺展演，摊位由各支队伍来摆。",
    9,
    480,
    30,
    200,
    place="文化广场",
    open_crowd=True,
)
GALA = Idea(
    "广场纳凉晚会",
    "festival",
    "relations",
    "everyone",
    "居民自己的节目，中间有文明知识问答，答对有小礼品。",
    19,
    120,
    10,
    150,
    place="文化广场",
    open_crowd=True,
)
RIDERS = Idea(
    "给骑手送清凉",
    "care",
    "welfare",
    "workers",
    "在暖蜂驿站给骑手备水、充电、修车，听听他们的难处。",
    12,
    120,
    6,
    place="暖蜂驿站",
)
# What is on now; each station takes the one its turn brings.
ON_NOW: tuple[Idea, ...] = (
    Idea(
        "文明引导志愿服务",
        "order",
        "order",
        "everyone",
        "在门口引路、答疑、帮老人取号，劝阻不文明行为。",
        9,
        120,
        8,
        10,
        place="站点门口",
    ),
    Idea(
        "便民窗口帮办",
        "care",
        "relations",
        "elderly",
        "帮来办事的老人填表、复印、操作自助机。",
        9,
        120,
        8,
        10,
        place="一楼大厅",
    ),
    Idea(
        "图书角整理",
        "reading",
        "welfare",
        "everyone",
        "归架、修补旧书，陪来看书的孩子。",
        9,
        120,
        8,
        10,
        place="图书角",
    ),
    Idea(
        "院落清洁",
        "environment",
        "environment",
        "everyone",
        "清扫楼道和花坛，劝导垃圾分类。",
        9,
        120,
        8,
        10,
        place="小区中心花园",
    ),
    Idea(
        "老人聊天角",
        "care",
        "relations",
        "elderly",
        "陪老人下棋、读报、量血压。",
        9,
        120,
        8,
        10,
        place="日间活动室",
    ),
    Idea(
        "骑手歇脚服务",
        "care",
        "welfare",
        "workers",
        "给骑手备水、充电，帮忙看车。",
        9,
        120,
        8,
        10,
        place="站点门前棚下",
    ),
)
FULL = Idea(
    "小家电义务维修",
    "care",
    "relations",
    "everyone",
    "修电饭煲、电风扇、台灯。志愿者名额少，满了可以排候补。",
    9,
    150,
    3,
    place="站前广场",
)
LAST_PLACE = Idea(
    "陪诊志愿服务",
    "care",
    "relations",
    "elderly",
    "陪独自看病的老人挂号、取药。",
    8,
    180,
    4,
    place="卫生服务中心门口",
)
RISKY = Idea(
    "河道清漂",
    "environment",
    "environment",
    "everyone",
    "在岸边打捞漂浮物，全程穿救生衣。",
    9,
    120,
    8,
    bring="防滑鞋",
    place="清水河码头",
)


def details_of(idea: Idea, station: Station, *, risky: bool = False) -> Details:
    """Return the activity of an idea at a station."""
    ids = []
    for vocabulary, code in (
        (Vocabulary.ACTIVITY_KIND, idea.kind),
        (Vocabulary.FIELD, idea.field),
        (Vocabulary.TARGET_GROUP, idea.target),
    ):
        row = term(vocabulary, code)
        if row is None:
            raise LookupError(code)
        ids.append(row.id)
    return Details(
        title=idea.title,
        kind_id=ids[0],
        field_id=ids[1],
        target_group_id=ids[2],
        place=idea.place,
        summary=idea.summary,
        leader_name="站点值班员",
        contact_phone=station.phone,
        bring=idea.bring,
        is_risky=risky,
        risk_note="近水作业，有滑倒和落水的风险。" if risky else "",
        insurance_note="站里为每位志愿者购买当日意外险。" if risky else "",
    )


def shift_of(idea: Idea, starts_at: datetime) -> NewShift:
    """Return a shift of an idea that starts at an instant."""
    wanted = ((PlaceRole.VOLUNTEER, idea.volunteers), (PlaceRole.ATTENDEE, idea.attendees))
    places = tuple((role, capacity) for role, capacity in wanted if capacity)
    return NewShift(starts_at, starts_at + timedelta(minutes=idea.minutes), places)


def usual_start(idea: Idea, day: date) -> datetime:
    """Return when an idea begins on a day."""
    return clock.at_local(day, time(idea.hour))


def publish(
    idea: Idea, station: Station, starts: datetime, *, actor: Actor, now: datetime
) -> Activity:
    """Create and publish an activity with its first shift."""
    row = actions.create(
        station.id,
        details_of(idea, station),
        shift_of(idea, starts),
        conditions=Conditions(open_crowd=idea.open_crowd),
        actor=actor,
        now=now,
    )
    return actions.publish(row.id, actor=actor, now=now)
