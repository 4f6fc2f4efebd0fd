"""Verbs that come round by themselves: tell of what is overdue, expire, forget; and erase a person."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.notices.actions import tell
from portal.records import notes, settings
from portal.services import actions, actions_dispatch, moves, queries, rules
from portal.services.models_dispatches import Dispatch, DispatchState
from portal.services.models_orders import Order, OrderPrivate, OrderState


def tell_overdue(order_id: int, *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Tell who must act that the day has passed; some days later also who stands above. Once each."""
    row = moves.lock(order_id)
    if row.due_on is None:
        return
    level = rules.to_tell(row.due_on, clock.local_day(now), settings.get("order_raise_days"))
    if level <= row.told:
        return
    held = queries.holding(row.id) if row.state in rules.DOERS_TURN else None
    if row.told == 0:
        _tell_first(row, held, now=now)
    if level == 2:
        _tell_above(row, held, now=now)
    row.told = level


def _tell_first(row: Order, held: Dispatch | None, *, now: datetime) -> None:
    if held is not None:
        moves.tell_doers(held, row, "order_overdue", now=now)
    else:
        moves.tell_desk(row, "order_waits", now=now)


def _tell_above(row: Order, held: Dispatch | None, *, now: datetime) -> None:
    """Above a team or a unit stands the station, above the station the next one."""
    if held is not None:
        moves.tell_desk(row, "order_waits", now=now)
        return
    for person_id in queries.keepers(row.station.parent_id):
        tell(person_id, "order_waits_below", moves.ref(row), now=now)


def expire(order_id: int, *, actor: Actor, now: datetime) -> None:
    """End an order with which nothing has happened for long."""
    row = moves.lock(order_id)
    days = timedelta(days=settings.get("order_expire_days"))
    if (OrderState(row.state), "expire") not in rules.STEPS or now < row.moved_at + days:
        return
    moves.move(row, "expire", actor=actor, now=now)
    moves.recall(row, now=now, notice="order_recalled")
    moves.tell_asker(row, "order_expired", now=now)


def forget(order_id: int, *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Delete what is private about an order that ended long ago. Twice is harmless."""
    row = moves.lock(order_id)
    if row.closed_at is not None and row.closed_at <= now - rules.PRIVATE_KEPT:
        _forget(row)


def erase(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Delete what tells who asked; open orders are withdrawn, what was claimed is given back.

    The rows stay and name an id. What was done stays for the station to close.
    """
    own = select(Order.id).where(Order.asker_id == person_id).order_by(Order.id)
    for order_id in list(db.session.scalars(own)):
        row = moves.lock(order_id)
        if rules.may(OrderState(row.state), "withdraw"):
            actions.withdraw(order_id, "", actor=actor, now=now)
        _forget(row)
    claimed = select(Dispatch.id).where(
        Dispatch.person_id == person_id,
        Dispatch.team_id.is_(None),
        Dispatch.unit_id.is_(None),
        Dispatch.state == DispatchState.ACCEPTED,
    )
    for dispatch_id in list(db.session.scalars(claimed.order_by(Dispatch.id))):
        actions_dispatch.decline(dispatch_id, "", actor=actor, now=now)


def _forget(row: Order) -> None:
    db.session.execute(delete(OrderPrivate).where(OrderPrivate.order_id == row.id))
    notes.erase(moves.ref(row))
