"""Who may do what with pairings."""

from __future__ import annotations

from dataclasses import dataclass

from portal.core.access import Actor, Role
from portal.org.models import Station
from portal.org.models_units import CivilizedUnit, Pairing
from portal.pairing.models import JointActivity, PairingItem, PairingProject

OFFICE_ROLES = (Role.CAMPAIGN_OFFICER, Role.ADMINISTRATOR)
# Who speaks for the community.
DESK_ROLES = (Role.STATION_MANAGER, Role.ADMINISTRATOR)
Part = PairingItem | PairingProject | JointActivity


@dataclass(frozen=True, slots=True)
class Held:
    """A pairing with who answers for its unit."""

    row: Pairing
    liaison_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A unit with who answers for it."""

    unit: CivilizedUnit
    liaison_ids: frozenset[int]


def pairs_somewhere(actor: Actor) -> bool:
    """Campaign officers and administrators, of whatever part of the tree."""
    return actor.holds_any(*OFFICE_ROLES)


def may_pair(actor: Actor, station: Station) -> bool:
    """Officers and administrators of the station or one above."""
    return actor.holds_any(*OFFICE_ROLES, at=station.id)


def may_end(actor: Actor, pairing: Held) -> bool:
    """The same, for the pairing's community."""
    return actor.holds_any(*OFFICE_ROLES, at=pairing.row.station_id)


def keeps_some_community(actor: Actor) -> bool:
    """Who has pairings on the desk: managers; the office reads along."""
    return actor.holds_any(*DESK_ROLES, *OFFICE_ROLES)


def may_see(actor: Actor, pairing: Held, **parts: Part) -> bool:
    """Managers of the community, officers and administrators above it."""
    reads = actor.holds_any(*DESK_ROLES, *OFFICE_ROLES, at=pairing.row.station_id)
    return reads and _belong(pairing, parts)


def keeps_community(actor: Actor, pairing: Held, **parts: Part) -> bool:
    """Managers and administrators of the community; the parts named belong to the pairing."""
    manages = actor.holds_any(*DESK_ROLES, at=pairing.row.station_id)
    return manages and _belong(pairing, parts)


def speaks_for(actor: Actor, pairing: Held, **parts: Part) -> bool:
    """A liaison of the unit; the parts named belong to the pairing."""
    return actor.person_id in pairing.liaison_ids and _belong(pairing, parts)


def _belong(pairing: Held, parts: dict[str, Part]) -> bool:
    return all(part.pairing_id == pairing.row.id for part in parts.values())


def speaks_for_unit(actor: Actor, unit: Spoken) -> bool:
    """A liaison of the unit."""
    return actor.person_id in unit.liaison_ids
