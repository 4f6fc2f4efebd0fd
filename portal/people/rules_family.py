"""Pure decisions about families: whom one may add, and how."""

from __future__ import annotations

from datetime import date

from portal.core.errors import Reason
from portal.core.i18n import gettext as _
from portal.people.models_family import Relation
from portal.people.rules import is_minor

MOST_MEMBERS = 12


def may_add(
    relation: Relation,
    birth_on: date,
    today: date,
    *,
    is_guardian: bool,
    agreed: bool,
    members: int,
) -> list[Reason]:
    """Return all reasons against a new member without an account.

    A minor is added by a guardian (个人信息保护法 art. 31, product rule 8), a grown-up knows of it.
    """
    reasons = []
    if members >= MOST_MEMBERS:
        message = _("最多登记 %(n)d 位家人。可以先移除不用的。", n=MOST_MEMBERS)
        reasons.append(Reason("too_many_members", message))
    if is_minor(birth_on, today):
        if not is_guardian:
            message = _(
                "未满 18 岁要由监护人添加。您是监护人的，请勾选同意；不是的，请监护人来添加。"
            )
            reasons.append(Reason("not_guardian", message))
    elif not agreed:
        message = _("家人成年了，要先跟他说好，再勾选“家人知道并且同意”。")
        reasons.append(Reason("not_agreed", message))
    if relation == Relation.SPOUSE and is_minor(birth_on, today):
        reasons.append(Reason("too_young", _("请检查出生日期和关系。")))
    return reasons
