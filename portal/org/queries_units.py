"""Selects over civilized units and their pairings, for who administers and pairs them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload

from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.org.models import Level, Station, StationTree
from portal.org.models_units import UNIT_KIND_LABELS, CivilizedUnit, Pairing, UnitKind
from portal.org.rules_units import Known


@dataclass(frozen=True, slots=True)
class UnitFilter:
    """What the list of units shows. `station_ids` None: also units that lie nowhere yet."""

    station_ids: frozenset[int] | None
    within_id: int | None = None
    kind: UnitKind | None = None
    words: str = ""
    closed: bool = False


def unit_by_id(public_id: str) -> CivilizedUnit | None:
    """Return the unit of a public id, also a closed one."""
    query = select(CivilizedUnit).options(joinedload(CivilizedUnit.station))
    return db.session.scalars(query.where(CivilizedUnit.public_id == public_id)).first()


def listed(wanted: UnitFilter, number: int) -> Page[CivilizedUnit]:
    """Return a page of units by name."""
    where = _conditions(wanted)
    total = db.session.scalar(select(func.count(CivilizedUnit.id)).where(*where)) or 0
    query = select(CivilizedUnit).options(joinedload(CivilizedUnit.station)).where(*where)
    query = query.order_by(CivilizedUnit.name).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    return Page(db.session.scalars(query).all(), number, total)


def _conditions(wanted: UnitFilter) -> list[ColumnElement[bool]]:
    closed = CivilizedUnit.closed_at
    found: list[ColumnElement[bool]] = [closed.is_not(None) if wanted.closed else closed.is_(None)]
    if wanted.station_ids is not None:
        found.append(CivilizedUnit.station_id.in_(wanted.station_ids))
    if wanted.within_id is not None:
        below = select(StationTree.descendant_id).where(StationTree.ancestor_id == wanted.within_id)
        found.append(CivilizedUnit.station_id.in_(below))
    if wanted.kind is not None:
        found.append(CivilizedUnit.kind == wanted.kind)
    if wanted.words:
        columns = (CivilizedUnit.name, CivilizedUnit.address)
        found.append(or_(*(one.icontains(wanted.words, autoescape=True) for one in columns)))
    return found


def live_pairings(unit_id: int) -> int:
    """Return how many pairings of the unit have not ended."""
    query = select(func.count(Pairing.id)).where(
        Pairing.unit_id == unit_id, Pairing.ended_on.is_(None)
    )
    return db.session.scalar(query) or 0


def paired_communities(unit_ids: Collection[int]) -> dict[int, list[str]]:
    """Return the communities each unit is paired with now, by name."""
    query = (
        select(Pairing.unit_id, Station.community, Station.name)
        .join(Station, Station.id == Pairing.station_id)
        .where(Pairing.unit_id.in_(unit_ids), Pairing.ended_on.is_(None))
        .order_by(Station.position, Station.id)
    )
    found: dict[int, list[str]] = {}
    for unit_id, community, name in db.session.execute(query):
        found.setdefault(unit_id, []).append(community or name)
    return found


def centre_id() -> int | None:
    """Return the id of the centre: who administers it administers what lies nowhere yet."""
    query = select(Station.id).where(Station.level == Level.CENTRE, Station.closed_at.is_(None))
    return db.session.scalar(query.order_by(Station.id).limit(1))


def places(station_ids: Collection[int]) -> Sequence[Station]:
    """Return the open communities and streets among these, in which a unit may lie."""
    query = select(Station).where(
        Station.id.in_(station_ids),
        Station.level.in_((Level.INSTITUTE, Level.STATION)),
        Station.closed_at.is_(None),
    )
    return db.session.scalars(query.order_by(Station.position, Station.id)).all()


def known(station_ids: Collection[int]) -> Known:
    """Return what a list of units is read against, within these stations."""
    kinds: dict[str, UnitKind] = {kind.value: kind for kind in UnitKind}
    for kind, label in UNIT_KIND_LABELS.items():
        kinds |= dict.fromkeys([str(label), *str(label).split("、")], kind)
    named: dict[str, int] = {}
    for row in places(station_ids):
        street = row.name.removesuffix("文明实践所")
        for name in (row.name, row.community, street):
            if name:
                named.setdefault(name, row.id)
    names = frozenset(db.session.scalars(select(CivilizedUnit.name)))
    return Known(kinds, named, names)


def as_seen(row: CivilizedUnit) -> str:
    """Return a short text that differs when the unit reads differently."""
    parts = (row.name, row.kind, row.station_id, row.address, row.phone)
    return sha256("\0".join(map(str, parts)).encode()).hexdigest()[:16]
