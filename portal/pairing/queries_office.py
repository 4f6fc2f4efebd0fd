"""Selects over all pairings of a part of the tree: lists, what each came to, who is near whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import contains_eager

from portal.attendance.clauses import is_attendance, is_session
from portal.attendance.models import Visit
from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.org import queries_units
from portal.org.models import Level, Station, StationTree
from portal.org.models_units import CivilizedUnit, Pairing, UnitKind
from portal.pairing.models import (
    ItemKind,
    JointActivity,
    JointState,
    PairingItem,
    PairingProject,
    ProjectState,
    Side,
)
from portal.pairing.rules import Candidate, Spot
from portal.shifts.models import Offering, Shift

_LIVE = Pairing.ended_on.is_(None)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which pairings are asked for, and by which of the two they are put in order."""

    station_ids: frozenset[int]
    within_id: int | None = None
    kind: UnitKind | None = None
    words: str = ""
    ended: bool = False
    by_unit: bool = False

    def narrow(self, query: Select[Any]) -> Select[Any]:
        """Narrow a select over Pairing join unit join station."""
        query = query.where(Pairing.station_id.in_(self.station_ids))
        query = query.where(Pairing.ended_on.is_not(None) if self.ended else _LIVE)
        if self.within_id is not None:
            below = select(StationTree.descendant_id)
            below = below.where(StationTree.ancestor_id == self.within_id)
            query = query.where(Pairing.station_id.in_(below))
        if self.kind is not None:
            query = query.where(CivilizedUnit.kind == self.kind)
        if self.words:
            columns = (CivilizedUnit.name, Station.name, Station.community)
            found = (one.icontains(self.words, autoescape=True) for one in columns)
            query = query.where(or_(*found))
        return query


def listed(wanted: Filter, number: int) -> Page[Pairing]:
    """Return a page of pairings, by community or by unit."""
    ids = wanted.narrow(_joined(select(Pairing.id)))
    total = db.session.scalar(select(func.count()).select_from(ids.subquery())) or 0
    query = _ordered(wanted).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    return Page(db.session.scalars(query).all(), number, total)


def everything(wanted: Filter) -> Sequence[Pairing]:
    """Return all pairings that answer the filter, for a table to take along."""
    return db.session.scalars(_ordered(wanted)).all()


def _joined(query: Select[Any]) -> Select[Any]:
    query = query.join(CivilizedUnit, CivilizedUnit.id == Pairing.unit_id)
    return query.join(Station, Station.id == Pairing.station_id)


def _ordered(wanted: Filter) -> Select[Any]:
    query = wanted.narrow(
        select(Pairing)
        .join(Pairing.unit)
        .join(Pairing.station)
        .options(contains_eager(Pairing.unit), contains_eager(Pairing.station))
    )
    by_place = (Station.parent_id, Station.position, Station.id)
    order = (CivilizedUnit.name, *by_place) if wanted.by_unit else (*by_place, CivilizedUnit.name)
    return query.order_by(*order, Pairing.id)


# --- what it came to -----------------------------------------------------------------------------


@dataclass(slots=True)
class Tally:
    """What one pairing, or all of them, came to; every number is counted from records."""

    needs: int = 0
    resources: int = 0
    projects: dict[ProjectState, int] = field(default_factory=lambda: defaultdict(int))
    activities: int = 0
    sessions: int = 0
    attendances: int = 0
    asked: int = 0


def tallies(pairing_ids: Collection[int], now: datetime) -> dict[int, Tally]:
    """Return what each of the pairings came to; open needs and resources alone."""
    found: dict[int, Tally] = {pairing_id: Tally() for pairing_id in pairing_ids}
    for pairing_id, kind, count in db.session.execute(_open_items(pairing_ids)):
        if kind == ItemKind.NEED:
            found[pairing_id].needs = count
        else:
            found[pairing_id].resources = count
    for pairing_id, state, count in db.session.execute(_projects(pairing_ids)):
        found[pairing_id].projects[ProjectState(state)] = count
    for pairing_id, linked, asked in db.session.execute(_joints(pairing_ids)):
        found[pairing_id].activities, found[pairing_id].asked = linked, asked
    held = _held(pairing_ids, now).subquery()
    query = select(held.c.pairing_id, func.count(held.c.shift_id)).group_by(held.c.pairing_id)
    for pairing_id, count in db.session.execute(query):
        found[pairing_id].sessions = count
    people = _people(pairing_ids, now).subquery()
    query = select(people.c.pairing_id, func.count()).group_by(people.c.pairing_id)
    for pairing_id, count in db.session.execute(query):
        found[pairing_id].attendances = count
    return found


