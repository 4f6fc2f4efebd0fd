"""Pure decisions about stations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from portal.org.models import Level


class Span(Protocol):
    """Opening hours of one weekday, in minutes of the local day."""

    opens_minute: int
    closes_minute: int


def is_open(spans: Iterable[Span], minute: int) -> bool:
    """Return whether one of the day's spans holds the minute."""
    return any(span.opens_minute <= minute < span.closes_minute for span in spans)


def may_stand_below(level: Level, above: Level | None) -> bool:
    """Return whether a station of a level may stand below another (None: at the top)."""
    if above is None:
        return level == Level.CENTRE
    order = list(Level)
    return order.index(level) > order.index(above)
