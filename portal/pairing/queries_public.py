"""What everybody may know: which units help which communities, and what they have done together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from portal.core.db import db
from portal.org.models import Station
from portal.org.models_units import CivilizedUnit, Pairing
from portal.pairing.models import PairingProject, ProjectState

# How many of the projects done are told on a page, the latest first.
TOLD = 20


@dataclass(frozen=True, slots=True)
class Done:
    """A project that was done: its title, the unit, the day."""

    title: str
    unit: str
    day: date


@dataclass(frozen=True, slots=True)
class Helped:
    """A community with its units, by name, and what was done together lately."""

    id: str
    name: str
    units: list[str] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)


def of_station(station_id: int) -> Helped | None:
    """Return what the station's page tells; None when no unit is paired with it."""
    return next(iter(_helped(Pairing.station_id == station_id)), None)


def all_helped() -> Sequence[Helped]:
    """Return all communities that have a unit, in the order of the tree."""
    return _helped()


def _helped(*where: object) -> list[Helped]:
    pairs = (
        select(Station.id, Station.public_id, Station.community, Station.name, CivilizedUnit.name)
        .join(Pairing, Pairing.station_id == Station.id)
        .join(CivilizedUnit, CivilizedUnit.id == Pairing.unit_id)
        .where(Pairing.ended_on.is_(None), Station.closed_at.is_(None), *where)  # type: ignore[arg-type]
        .order_by(Station.parent_id, Station.position, Station.id, CivilizedUnit.name)
    )
    found: dict[int, Helped] = {}
    for station_id, public_id, community, name, unit in db.session.execute(pairs):
        found.setdefault(station_id, Helped(public_id, community or name)).units.append(unit)
    done = (
        select(Pairing.station_id, PairingProject.title, CivilizedUnit.name, PairingProject.done_on)
        .join(Pairing, Pairing.id == PairingProject.pairing_id)
        .join(CivilizedUnit, CivilizedUnit.id == Pairing.unit_id)
        .where(
            PairingProject.state == ProjectState.DONE,
            Pairing.ended_on.is_(None),
            Pairing.station_id.in_(found),
        )
        .order_by(PairingProject.done_on.desc(), PairingProject.id.desc())
    )
    for station_id, title, unit, day in db.session.execute(done):
        told = found[station_id].done
        if len(told) < TOLD:
            told.append(Done(title, unit, day))
    return list(found.values())
