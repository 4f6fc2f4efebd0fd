"""Pure decisions about offerings of every kind: their steps, and whether they are reviewed."""

from __future__ import annotations

from datetime import date, timedelta

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
    # Undone while nobody has been told.
    (OfferingState.CALLED_OFF, "undo_draft"): OfferingState.DRAFT,
    (OfferingState.CALLED_OFF, "undo_in_review"): OfferingState.IN_REVIEW,
    (OfferingState.CALLED_OFF, "undo_published"): OfferingState.PUBLISHED,
}


def needs_review(setting: str, *, is_risky: bool) -> bool:
    """Return whether an offering is reviewed: `none`, `risky_only` or `all` by the station's level."""
    return setting == "all" or (setting == "risky_only" and is_risky)


def review_setting(level: Level) -> str:
    """Return the key of the setting that holds for stations of a level."""
    return f"review_{level}"


# 《大型群众性活动安全管理条例》 art. 2, 12, 13: from so many persons expected at once an activity needs
# the permit of the county's police (from 5,000 on of the city's), applied for 20 days before.
LARGE = 1000
LARGEST = 5000
APPLY_BEFORE = timedelta(days=20)


def needs_permit(expected_persons: int, permit_note: str) -> bool:
    """Return whether an activity is large and nobody has noted the permit of the police."""
    return expected_persons >= LARGE and not permit_note


def last_day_to_apply(first_day: date) -> date:
    """Return the last local day on which the permit can be applied for."""
    return first_day - APPLY_BEFORE
