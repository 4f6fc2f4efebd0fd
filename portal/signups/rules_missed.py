"""Pure decisions about what is counted as missed: openly, for a time, and never used by a machine."""

from __future__ import annotations

from enum import StrEnum

from portal.core.i18n import lazy_gettext as _l
from portal.signups.models_missed import AppealState

# The code on the step of a withdrawal that came late by the setting of its day.
LATE = "late"


class Missed(StrEnum):
    """What is counted."""

    LATE = "late_cancel"
    NO_SHOW = "no_show"


MISSED_LABELS = {Missed.LATE: _l("临时取消"), Missed.NO_SHOW: _l("没有到场")}

STEPS: dict[tuple[AppealState, str], AppealState] = {
    (AppealState.OPEN, "grant"): AppealState.GRANTED,
    (AppealState.OPEN, "refuse"): AppealState.REFUSED,
}
