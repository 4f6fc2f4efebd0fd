"""Why somebody at a desk wants to see a telephone number."""

from __future__ import annotations

from enum import StrEnum

from portal.core.i18n import lazy_gettext as _l

# So long the number stands on the screen, where a script can take it away again.
SHOWN_SECONDS = 120


class Why(StrEnum):
    """What a number is wanted for; the log keeps the code."""

    CONFIRM = "confirm"
    CHANGE = "change"
    URGENT = "urgent"
    OTHER = "other"


WHY_LABELS = {
    Why.CONFIRM: _l("问一下来不来"),
    Why.CHANGE: _l("时间或者地点变了，要通知"),
    Why.URGENT: _l("现场有急事"),
    Why.OTHER: _l("别的事"),
}
