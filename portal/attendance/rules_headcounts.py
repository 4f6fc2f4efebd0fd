"""What is said of heads: a number with how it is known, and the taps of a tally."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.attendance.models_headcounts import Method


@dataclass(frozen=True, slots=True)
class Heads:
    """How many came, how that is known, and who counted where it was not the actor."""

    number: int
    method: Method
    counted_by: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """One tap of a tally: so many more or fewer, when, by the phone's own key."""

    mark_id: str
    amount: int
    counted_at: datetime