def _open_items(pairing_ids: Collection[int]) -> Select[Any]:
    taken = select(PairingProject.id).where(
        or_(PairingProject.need_id == PairingItem.id, PairingProject.resource_id == PairingItem.id),
        PairingProject.state != ProjectState.GIVEN_UP,
    )
    return (
        select(PairingItem.pairing_id, PairingItem.kind, func.count())
        .where(
            PairingItem.pairing_id.in_(pairing_ids),
            PairingItem.withdrawn_at.is_(None),
            ~taken.exists(),
        )
        .group_by(PairingItem.pairing_id, PairingItem.kind)
    )


def _projects(pairing_ids: Collection[int]) -> Select[Any]:
    return (
        select(PairingProject.pairing_id, PairingProject.state, func.count())
        .where(PairingProject.pairing_id.in_(pairing_ids))
        .group_by(PairingProject.pairing_id, PairingProject.state)
    )


def _joints(pairing_ids: Collection[int]) -> Select[Any]:
    linked = func.count(case((JointActivity.state == JointState.LINKED, 1)))
    asked = func.count(case((JointActivity.state == JointState.ASKED, 1)))
    query = select(JointActivity.pairing_id, linked, asked)
    query = query.where(JointActivity.pairing_id.in_(pairing_ids))
    return query.group_by(JointActivity.pairing_id)


def _held(pairing_ids: Any, now: datetime) -> Select[Any]:
    """The sessions of joint activities, as figures count sessions, while the two were paired."""
    query = select(JointActivity.pairing_id, Shift.id.label("shift_id")).distinct()
    return _while_paired(query.join(Shift, Shift.offering_id == JointActivity.activity_id)).where(
        JointActivity.pairing_id.in_(pairing_ids), *is_session(now)
    )


def _people(pairing_ids: Any, now: datetime) -> Select[Any]:
    """The attendances of these sessions: a person once a session."""
    query = select(JointActivity.pairing_id, Visit.shift_id, Visit.person_id).distinct()
    query = query.join(Shift, Shift.offering_id == JointActivity.activity_id)
    query = _while_paired(query.join(Visit, Visit.shift_id == Shift.id))
    return query.where(JointActivity.pairing_id.in_(pairing_ids), is_attendance(), *is_session(now))


def _while_paired(query: Select[Any]) -> Select[Any]:
    until = JointActivity.counts_until
    return query.join(Offering, Offering.id == Shift.offering_id).where(
        JointActivity.state == JointState.LINKED,
        Shift.starts_at >= JointActivity.counts_from,
        or_(until.is_(None), Shift.starts_at < until),
    )


def waiting_at(station_ids: Collection[int]) -> int:
    """Return how much the units asked of these communities: projects to agree to, activities."""
    ids = select(Pairing.id).where(Pairing.station_id.in_(station_ids), _LIVE)
    proposed = select(func.count(PairingProject.id)).where(
        PairingProject.pairing_id.in_(ids),
        PairingProject.state == ProjectState.PROPOSED,
        PairingProject.proposed_by == Side.UNIT,
    )
    asked = select(func.count(JointActivity.id)).where(
        JointActivity.pairing_id.in_(ids), JointActivity.state == JointState.ASKED
    )
    both = proposed.scalar_subquery() + asked.scalar_subquery()
    return db.session.scalar(select(both)) or 0


@dataclass(frozen=True, slots=True)
class Summary:
    """What the pairings of a part of the tree came to. A session of two units counts once."""

    units: int
    all_units: int
    communities: int
    without: int
    projects: dict[ProjectState, int]
    activities: int
    sessions: int
    attendances: int


