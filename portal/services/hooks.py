"""What others call by name: the tick's work, checks, the legal export, erasure, links."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from flask import url_for

from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.core.db import write
from portal.org.working_days import Deadline
from portal.records import notes, settings
from portal.services import actions_closing, actions_due, moves, queries
from portal.services import queries_dispatches as dispatches
from portal.services.models_dispatches import Dispatch
from portal.services.models_orders import Order
from portal.services.rules import PRIVATE_KEPT

_FOR_DESK = {"order_returned", "order_waits", "order_waits_below"}
_FOR_DOERS = {
    "order_dispatched", "order_recalled", "order_withdrawn", "order_reopened", "order_finished",
    "order_overdue",
}  # fmt: skip
# What the desk tells those to whom it sends an order, and they the desk, is not the asker's.
_INTERNAL = {"dispatch", "recall", "decline", "close"}


def due(now: datetime) -> None:
    """Tell of what is overdue, expire, forget, and credit what waited for a registration."""
    today = clock.local_day(now)
    raised = today - timedelta(days=settings.get("order_raise_days"))
    expired = now - timedelta(days=settings.get("order_expire_days"))
    for order_id in queries.to_expire(expired):
        write(actions_due.expire, order_id, actor=SYSTEM, now=now)
    for order_id in queries.overdue_untold(today, raised):
        write(actions_due.tell_overdue, order_id, actor=SYSTEM, now=now)
    for order_id in queries.to_forget(now - PRIVATE_KEPT):
        write(actions_due.forget, order_id, actor=SYSTEM, now=now)
    for help_id in dispatches.to_credit():
        write(actions_closing.credit_late, help_id, actor=SYSTEM, now=now)


def check() -> list[str]:
    """Return one line for each order that does not agree with its dispatch, steps or hours."""
    return [*_wrong_dispatches(), *_wrong_steps(), *_uncredited()]


def _wrong_dispatches() -> Iterator[str]:
    for order_id, state, held in queries.wrong_dispatches():
        yield f"order {order_id}: is {state}, its dispatch is {held or 'not there'}"


def _wrong_steps() -> Iterator[str]:
    for order_id, state, step in queries.wrong_states():
        yield f"order {order_id}: is {state}, its last step led to {step or 'nowhere'}"


def _uncredited() -> Iterator[str]:
    for help_id in dispatches.credited_without_entry():
        yield f"order help {help_id}: is marked as credited, but has no ledger entry"


def url_order(id: int, kind: str = "") -> str:  # noqa: A002  the hook's form
    """Return where a notice of this kind leads: the desk, who carries it out, or the asker."""
    public_id = queries.order(id).public_id
    if kind in _FOR_DESK:
        return url_for("services.desk_show", order=public_id)
    if kind in _FOR_DOERS:
        return url_for("services.my_index", tab="theirs")
    return url_for("services.my_show", order=public_id)


def export(person_id: int) -> dict[str, Any]:
    """Return what the person ordered, accepted and gave, for the legal export."""
    return {
        "orders": [_of_order(row) for row in queries.of_person(person_id)],
        "dispatches": [_of_dispatch(row) for row in dispatches.of_person(person_id)],
        "order_helps": [
            {"at": clock.local(row.starts_at).isoformat(), "minutes": row.minutes}
            for row in dispatches.helps_of_person(person_id)
        ],
    }


def _of_order(row: Order) -> dict[str, Any]:
    private = queries.private_of(row.id)
    return {
        "id": row.public_id,
        "number": row.number,
        "service": row.service.title,
        "station": row.station.name,
        "state": row.state,
        "at_home": row.at_home,
        "wished_on": row.wished_on.isoformat() if row.wished_on else None,
        "day_part": row.day_part,
        "filed_at": clock.local(row.filed_at).isoformat(),
        "name": private.name if private else None,
        "phone": private.phone if private else None,
        "address": private.address if private else None,
        "note": private.note if private else None,
        "satisfaction": row.satisfaction,
        "notes": [
            {"at": clock.local(note.at).isoformat(), "kind": note.kind, "text": note.text}
            for note in notes.of(moves.ref(row))
            if note.kind not in _INTERNAL
        ],
    }


def _of_dispatch(row: Dispatch) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "service": row.order.service.title,
        "state": row.state,
        "promised_on": row.promised_on.isoformat() if row.promised_on else None,
        "accepted_at": clock.local(row.accepted_at).isoformat() if row.accepted_at else None,
    }


def erase(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Delete what tells who asked. See `actions_due.erase`."""
    actions_due.erase(person_id, actor=actor, now=now)


def deadlines(since: date) -> list[Deadline]:
    """Return by when the desk acts on orders, where working days count."""
    return [
        Deadline(row, "due_on", clock.local_day(row.moved_at))
        for row in queries.due_in_working_days(since, moves.IN_WORKING_DAYS)
    ]
