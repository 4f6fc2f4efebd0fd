"""Pure decisions about offerings of every kind: their steps, and whether they are reviewed."""

from __future__ import annotations

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
