"""How orders and dispatches move: under locks, with step, audit, the next day, and notice.

Locks: persons by id, then the order, then its dispatch.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.steps import next_state
from portal.notices.actions import tell
from portal.org.queries import add_working_days
from portal.records import audit, settings, steps
from portal.services import queries, rules
from portal.services import queries_dispatches as dispatches
from portal.services.models_dispatches import Dispatch, DispatchState
from portal.services.models_orders import Order, OrderState

# In which setting it stands until when whoever must act acts, and whether working days count.
_DAYS = {
    OrderState.FILED: ("order_review_days", True),
    OrderState.REVIEWED: ("order_dispatch_days", True),
    OrderState.DISPATCHED: ("order_answer_days", False),
    OrderState.OPEN: ("order_claim_days", False),
    OrderState.DONE: ("order_close_days", True),
    OrderState.RATED: ("order_close_days", True),
}
# Where the deadline is counted in working days, it moves with the calendar.
IN_WORKING_DAYS = tuple(state for state, (_key, working) in _DAYS.items() if working)


def lock(order_id: int) -> Order:
    """Lock the order and read it afresh."""
    row = locked(Order, order_id)
    if row is None:  # pragma: no cover  rows are never deleted
        raise LookupError(order_id)
    return row


def lock_dispatch(dispatch_id: int) -> tuple[Dispatch, Order]:
    """Lock the order, then the dispatch."""
    order = lock(db.session.get_one(Dispatch, dispatch_id).order_id)
    row = locked(Dispatch, dispatch_id)
    if row is None:  # pragma: no cover  rows are never deleted
        raise LookupError(dispatch_id)
    return row, order


def ref(row: Order) -> Ref:
    """Return how steps, notes and notices name an order."""
    return Ref("order", row.id)


def first_day(now: datetime) -> date:
    """Return by when an order that was just filed is to be reviewed."""
    return _by_setting(OrderState.FILED, now)


def move(
    row: Order,
    verb: str,
    *,
    actor: Actor,
    now: datetime,
    promised_on: date | None = None,
    **details: Any,
) -> Order:
    """Go one step. Raises Refused(`wrong_state`) when it is none.

    `promised_on` is the day by which an accepted order is to be done.
    """
    before = OrderState(row.state)
    row.state = next_state(rules.STEPS, before, verb)
    row.moved_at, row.told = now, 0
    row.closed_at = now if row.state in rules.ENDS else None
    if row.closed_at is not None:
        row.due_on = None
    else:
        row.due_on = promised_on or _by_setting(OrderState(row.state), now)
    record(row, before, verb, actor=actor, now=now, **details)
    return row


def _by_setting(state: OrderState, now: datetime) -> date:
    key, working = _DAYS[state]
    today, days = clock.local_day(now), settings.get(key)
    return add_working_days(today, days) if working else today + timedelta(days=days)


def record(
    row: Order, before: str, verb: str, *, actor: Actor, now: datetime, **details: Any
) -> None:
    """Write down a move that was made."""
    steps.record(ref(row), before, verb, row.state, actor=actor, now=now)
    audit.record(
        f"order.{verb}", ref(row), actor=actor, now=now, station_id=row.station_id, **details
    )


def move_dispatch(row: Dispatch, verb: str, *, now: datetime) -> Dispatch:
    """Go one step of a dispatch; the step row is the order's."""
    row.state = next_state(rules.DISPATCH_STEPS, DispatchState(row.state), verb)
    is_live = row.state in {DispatchState.OFFERED, DispatchState.ACCEPTED}
    row.ended_at = None if is_live else now
    return row


def recall(row: Order, *, now: datetime, notice: str) -> None:
    """Take the order back from those with whom it lies, and tell them; nothing when with nobody."""
    held = queries.holding(row.id)
    if held is None:
        return
    move_dispatch(held, "recall", now=now)
    # The next dispatch is inserted before this row is updated, unless told otherwise.
    db.session.flush()
    tell_doers(held, row, notice, now=now)


def tell_asker(row: Order, kind: str, *, now: datetime) -> None:
    """Tell the asker, if they have a record here."""
    if row.asker_id is not None:
        tell(row.asker_id, kind, ref(row), now=now)


def tell_doers(held: Dispatch, row: Order, kind: str, *, now: datetime) -> None:
    """Tell those with whom the order lies."""
    for person_id in dispatches.doers_of(held):
        tell(person_id, kind, ref(row), now=now)


def tell_desk(row: Order, kind: str, *, now: datetime) -> None:
    """Tell who keeps the station's orders."""
    for person_id in queries.keepers(row.station_id):
        tell(person_id, kind, ref(row), now=now)


def must_not_have_helped(row: Order, actor: Actor) -> None:
    """Whoever carried an order out does not approve it. Raises Refused(`own_help`)."""
    held = queries.holding(row.id)
    helped = {one.person_id for one in queries.helps_for(row.id)}
    if held is not None:
        helped.add(held.person_id or 0)
    if actor.person_id in helped:
        message = _("这一单是您去办的，要由点单人或者另一位工作人员来评单、办结。")
        raise Refused(Reason("own_help", message))
