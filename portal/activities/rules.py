"""Pure decisions about activities: steps, review, what publishing needs."""

from __future__ import annotations

from portal.core.errors import Reason
from portal.core.i18n import gettext as _
from portal.org.models import Level
from portal.shifts.models import OfferingState

STEPS: dict[tuple[OfferingState, str], OfferingState] = {
    (OfferingState.DRAFT, "submit"): OfferingState.IN_REVIEW,
    (OfferingState.DRAFT, "publish"): OfferingState.PUBLISHED,
    (OfferingState.DRAFT, "call_off"): OfferingState.CALLED_OFF,
    (OfferingState.IN_REVIEW, "approve"): OfferingState.PUBLISHED,
    (OfferingState.IN_REVIEW, "return"): OfferingState.DRAFT,
    (OfferingState.IN_REVIEW, "call_off"): OfferingState.CALLED_OFF,
    (OfferingState.PUBLISHED, "call_off"): OfferingState.CALLED_OFF,
}


def needs_review(setting: str, *, is_risky: bool) -> bool:
    """Return whether an activity is reviewed: `none`, `risky_only` or `all` by the station's level."""
    return setting == "all" or (setting == "risky_only" and is_risky)


def review_setting(level: Level) -> str:
    """Return the key of the setting that holds for stations of a level."""
    return f"review_{level}"


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
