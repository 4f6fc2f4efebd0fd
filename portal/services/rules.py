"""Pure decisions about orders: the steps of an order and of a dispatch, days, visits, who may claim."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from portal.core.errors import Reason
from portal.core.i18n import gettext as _
from portal.people.rules import is_minor, with_check_digit
from portal.services.models_dispatches import DispatchState
from portal.services.models_orders import DayPart, OrderState, VisitStep

# What a first filing, and a first dispatch, is recorded as; there is no state before it.
FILE = "file"

STEPS: dict[tuple[OrderState, str], OrderState] = {
    (OrderState.FILED, "review"): OrderState.REVIEWED,
    (OrderState.FILED, "refuse"): OrderState.REFUSED,
    (OrderState.FILED, "withdraw"): OrderState.WITHDRAWN,
    (OrderState.FILED, "expire"): OrderState.EXPIRED,
    (OrderState.REVIEWED, "dispatch"): OrderState.DISPATCHED,
    (OrderState.REVIEWED, "open"): OrderState.OPEN,
    # It turned out that nobody can do it.
    (OrderState.REVIEWED, "refuse"): OrderState.REFUSED,
    (OrderState.REVIEWED, "withdraw"): OrderState.WITHDRAWN,
    (OrderState.REVIEWED, "expire"): OrderState.EXPIRED,
    (OrderState.DISPATCHED, "accept"): OrderState.ACCEPTED,
    (OrderState.DISPATCHED, "decline"): OrderState.REVIEWED,
    (OrderState.DISPATCHED, "recall"): OrderState.REVIEWED,
    (OrderState.DISPATCHED, "withdraw"): OrderState.WITHDRAWN,
    (OrderState.DISPATCHED, "expire"): OrderState.EXPIRED,
    (OrderState.OPEN, "claim"): OrderState.ACCEPTED,
    (OrderState.OPEN, "recall"): OrderState.REVIEWED,
    (OrderState.OPEN, "withdraw"): OrderState.WITHDRAWN,
    (OrderState.OPEN, "expire"): OrderState.EXPIRED,
    (OrderState.ACCEPTED, "finish"): OrderState.DONE,
    # Who accepted cannot do it after all; it goes back to the desk, which sends it elsewhere.
    (OrderState.ACCEPTED, "decline"): OrderState.REVIEWED,
    (OrderState.ACCEPTED, "recall"): OrderState.REVIEWED,
    (OrderState.ACCEPTED, "withdraw"): OrderState.WITHDRAWN,
    (OrderState.DONE, "reopen"): OrderState.ACCEPTED,
    (OrderState.DONE, "rate"): OrderState.RATED,
    # Nobody can be asked any more; staff say why.
    (OrderState.DONE, "close"): OrderState.CLOSED,
    (OrderState.RATED, "close"): OrderState.CLOSED,
}

# From here no step leads on.
ENDS = frozenset(OrderState) - {state for state, _verb in STEPS}
OPEN = tuple(state for state in OrderState if state not in ENDS)

DISPATCH_STEPS: dict[tuple[DispatchState, str], DispatchState] = {
    (DispatchState.OFFERED, "accept"): DispatchState.ACCEPTED,
    (DispatchState.OFFERED, "claim"): DispatchState.ACCEPTED,
    (DispatchState.OFFERED, "decline"): DispatchState.DECLINED,
    (DispatchState.OFFERED, "recall"): DispatchState.RECALLED,
    (DispatchState.ACCEPTED, "decline"): DispatchState.DECLINED,
    (DispatchState.ACCEPTED, "recall"): DispatchState.RECALLED,
    (DispatchState.ACCEPTED, "finish"): DispatchState.DONE,
    (DispatchState.DONE, "reopen"): DispatchState.ACCEPTED,
}

# The dispatch that an order in a state has; in all others it has none.
HELD: dict[OrderState, DispatchState] = {
    OrderState.DISPATCHED: DispatchState.OFFERED,
    OrderState.OPEN: DispatchState.OFFERED,
    OrderState.ACCEPTED: DispatchState.ACCEPTED,
    OrderState.DONE: DispatchState.DONE,
    OrderState.RATED: DispatchState.DONE,
    OrderState.CLOSED: DispatchState.DONE,
}

# Whose turn it is: in all other open states it is the station's.
DOERS_TURN = frozenset({OrderState.DISPATCHED, OrderState.ACCEPTED})

# Where a dispatch goes when it goes to nobody in particular.
TO_ALL = "open"
NUMBER_DIGITS = 9
CODE_DIGITS = 6
LONGEST_HELP_MINUTES = 24 * 60
# How long after the end somebody may still be called about it; then who asked is deleted.
PRIVATE_KEPT = timedelta(days=180)

_USUAL_HOURS = {
    DayPart.MORNING: (time(9), time(11)),
    DayPart.AFTERNOON: (time(14), time(16)),
    DayPart.EVENING: (time(19), time(20, 30)),
}


def may(state: OrderState, verb: str) -> bool:
    """Return whether the verb is a step from the state."""
    return (state, verb) in STEPS


def is_overdue(state: OrderState, due_on: date | None, today: date) -> bool:
    """Return whether whoever must act next has let the day pass."""
    return state in OPEN and due_on is not None and due_on < today


def to_tell(due_on: date, today: date, raise_days: int) -> int:
    """Return who is to know that the day passed: 0 nobody, 1 who must act, 2 who stands above."""
    if today <= due_on:
        return 0
    return 2 if today > due_on + timedelta(days=raise_days) else 1


def may_be_ordered(
    in_use_from: date, in_use_until: date | None, closed_at: datetime | None, today: date
) -> bool:
    """Return whether a service stands on the menu on the day."""
    ended = in_use_until is not None and in_use_until < today
    return closed_at is None and in_use_from <= today and not ended


def promise_refusal(promised_on: date, today: date, longest: int) -> str:
    """Return why the day cannot be promised, in a sentence, or an empty text."""
    if promised_on < today:
        return str(_("请选今天或者以后的日期。"))
    if promised_on > today + timedelta(days=longest):
        return str(_("最晚选 %(n)d 天以内的日期。", n=longest))
    return ""


def next_visit_step(taken: Collection[VisitStep]) -> VisitStep | None:
    """Return the step of a home visit that comes next; None when the papers are back."""
    return next((step for step in VisitStep if step not in taken), None)


def usual_hours(part: DayPart) -> tuple[time, time]:
    """Return from when to when an activity made of an order takes place, to begin with."""
    return _USUAL_HOURS.get(part, _USUAL_HOURS[DayPart.MORNING])


@dataclass(frozen=True, slots=True)
class Claimer:
    """What matters of who wants to take an open order. `live` counts what they have already."""

    birth_on: date | None
    is_registered: bool
    is_own: bool
    live: int
    withdrew_notice: bool = False


def may_claim(claimer: Claimer, cap: int, today: date) -> list[Reason]:
    """Return all reasons against it, each with its way out; an empty list means yes."""
    reasons = []
    if claimer.is_own:
        reasons.append(Reason("own_order", _("这是您自己点的，或者您替别人点的，不能自己接。")))
    if not claimer.is_registered:
        message = _("接单的要是注册志愿者。登记大约 2 分钟，站点通过以后就能接单。")
        reasons.append(Reason("not_registered", message, _("登记成为志愿者"), "/volunteer/apply"))
    if claimer.withdrew_notice:
        message = _("您撤回了隐私告知的同意，不能接单。重新同意以后就可以。")
        reasons.append(Reason("consent_withdrawn", message, _("去看隐私和我的数据"), "/me/privacy"))
    if is_minor(claimer.birth_on, today):
        message = _("未满 18 岁不能自己接单。可以请家长接单，一起去完成。")
        reasons.append(Reason("too_young", message))
    if claimer.live >= cap:
        message = _("同时最多接 %(n)d 单。先办好手上的，再接新的。", n=cap)
        reasons.append(Reason("too_many", message, _("派给我的"), "/me/orders?tab=theirs"))
    return reasons


# --- numbers -------------------------------------------------------------------------------------


def checked_number(running: int) -> str:
    """Return the number with its check digit."""
    return with_check_digit(f"{running:0{NUMBER_DIGITS - 1}d}")


def normal_number(typed: str | None) -> str:
    """Return a number as its digits alone, whatever blanks it was typed with."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", typed or ""))[:30]


def is_number(text: str) -> bool:
    """Return whether it has nine digits, the last of which checks."""
    fits = text.isascii() and text.isdecimal() and len(text) == NUMBER_DIGITS
    return fits and with_check_digit(text[:-1]) == text


def shown_number(number: str) -> str:
    """Return 123 456 789: groups are read and typed with fewer mistakes."""
    return " ".join(number[at : at + 3] for at in range(0, len(number), 3))
