"""Pure decisions: star levels by hours, steps of a batch, who may evaluate whom, when it is late."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from portal.core.errors import Reason
from portal.core.i18n import gettext as _
from portal.honours.models_upstream import BatchState

# (state, verb) -> next state. The first move of a batch makes it.
STEPS = {
    (BatchState.MADE, "hand_in"): BatchState.HANDED_IN,
    (BatchState.MADE, "fail"): BatchState.FAILED,
    (BatchState.HANDED_IN, "confirm"): BatchState.CONFIRMED,
    (BatchState.HANDED_IN, "fail"): BatchState.FAILED,
}
# So many rows leave in one batch: one file, in memory, and one statement's worth of locks.
MOST_ROWS = 20_000


def thresholds(text: str) -> tuple[int, ...]:
    """Return the hours of each level from the setting, which is checked when it is changed."""
    return tuple(int(part) for part in text.split(","))


def level(minutes: int, hours: Sequence[int]) -> int:
    """Return the star level that these minutes reach; 0: none."""
    return sum(minutes >= one * 60 for one in hours)


def peak(minutes: Iterable[int]) -> int:
    """Return the most that the entries, in the order written, ever added up to."""
    return max(accumulate(minutes), default=0)


@dataclass(frozen=True, slots=True)
class Recognised:
    """A level that somebody recognised, and the hours it asked for then."""

    level: int
    hours: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands. `level`: what counts; `waiting`, `lost`: a level, or 0.

    `next_hours`: what the next level asks for; 0 at the last one.
    """

    minutes: int
    level: int
    waiting: int = 0
    lost: int = 0
    next_hours: int = 0
    needs_approval: bool = False


def standing(
    entries: Sequence[int],
    hours: Sequence[int],
    recognised: Sequence[Recognised],
    *,
    needs_approval: bool,
) -> Standing:
    """Return where the entries of a person (minutes, in the order written) let them stand.

    What was recognised holds by the hours that held then, as long as the ledger still has them; what
    a reversal took away is lost, and said.
    """
    total = sum(entries)
    reached = level(total, hours)
    held = max((one.level for one in recognised if total >= one.hours * 60), default=0)
    counts = held if needs_approval else max(reached, held)
    before = max((one.level for one in recognised), default=0)
    if not needs_approval:
        before = max(before, level(peak(entries), hours))
    return Standing(
        minutes=total,
        level=counts,
        waiting=reached if needs_approval and reached > held else 0,
        lost=before if before > max(counts, reached) else 0,
        next_hours=next((one for one in hours if total < one * 60), 0),
        needs_approval=needs_approval,
    )


def own_record() -> Reason:
    """Nobody honours, evaluates or recognises themselves."""
    return Reason("own_record", _("这是您自己（或者家人）的，要由另一位负责人来办。"))


def may_evaluate(last_on: date, today: date, *, over: bool) -> list[Reason]:
    """Return why it cannot be entered yet: what has not ended is not evaluated."""
    if over and last_on <= today:
        return []
    return [Reason("not_over", _("还没有结束，结束以后再评价。"))]
