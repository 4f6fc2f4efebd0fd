"""Pure decisions about feedback: the steps, what is overdue, numbers to keep."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta

from portal.feedback.models import OPEN, FeedbackState

# What the first step is recorded as; there is no state before it.
FILE = "file"

STEPS: dict[tuple[FeedbackState, str], FeedbackState] = {
    **{(state, "answer"): FeedbackState.ANSWERED for state in OPEN},
    **{(state, "decline"): FeedbackState.CANNOT_BE_DONE for state in OPEN},
    **{(state, "hand_over"): FeedbackState.HANDED_OVER for state in OPEN},
    **{(state, "withdraw"): FeedbackState.WITHDRAWN for state in OPEN},
    (FeedbackState.ANSWERED, "reopen"): FeedbackState.REOPENED,
    (FeedbackState.CANNOT_BE_DONE, "reopen"): FeedbackState.REOPENED,
}

# The kind of which staff may be the subject; kinds are data, this one has a rule of its own.
COMPLAINT = "complaint"
# Where a hand-over goes when it goes to no station.
OFFICE = "office"
NUMBER_DIGITS = 8
CODE_DIGITS = 6
LONGEST_PATH = 200
# How long after the end somebody may still be called about it; then name and phone are deleted.
CONTACT_KEPT = timedelta(days=180)


def may_withdraw(state: FeedbackState) -> bool:
    """Return whether who filed it may take it back."""
    return (state, "withdraw") in STEPS


def may_reopen(state: FeedbackState, reopened_at: datetime | None) -> bool:
    """Return whether who filed it may say once that the answer does not do."""
    return (state, "reopen") in STEPS and reopened_at is None


def is_overdue(state: FeedbackState, due_on: date, today: date) -> bool:
    """Return whether somebody waits longer than was said."""
    return state in OPEN and due_on < today


def normal_number(typed: str | None) -> str:
    """Return a number as its digits alone, whatever blanks it was typed with."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", typed or ""))


def shown_number(number: str) -> str:
    """Return 1234 5678: two groups are read and typed with fewer mistakes."""
    half = NUMBER_DIGITS // 2
    return f"{number[:half]} {number[half:]}"
