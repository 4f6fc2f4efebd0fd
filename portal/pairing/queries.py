"""Selects over one pairing and its lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, joinedload

from portal.activities.models import Activity
from portal.core.access import Role
from portal.core.db import db
from portal.org import queries_units
from portal.org.models import Station, StationTree
from portal.org.models_units import CivilizedUnit, Pairing
from portal.pairing import rules
from portal.pairing.models import (
    LIVE,
    RUNNING,
    ItemKind,
    ItemState,
    JointActivity,
    JointState,
    PairingItem,
    PairingProject,
    ProjectState,
)
from portal.pairing.policy import Held, Spoken
from portal.people import units
from portal.people.models import Person
from portal.people.queries import nearest_holders, selves
from portal.shifts.models import OfferingState

# How many of a station's activities are offered to be joint ones, the latest changed first.
OFFERED = 60
Written = TypeVar("Written", PairingItem, PairingProject)

_WHOLE = select(Pairing).options(joinedload(Pairing.unit), joinedload(Pairing.station))


def held_by_id(public_id: str) -> Held | None:
    """Return the pairing of a public id, with who answers for its unit."""
    row = db.session.scalars(_WHOLE.where(Pairing.public_id == public_id)).first()
    return Held(row, frozenset(liaisons_of(row.unit_id))) if row else None


def spoken_by_id(public_id: str) -> Spoken | None:
    """Return the unit of a public id, with who answers for it."""
    unit = queries_units.unit_by_id(public_id)
    return Spoken(unit, frozenset(liaisons_of(unit.id))) if unit else None


def item_by_id(public_id: str) -> PairingItem | None:
    """Return the need or the resource of a public id."""
    return db.session.scalars(select(PairingItem).filter_by(public_id=public_id)).first()


def project_by_id(public_id: str) -> PairingProject | None:
    """Return the project of a public id with all that its page shows."""
    query = _PROJECTS.where(PairingProject.public_id == public_id)
    return db.session.scalars(query).first()


def joint_by_id(public_id: str) -> JointActivity | None:
    """Return the joint activity of a public id."""
    return db.session.scalars(select(JointActivity).filter_by(public_id=public_id)).first()


def by_form(model: type[Written], key: str) -> Written | None:
    """Return what was written with this form already."""
    return db.session.scalars(select(model).filter_by(form_key=key)).first()


def live_pairing(unit_id: int, station_id: int) -> Pairing | None:
    """Return the pairing of the two that has not ended."""
    query = _WHOLE.where(
        Pairing.unit_id == unit_id, Pairing.station_id == station_id, Pairing.ended_on.is_(None)
    )
    return db.session.scalars(query).first()


# --- who -----------------------------------------------------------------------------------------


def liaisons_of(unit_id: int) -> list[int]:
    """Return the ids of who answers for the unit."""
    return [row.person_id for row in units.liaisons_of([unit_id])]


def managers_of(station_id: int) -> Sequence[int]:
    """Return the ids of the nearest managers of the community."""
    return nearest_holders(Role.STATION_MANAGER, station_id)


def may_take_charge(held: Held) -> Sequence[Person]:
    """Return who may be in charge of a project: both sides' people, whom a reminder reaches."""
    ids = {*held.liaison_ids, *managers_of(held.row.station_id)}
    query = select(Person).where(Person.id.in_(ids)).order_by(Person.name, Person.id)
    return db.session.scalars(query).all()


# --- the three lists -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ItemShown:
    """A need or a resource, where it stands, and the project that takes it up."""

    row: PairingItem
    state: ItemState
    project: PairingProject | None


_PROJECTS = select(PairingProject).options(
    joinedload(PairingProject.in_charge),
    joinedload(PairingProject.need),
    joinedload(PairingProject.resource),
)


def projects_of(pairing_id: int) -> Sequence[PairingProject]:
    """Return the projects of a pairing: what goes on by its day, then the latest of the rest."""
    query = _PROJECTS.where(PairingProject.pairing_id == pairing_id)
    rows = db.session.scalars(query.order_by(PairingProject.id.desc())).all()
    going_on = sorted((row for row in rows if row.state in LIVE), key=lambda row: row.planned_on)
    return [*going_on, *(row for row in rows if row.state not in LIVE)]


