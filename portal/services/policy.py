"""Who may do what with the menu and with orders."""

from __future__ import annotations

from dataclasses import dataclass

from portal.core.access import Actor, Role
from portal.services.models import Service
from portal.services.models_dispatches import Dispatch, DispatchState
from portal.services.models_orders import Order

KEEPERS = (Role.STATION_MANAGER, Role.ADMINISTRATOR)
OFFICE = (Role.CAMPAIGN_OFFICER, Role.ADMINISTRATOR)
READERS = (*KEEPERS, Role.CAMPAIGN_OFFICER)


@dataclass(frozen=True, slots=True)
class Held:
    """A dispatch, and the records of those who may answer it: leaders, liaisons, who claimed it."""

    dispatch: Dispatch
    doers: frozenset[int]

    @property
    def is_free(self) -> bool:
        """Whether it lies open to whoever claims it."""
        return self.dispatch.kind == "open" and self.dispatch.state == DispatchState.OFFERED


def keeps_orders(actor: Actor) -> bool:
    """Managers of some station, and administrators."""
    return actor.holds_any(*KEEPERS)


def reads_orders(actor: Actor) -> bool:
    """Who keeps orders somewhere, and campaign officers, who read of them."""
    return actor.holds_any(*READERS)


def may_keep(actor: Actor, order: Order) -> bool:
    """Managers of the order's station (or above), and administrators."""
    return actor.holds_any(*KEEPERS, at=order.station_id)


def may_read(actor: Actor, order: Order) -> bool:
    """Who keeps the order, and the campaign officers above it."""
    return actor.holds_any(*READERS, at=order.station_id)


def may_keep_service(actor: Actor, service: Service) -> bool:
    """Managers of the service's station (or above), and administrators."""
    return actor.holds_any(*KEEPERS, at=service.station_id)


def is_office(actor: Actor) -> bool:
    """Campaign officers, and administrators."""
    return actor.holds_any(*OFFICE)


def is_asker(actor: Actor, order: Order) -> bool:
    """The asker, under this record or the one it was merged into."""
    asker = order.asker
    if asker is None or not actor.is_signed_in:
        return False
    return actor.person_id in {asker.id, asker.merged_into_id}


def is_doer(actor: Actor, held: Held) -> bool:
    """Who may answer the dispatch."""
    return actor.is_signed_in and actor.person_id in held.doers


def may_see(actor: Actor, held: Held) -> bool:
    """Who may answer the dispatch; everybody signed in while it lies open."""
    return is_doer(actor, held) or (actor.is_signed_in and held.is_free)
