"""Pure decisions about activities: what publishing needs. Steps and review are every offering's."""

from __future__ import annotations

from portal.core.errors import Reason
from portal.core.i18n import gettext as _
from portal.shifts.rules import STEPS, needs_review, review_setting

__all__ = ["STEPS", "may_be_published", "needs_review", "review_setting"]


def may_be_published(
    *, is_risky: bool, insurance_note: str, has_shifts: bool, has_places: bool
) -> list[Reason]:
    """Return all reasons against publishing (《志愿服务条例》 art. 12, 17: risks and insurance)."""
    reasons = []
    if is_risky and not insurance_note:
        message = _("有风险的活动要先写明保险，才能发布。请点“修改”补上。")
        reasons.append(Reason("insurance_missing", message))
    if not has_shifts:
        reasons.append(Reason("no_shift", _("还没有场次。请先加一场。")))
    elif not has_places:
        reasons.append(Reason("no_place", _("还没有名额。请写明要几名志愿者，或者多少人参加。")))
    return reasons