def items_of(
    pairing_id: int, projects: Iterable[PairingProject]
) -> dict[ItemKind, list[ItemShown]]:
    """Return needs and resources of a pairing with their states; open ones first."""
    taken = {
        item_id: row
        for row in projects
        if row.state != ProjectState.GIVEN_UP
        for item_id in (row.need_id, row.resource_id)
        if item_id is not None
    }
    query = select(PairingItem).where(PairingItem.pairing_id == pairing_id)
    found: dict[ItemKind, list[ItemShown]] = {kind: [] for kind in ItemKind}
    for row in db.session.scalars(query.order_by(PairingItem.id.desc())):
        project = taken.get(row.id)
        state = rules.item_state(
            is_withdrawn=row.withdrawn_at is not None,
            project=ProjectState(project.state) if project else None,
        )
        found[ItemKind(row.kind)].append(ItemShown(row, state, project))
    for shown in found.values():
        shown.sort(key=lambda one: list(ItemState).index(one.state))
    return found


def project_of(item_id: int) -> PairingProject | None:
    """Return the project that takes the need or the resource up, unless it was given up."""
    query = select(PairingProject).where(
        or_(PairingProject.need_id == item_id, PairingProject.resource_id == item_id),
        PairingProject.state != ProjectState.GIVEN_UP,
    )
    return db.session.scalars(query).first()


def names_of(person_ids: Iterable[int | None]) -> dict[int, str]:
    """Return the names of who wrote, for the two sides alone."""
    query = select(Person.id, Person.name).where(Person.id.in_({one for one in person_ids if one}))
    return dict(db.session.execute(query).tuples().all())


# --- joint activities ----------------------------------------------------------------------------


def joints_of(pairing_id: int) -> Sequence[JointActivity]:
    """Return the joint activities of a pairing, what waits first."""
    query = (
        select(JointActivity)
        .options(joinedload(JointActivity.activity))
        .where(JointActivity.pairing_id == pairing_id)
    )
    rows = db.session.scalars(query.order_by(JointActivity.id.desc())).all()
    return sorted(rows, key=lambda row: list(JointState).index(JointState(row.state)))


def may_be_joint(row: Pairing) -> Sequence[Activity]:
    """Return the published activities of the community that are not asked for or linked yet."""
    below = select(StationTree.descendant_id).where(StationTree.ancestor_id == row.station_id)
    taken = select(JointActivity.activity_id).where(
        JointActivity.pairing_id == row.id, JointActivity.state != JointState.DECLINED
    )
    query = select(Activity).where(
        Activity.station_id.in_(below),
        Activity.state == OfferingState.PUBLISHED,
        Activity.id.not_in(taken),
    )
    query = query.order_by(Activity.updated_at.desc(), Activity.id.desc()).limit(OFFERED)
    return db.session.scalars(query).all()


# --- deadlines, one's own ------------------------------------------------------------------------


def overdue_untold(today: date) -> Sequence[int]:
    """Return the projects that are over their day and nobody was told of yet."""
    query = (
        select(PairingProject.id)
        .join(Pairing, Pairing.id == PairingProject.pairing_id)
        .where(
            PairingProject.state.in_(RUNNING),
            PairingProject.planned_on < today,
            PairingProject.overdue_told_at.is_(None),
            Pairing.ended_on.is_(None),
        )
    )
    return db.session.scalars(query.order_by(PairingProject.planned_on).limit(500)).all()


def written_by(person_id: int) -> Sequence[PairingItem]:
    """Return the needs and resources the person wrote."""
    query = select(PairingItem).where(PairingItem.created_by_id.in_(selves(person_id)))
    return db.session.scalars(query.order_by(PairingItem.id)).all()


def in_charge_of(person_id: int) -> Sequence[PairingProject]:
    """Return the projects the person is, or was, in charge of."""
    query = _PROJECTS.where(PairingProject.in_charge_id.in_(selves(person_id)))
    return db.session.scalars(query.order_by(PairingProject.id)).all()


def units_of(person_id: int) -> Sequence[CivilizedUnit]:
    """Return the open units the person answers for, by name."""
    query = select(CivilizedUnit).where(
        CivilizedUnit.id.in_(units.units_of(person_id)), CivilizedUnit.closed_at.is_(None)
    )
    return db.session.scalars(query.order_by(CivilizedUnit.name)).all()


def pairings_of(unit_id: int) -> Sequence[Pairing]:
    """Return the pairings of a unit: the present ones, then the latest of those that ended."""
    query = (
        select(Pairing)
        .join(Pairing.station)
        .options(contains_eager(Pairing.station))
        .where(Pairing.unit_id == unit_id)
        .order_by(Pairing.ended_on.is_not(None), Station.position, Pairing.id.desc())
    )
    return db.session.scalars(query).all()
