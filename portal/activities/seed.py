"""The templates that every district begins with: what nearly each station puts on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.activities import queries_templates as queries
from portal.activities.models_templates import ActivityTemplate
from portal.core.access import Actor
from portal.core.db import db
from portal.org import queries as org
from portal.org.models import Vocabulary


@dataclass(frozen=True, slots=True)
class Usual:
    """One kind of activity: codes of its terms, usual start and length in minutes, places."""

    code: str
    name: str
    title: str
    terms: tuple[str, str, str]
    starts_minute: int
    length_minutes: int
    volunteers: int
    attendees: int
    summary: str
    bring: str = ""


USUAL = (
    Usual("clean_up", "清洁家园", "周末清洁家园", ("environment", "environment", "everyone"),
          9 * 60, 120, 12, 0,
          "一起清理楼道堆放和卫生死角，站里备好手套、夹子和垃圾袋。",
          "穿方便活动的鞋，带水杯"),
    Usual("lecture", "讲座", "健康知识讲座", ("education", "welfare", "everyone"),
          15 * 60, 90, 3, 40,
          "请人来讲大家关心的事，讲完当场问答。"),
    Usual("square_show", "广场演出", "广场文艺演出", ("festival", "relations", "everyone"),
          19 * 60, 120, 10, 150,
          "居民自己的节目，中间有文明知识问答。"),
    Usual("reading_room", "文明书房", "文明书房开放", ("reading", "welfare", "everyone"),
          14 * 60, 180, 2, 30,
          "来读书、借书，志愿者帮忙找书、陪孩子读。"),
    Usual("home_visits", "入户探访", "探访独居老人", ("visits", "relations", "elderly"),
          9 * 60, 150, 8, 0,
          "两人一组上门聊天、量血压、看看水电，记下需要帮忙的事。",
          "身份证件，站里发探访证"),
    Usual("calligraphy", "书法课", "邻里书法课", ("culture", "relations", "everyone"),
          14 * 60, 120, 2, 20,
          "从握笔开始教楷书，笔墨纸砚都有。"),
)  # fmt: skip
_VOCABULARIES = (Vocabulary.ACTIVITY_KIND, Vocabulary.FIELD, Vocabulary.TARGET_GROUP)


def seed(*, actor: Actor, now: datetime) -> None:
    """Put the templates in place; twice is harmless, what was renamed or retired stays so."""
    known = queries.codes()
    for one in USUAL:
        if one.code not in known:
            db.session.add(_template(one, actor, now))
    db.session.flush()


def _template(one: Usual, actor: Actor, now: datetime) -> ActivityTemplate:
    kind, field, target = (
        org.term(vocabulary, code)
        for vocabulary, code in zip(_VOCABULARIES, one.terms, strict=True)
    )
    if kind is None or field is None or target is None:
        raise LookupError(one.terms)
    return ActivityTemplate(
        code=one.code,
        name=one.name,
        title=one.title,
        kind_id=kind.id,
        field_id=field.id,
        target_group_id=target.id,
        summary=one.summary,
        bring=one.bring,
        starts_minute=one.starts_minute,
        length_minutes=one.length_minutes,
        volunteers=one.volunteers,
        attendees=one.attendees,
        created_at=now,
        created_by_id=actor.person_id,
    )
