"""Pure decisions about close-outs: when one is asked for, until when it may be put right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from portal.attendance.rules_headcounts import Heads
from portal.closeouts.models import Outcome

# So many working days before the last day the station is reminded, once.
REMIND_BEFORE = 2
# Nobody is asked any more for what is longer ago; it stays «not reported».
ASKED_BACK = timedelta(days=60)
MOST_PHOTOS = 3


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a shift: amounts by counter in hundredths, how the service was, heads."""

    outcome: Outcome = Outcome.REPORTED
    quality: int | None = None
    remark: str = ""
    amounts: Mapping[int, int] = field(default_factory=dict)
    heads: Heads | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is told at all."""
        return not (self.quality or self.remark or self.amounts or self.heads)


NOTHING = Told(Outcome.NOTHING)


def open_until(due_on: date, first_on: date | None) -> date:
    """Return the last day on which it may be put right: the deadline's, or that of a late report."""
    return max(due_on, first_on) if first_on else due_on


def hundredths(amount: Decimal) -> int:
    """Return an amount as stored."""
    return int(amount * 100)


def amount(hundredths: int) -> Decimal:
    """Return a stored amount, without noughts behind the point."""
    found = (Decimal(hundredths) / 100).normalize()
    return found.quantize(Decimal(1)) if found == found.to_integral() else found
