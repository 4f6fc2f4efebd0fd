"""Which stations a reader of figures sees: the subtrees of their grants, or one part of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.core.access import Actor, Role
from portal.core.copies import kept
from portal.core.db import db
from portal.org.models import Level, Station

OFFICE_ROLES = (Role.CAMPAIGN_OFFICER, Role.ADMINISTRATOR, Role.AUDITOR)


class Place(NamedTuple):
    """What figures need of a station. Closed ones stay: what they did has been done."""

    id: int
    public_id: str
    name: str
    level: Level
    parent_id: int | None
    population: int
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Scope:
    """Stations in the order of the tree. `whole`: all of the district, so nothing to filter by."""

    places: tuple[Place, ...]
    whole: bool
    # The station that was asked for, when one was.
    root: Place | None = None

    @property
    def station_ids(self) -> Sequence[int] | None:
        """Ids to filter by; None for the whole district."""
        return None if self.whole else sorted(place.id for place in self.places)

    @property
    def population(self) -> int:
        """Residents of all its communities."""
        return sum(place.population for place in self.places)

    @property
    def name(self) -> str:
        """Name of the station asked for, or of the topmost one."""
        top = self.root or (self.places[0] if self.places else None)
        return top.name if top else ""

    def below(self, public_id: str) -> Scope | None:
        """Return the part of a station and everything below it; None when it is not within."""
        root = next((place for place in self.places if place.public_id == public_id), None)
        if root is None:
            return None
        ids = {root.id}
        for place in self.places:  # parents come before their children
            if place.parent_id in ids:
                ids.add(place.id)
        part = tuple(place for place in self.places if place.id in ids)
        return Scope(part, self.whole and len(part) == len(self.places), root)

    def only(self) -> Scope:
        """Return the asked station alone, without what is below it."""
        if self.root is None:
            return self
        return Scope((self.root,), whole=False, root=self.root)


def of_actor(actor: Actor) -> Scope:
    """Return what the actor may see as an officer, administrator or auditor."""
    return of_stations(actor.stations(*OFFICE_ROLES))


def of_district() -> Scope:
    """Return the whole district."""
    places = _all()
    return Scope(places, whole=True)


def of_stations(station_ids: Iterable[int]) -> Scope:
    """Return the stations of these ids."""
    wanted = frozenset(station_ids)
    places = _all()
    chosen = tuple(place for place in places if place.id in wanted)
    return Scope(chosen, whole=len(chosen) == len(places))


def of_subtree(station_id: int) -> Scope:
    """Return a station with everything below it, as if there were nothing else."""
    district = of_district()
    root = next(place for place in district.places if place.id == station_id)
    part = district.below(root.public_id)
    assert part is not None  # noqa: S101  the root was taken from the same list
    return Scope(part.places, part.whole)


@kept
def _all() -> tuple[Place, ...]:
    columns = (
        Station.id,
        Station.public_id,
        Station.name,
        Station.level,
        Station.parent_id,
        Station.population,
        Station.closed_at,
    )
    rows = db.session.execute(select(*columns).order_by(Station.position, Station.id))
    children: dict[int | None, list[Place]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(Place(*row))
    ordered: list[Place] = []
    waiting = list(reversed(children.get(None, [])))
    while waiting:
        place = waiting.pop()
        ordered.append(place)
        waiting.extend(reversed(children.get(place.id, [])))
    return tuple(ordered)
