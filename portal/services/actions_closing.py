"""Verbs at the end of an order: close it, and credit the time it took."""

from __future__ import annotations

from datetime import datetime, timedelta

from portal.core.access import Actor
from portal.core.db import locked
from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.hours import actions as hours
from portal.hours import queries as ledger
from portal.hours.models import Source
from portal.hours.rules import rounded
from portal.org import queries as org
from portal.org.models import Vocabulary
from portal.people import queries as people
from portal.people.models import Person
from portal.records import notes
from portal.services import moves, queries
from portal.services import queries_dispatches as dispatches
from portal.services.models_dispatches import OrderHelp
from portal.services.models_orders import Order, OrderState

# As what the time given for orders counts in the figures.
CREDIT_KIND = "care"


def close(order_id: int, reason: str, *, actor: Actor, now: datetime) -> Order:
    """Close the order (办结) and credit the time it took. Twice is harmless.

    The station approves with it; whoever helped cannot. Without the asker's rating a reason is
    needed.
    """
    _lock_helpers(order_id)
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
        _credit(one, row, actor=actor, now=now)
    held = queries.holding(row.id)
    if held is not None:
        moves.tell_doers(held, row, "order_finished", now=now)
    moves.tell_asker(row, "order_closed", now=now)
    return row


def credit_late(help_id: int, *, actor: Actor, now: datetime) -> None:
    """Credit time that waited for its giver's registration. Twice is harmless."""
    given = locked(OrderHelp, help_id)
    if given is not None and given.approved_by_id and given.credited_at is None:
        _credit(given, queries.order(given.dispatch.order_id), actor=actor, now=now)


def _lock_helpers(order_id: int) -> None:
    """Lock the persons whose minutes will be judged, before the order; also whom they became."""
    kept = people.kept_ids()
    given = {one.person_id for one in queries.helps_for(order_id)}
    for person_id in sorted(given | {kept.get(one, one) for one in given}):
        locked(Person, person_id)


def _credit(given: OrderHelp, order: Order, *, actor: Actor, now: datetime) -> None:
    """Credit registered volunteers whose time somebody approved; for others the minutes wait."""
    if given.approved_by_id is None or not people.is_registered(given.person_id):
        return
    terms = ledger.terms()
    hours.credit(
        hours.Credit(
            person_id=given.person_id,
            shift_id=None,
            station_id=order.station_id,
            kind_id=_kind_id(),
            starts_at=given.starts_at,
            ends_at=given.starts_at + timedelta(minutes=given.minutes),
            minutes=min(rounded(given.minutes * 60, terms), terms.day_cap),
            source=Source.WISH,
            source_ref=Ref(dispatches.HELP_KIND, given.id),
            rule={**terms.as_rule(), "approved_by": given.approved_by_id},
        ),
        actor=actor,
        now=now,
    )
    given.credited_at = now


def _kind_id() -> int:
    term = org.term(Vocabulary.ACTIVITY_KIND, CREDIT_KIND)
    return term.id if term else org.terms(Vocabulary.ACTIVITY_KIND)[0].id