def summary(station_ids: Collection[int], now: datetime) -> Summary:
    """Return the numbers of the pairings that have not ended at these stations."""
    ids = select(Pairing.id).where(Pairing.station_id.in_(station_ids), _LIVE)
    pairs = select(
        func.count(Pairing.unit_id.distinct()), func.count(Pairing.station_id.distinct())
    )
    units, communities = db.session.execute(
        pairs.where(Pairing.station_id.in_(station_ids), _LIVE)
    ).one()
    states = select(PairingProject.state, func.count()).where(PairingProject.pairing_id.in_(ids))
    linked = select(func.count(JointActivity.activity_id.distinct())).where(
        JointActivity.pairing_id.in_(ids), JointActivity.state == JointState.LINKED
    )
    held, people = _held(ids, now).subquery(), _people(ids, now).subquery()
    once = select(people.c.shift_id, people.c.person_id).distinct().subquery()
    return Summary(
        units=units,
        all_units=db.session.scalar(_units_in(station_ids, func.count(CivilizedUnit.id))) or 0,
        communities=communities,
        without=len(communities_short(station_ids, 1)),
        projects={
            ProjectState(state): count
            for state, count in db.session.execute(states.group_by(PairingProject.state))
        },
        activities=db.session.scalar(linked) or 0,
        sessions=db.session.scalar(select(func.count(held.c.shift_id.distinct()))) or 0,
        attendances=db.session.scalar(select(func.count()).select_from(once)) or 0,
    )


def _units_in(station_ids: Collection[int], column: Any) -> Select[Any]:
    """Open units that lie at these stations; with the centre among them also those lying nowhere."""
    place: ColumnElement[bool] = CivilizedUnit.station_id.in_(station_ids)
    if queries_units.centre_id() in station_ids:
        place = or_(place, CivilizedUnit.station_id.is_(None))
    return select(column).where(place, CivilizedUnit.closed_at.is_(None))


# --- who is near whom ----------------------------------------------------------------------------


def spots() -> dict[int, Spot]:
    """Return where each station lies: its community and its street."""
    query = select(Station.id, Station.level, Station.parent_id)
    rows = {row.id: row for row in db.session.execute(query)}
    found: dict[int, Spot] = {}
    for row_id in rows:
        place: dict[str, int] = {}
        above: int | None = row_id
        while above is not None:
            place.setdefault(rows[above].level, above)
            above = rows[above].parent_id
        found[row_id] = Spot(place.get(Level.STATION), place.get(Level.INSTITUTE))
    return found


def _live_by(column: Any) -> Select[Any]:
    return select(column, func.count()).where(_LIVE).group_by(column)


def _counts(column: Any) -> dict[int, int]:
    return dict(db.session.execute(_live_by(column)).tuples().all())


def units_for(station: Station) -> list[Candidate]:
    """Return the open units that are not paired with the community, as they may be ranked."""
    paired = select(Pairing.unit_id).where(Pairing.station_id == station.id, _LIVE)
    query = select(CivilizedUnit).where(
        CivilizedUnit.closed_at.is_(None), CivilizedUnit.id.not_in(paired)
    )
    places, counts = spots(), _counts(Pairing.unit_id)
    return [
        Candidate(
            row.public_id, row.name, places.get(row.station_id or 0, Spot()), counts.get(row.id, 0)
        )
        for row in db.session.scalars(query)
    ]


def communities_for(unit: CivilizedUnit, station_ids: Collection[int]) -> list[Candidate]:
    """Return the open communities of these stations that the unit is not paired with."""
    paired = select(Pairing.station_id).where(Pairing.unit_id == unit.id, _LIVE)
    query = _communities(station_ids).where(Station.id.not_in(paired))
    places, counts = spots(), _counts(Pairing.station_id)
    return [
        Candidate(row.public_id, row.name, places[row.id], counts.get(row.id, 0))
        for row in db.session.scalars(query)
    ]


def _communities(station_ids: Collection[int]) -> Select[Any]:
    return select(Station).where(
        Station.id.in_(station_ids), Station.level == Level.STATION, Station.closed_at.is_(None)
    )


def communities_short(station_ids: Collection[int], enough: int) -> Sequence[tuple[Station, int]]:
    """Return the open communities with fewer units than is enough, and how many they have."""
    counts = _counts(Pairing.station_id)
    query = _communities(station_ids).order_by(Station.parent_id, Station.position, Station.id)
    rows = db.session.scalars(query).all()
    return [(row, counts.get(row.id, 0)) for row in rows if counts.get(row.id, 0) < enough]


def units_without(station_ids: Collection[int]) -> Sequence[CivilizedUnit]:
    """Return the open units of these stations that are paired with nobody."""
    paired = select(Pairing.unit_id).where(_LIVE)
    query = _units_in(station_ids, CivilizedUnit).where(CivilizedUnit.id.not_in(paired))
    return db.session.scalars(query.order_by(CivilizedUnit.name)).all()
