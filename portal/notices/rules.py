"""Pure decisions about when a notice may leave the house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from portal.core import clock
from portal.notices.topics import MAY_BE_URGENT

URGENT_WITHIN = timedelta(hours=24)
# A message is tried at once and after each of these: for less than a day, then it is given up.
AGAIN_AFTER = tuple(timedelta(minutes=n) for n in (1, 5, 15, 60, 180, 360, 720))
# Nobody else takes a message that is being sent; longer than any sender waits for an answer.
LEASE = timedelta(minutes=5)
# What lay about for longer, as when no worker ran, is in the tray and need not be sent any more.
TOO_OLD = timedelta(days=2)
CODE_LIFE = timedelta(minutes=30)
CODE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Quiet:
    """Quiet hours of the local day, from one full hour to another; the same hour twice is never."""

    first: int
    until: int

    def holds(self, at: datetime) -> bool:
        """Return whether it is quiet at the instant."""
        hour = clock.local(at).hour
        if self.first <= self.until:
            return self.first <= hour < self.until
        return hour >= self.first or hour < self.until

    def over(self, at: datetime) -> datetime:
        """Return when quiet hours that hold at the instant are over."""
        day = clock.local_day(at)
        end = clock.at_local(day, time(self.until))
        return end if end > at else clock.at_local(day + timedelta(days=1), time(self.until))


def is_urgent(kind: str, starts_at: datetime | None, now: datetime) -> bool:
    """Return whether a notice cannot wait: called off or moved, and it would begin within a day."""
    return (
        kind in MAY_BE_URGENT
        and starts_at is not None
        and now - URGENT_WITHIN < starts_at < now + URGENT_WITHIN
    )


def may_go_at(now: datetime, quiet: Quiet, *, urgent: bool) -> datetime:
    """Return when a message may leave: at once, or when it is not quiet any more."""
    return quiet.over(now) if quiet.holds(now) and not urgent else now


def again_at(attempts: int, now: datetime) -> datetime | None:
    """Return when a message that was tried so often is tried again; None when it is given up."""
    return now + AGAIN_AFTER[attempts - 1] if attempts <= len(AGAIN_AFTER) else None
