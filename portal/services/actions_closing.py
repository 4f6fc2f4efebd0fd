"""Verbs at the end of an order: close it, and credit the time it took."""

from __future__ import annotations

from datetime import datetime

from portal.core.access import Actor
from portal.core.db import locked
from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.hours import given
from portal.records import notes
from portal.services import moves, queries
from portal.services import queries_dispatches as dispatches
from portal.services.models_dispatches import OrderHelp
from portal.services.models_orders import Order, OrderState


def close(order_id: int, reason: str, *, actor: Actor, now: datetime) -> Order:
    """Close the order (办结) and credit the time it took. Twice is harmless.

    The station approves with it; whoever helped cannot. Without the asker's rating a reason is
    needed.
    """
    given.lock_givers(one.person_id for one in queries.helps_for(order_id))
    row = moves.lock(order_id)
    if row.state == OrderState.CLOSED:
        return row
    moves.must_not_have_helped(row, actor)
    if row.state == OrderState.DONE and not reason:
        raise Invalid("reason", _("点单人还没有评单。请写明为什么可以办结。"))
    moves.move(row, "close", actor=actor, now=now)
    notes.put(moves.ref(row), "close", reason, actor=actor, now=now)
    for one in queries.helps_for(row.id):
        one.approved_by_id = actor.person_id
        given.credit(one, dispatches.HELP_KIND, row.station_id, actor=actor, now=now)
    held = queries.holding(row.id)
    if held is not None:
        moves.tell_doers(held, row, "order_finished", now=now)
    moves.tell_asker(row, "order_closed", now=now)
    return row


def credit_late(help_id: int, *, actor: Actor, now: datetime) -> None:
    """Credit time that waited for its giver's registration. Twice is harmless."""
    row = locked(OrderHelp, help_id)
    if row is not None and row.approved_by_id and row.credited_at is None:
        station_id = queries.order(row.dispatch.order_id).station_id
        given.credit(row, dispatches.HELP_KIND, station_id, actor=actor, now=now)
