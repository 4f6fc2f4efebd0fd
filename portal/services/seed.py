"""The categories that every district's service menu begins with."""

from __future__ import annotations

from portal.core.access import Actor
from portal.core.db import db
from portal.services import queries_menu
from portal.services.models import ServiceCategory

# Code, Chinese, English; below each its own.
CATEGORIES: tuple[tuple[tuple[str, str, str], tuple[tuple[str, str, str], ...]], ...] = (
    (("household", "家政维修", "Household and repairs"), (
        ("plumbing", "水电维修", "Plumbing and wiring"),
        ("appliances", "家电清洗维修", "Appliances"),
        ("cleaning", "打扫收纳", "Cleaning"),
    )),
    (("health", "健康", "Health"), (
        ("check_up", "量血压测血糖", "Blood pressure and sugar"),
        ("first_aid", "急救和健康讲座", "First aid and health talks"),
    )),
    (("culture", "文化", "Culture"), (
        ("arts", "书画戏曲", "Calligraphy, painting, opera"),
        ("reading", "读书读报", "Reading aloud"),
    )),
    (("elderly", "助老", "Older people"), (
        ("meals", "送餐代买", "Meals and shopping"),
        ("haircut", "理发", "Haircuts"),
        ("company", "陪伴探访", "Company and visits"),
        ("phones", "学用手机", "Learning to use a phone"),
    )),
    (("study", "助学", "Learning"), (
        ("homework", "作业辅导", "Homework help"),
        ("holiday_care", "假期托管", "Holiday care"),
    )),
    (("law", "法律", "Legal advice"), (
        ("advice", "法律咨询", "Legal consultation"),
        ("mediation", "邻里调解", "Mediation"),
    )),
    (("psychology", "心理", "Counselling"), (
        ("counselling", "心理疏导", "Counselling"),
    )),
    (("errands", "便民代办", "Errands"), (
        ("papers", "证件材料代办", "Papers fetched and returned"),
        ("queries", "政策咨询", "Questions about policy"),
    )),
)  # fmt: skip


def seed(*, actor: Actor) -> None:  # noqa: ARG001  a verb's form
    """Put the categories in place; twice is harmless, what is there already stays as it is."""
    known = {row.code: row for row in queries_menu.all_categories()}
    for position, (own, below) in enumerate(CATEGORIES):
        top = known.get(own[0]) or _added(None, own, position)
        for number, one in enumerate(below):
            if one[0] not in known:
                _added(top.id, one, number)


def _added(parent_id: int | None, said: tuple[str, str, str], position: int) -> ServiceCategory:
    code, zh, en = said
    row = ServiceCategory(
        parent_id=parent_id, code=code, name_zh=zh, name_en=en, position=position, active=True
    )
    db.session.add(row)
    db.session.flush()
    return row
