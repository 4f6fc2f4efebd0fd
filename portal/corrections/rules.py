"""Pure decisions about what is recorded late or put right: steps, window, caps, the second person.

Later than within the term a record is possible only as a make-up: with reason and evidence, decided
by a second person, no longer than the shift, and only for so many days (product rules 2, 3, 5).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from portal.corrections.models import OPEN, CorrectionState
from portal.hours.rules import Span, Terms, rounded

# What the first step is recorded as; there is no state before it.
ASK = "ask"

STEPS: dict[tuple[CorrectionState, str], CorrectionState] = {
    **{(state, "add_evidence"): state for state in OPEN},
    **{(state, "withdraw"): CorrectionState.WITHDRAWN for state in OPEN},
    **{(state, "refuse"): CorrectionState.REFUSED for state in OPEN},
    (CorrectionState.SUBMITTED, "return"): CorrectionState.RETURNED,
    (CorrectionState.SUBMITTED, "approve"): CorrectionState.APPROVED,
    (CorrectionState.RETURNED, "submit"): CorrectionState.SUBMITTED,
}
# Whoever did one of these had a hand in what is claimed, and does not decide on it.
HAND_VERBS = (ASK, "submit", "add_evidence")
MOST_FILES = 3
# So long after the answer its evidence can still be asked for; then it is deleted.
EVIDENCE_KEPT = timedelta(days=730)


class Fault(StrEnum):
    """Why something cannot be recorded as it is claimed."""

    NOT_OVER = "not_over"
    TOO_LATE = "too_late"
    CALLED_OFF = "called_off"
    ON_RECORD = "on_record"
    STILL_OPEN = "still_open"
    NOT_SERVING = "not_serving"
    NOT_REGISTERED = "not_registered"
    GONE = "gone"
    ASKED = "asked"
    OUTSIDE = "outside"
    TOO_LONG = "too_long"
    OVERLAP = "overlap"
    DAY_CAP = "day_cap"
    MONTH_CAP = "month_cap"
    NO_CHANGE = "no_change"
    NO_EVIDENCE = "no_evidence"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a claim is held against. `before` are the minutes that stand now (0 for a make-up).

    `cap` is how long it may be at most, `month_cap` how much may be made up in a month (0: any).
    `standing` are faults that do not hang on the times claimed.
    """

    now: datetime
    asked_at: datetime
    ends_at: datetime
    window_days: int
    cap: int
    terms: Terms
    planned: Span | None = None
    stands: Span | None = None
    before: int = 0
    taken: tuple[Span, ...] = ()
    day_minutes: int = 0
    month_minutes: int = 0
    month_cap: int = 0
    standing: frozenset[Fault] = field(default_factory=frozenset)


def faults(span: Span, minutes: int, bounds: Bounds, files: int) -> list[Fault]:
    """Return all reasons why these minutes of this span cannot be recorded, with so many files."""
    found = [*sorted(bounds.standing), *_of_time(span, minutes, bounds)]
    if adds(minutes, bounds) and not files:
        found.append(Fault.NO_EVIDENCE)
    return found


def adds(minutes: int, bounds: Bounds) -> bool:
    """Return whether more would stand than now: only that needs evidence, and keeps to the window.

    What was recorded too much is put right at any time.
    """
    return minutes > bounds.before


def most(bounds: Bounds) -> int:
    """Return how many minutes may stand at most: no more than the shift is long, or than stood."""
    return max(bounds.cap, bounds.before)


def _of_time(span: Span, minutes: int, bounds: Bounds) -> Iterator[Fault]:
    if bounds.ends_at > bounds.now or span.ends_at > bounds.now:
        yield Fault.NOT_OVER
    elif adds(minutes, bounds) and not is_within(
        bounds.ends_at, bounds.asked_at, bounds.window_days
    ):
        yield Fault.TOO_LATE
    if bounds.stands is not None and minutes == bounds.before and span == bounds.stands:
        yield Fault.NO_CHANGE
    if minutes == 0:
        return
    if bounds.planned and not _lies_within(span, bounds.planned, bounds.terms.grace):
        yield Fault.OUTSIDE
    if minutes > min(most(bounds), rounded(span.seconds, bounds.terms)):
        yield Fault.TOO_LONG
    if any(one.starts_at < span.ends_at and span.starts_at < one.ends_at for one in bounds.taken):
        yield Fault.OVERLAP
    if bounds.day_minutes + minutes > bounds.terms.day_cap:
        yield Fault.DAY_CAP
    if bounds.month_cap and bounds.month_minutes + minutes > bounds.month_cap:
        yield Fault.MONTH_CAP


def is_within(ends_at: datetime, asked_at: datetime, days: int) -> bool:
    """Return whether it was asked within so many days after the end."""
    return asked_at <= ends_at + timedelta(days=days)


def _lies_within(span: Span, planned: Span, grace: int) -> bool:
    margin = timedelta(minutes=grace)
    return planned.starts_at - margin <= span.starts_at and span.ends_at <= planned.ends_at + margin


def is_second(actor_ids: frozenset[int], hands: frozenset[int]) -> bool:
    """Return whether this is a person, and a second one: none of their records had a hand in it.

    `hands` holds the volunteer's own records too (ASVS 2.3.5: nobody approves their own).
    """
    return bool(actor_ids) and not actor_ids & hands


def is_overdue(state: CorrectionState, due_on: date, today: date) -> bool:
    """Return whether an answer is later than it was to be."""
    return state == CorrectionState.SUBMITTED and due_on < today
