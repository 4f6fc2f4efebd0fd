"""Who speaks for which unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from portal.core.access import Actor
from portal.core.db import db
from portal.core.ref import Ref
from portal.org import actions_units
from portal.people.models_units import UnitLiaison
from portal.records import audit


def liaisons_of(unit_ids: Iterable[int]) -> Sequence[UnitLiaison]:
    """Return who answers for the units now, in the order in which they were appointed."""
    query = (
        select(UnitLiaison)
        .options(joinedload(UnitLiaison.person))
        .where(UnitLiaison.unit_id.in_(list(unit_ids)), UnitLiaison.ended_at.is_(None))
    )
    return db.session.scalars(query.order_by(UnitLiaison.id)).all()


def units_of(person_id: int) -> frozenset[int]:
    """Return the ids of the units for which the person answers now."""
    query = select(UnitLiaison.unit_id).where(
        UnitLiaison.person_id == person_id, UnitLiaison.ended_at.is_(None)
    )
    return frozenset(db.session.scalars(query))


def appoint(unit_id: int, person_id: int, *, actor: Actor, now: datetime) -> None:
    """Let a person answer for a unit. Twice is harmless."""
    if unit_id in units_of(person_id):
        return
    db.session.add(
        UnitLiaison(
            unit_id=unit_id,
            person_id=person_id,
            appointed_at=now,
            appointed_by_id=actor.person_id,
        )
    )
    ref = Ref("civilized_unit", unit_id)
    audit.record("unit.appoint", ref, actor=actor, now=now, person_id=person_id)


def dismiss(unit_id: int, person_id: int, *, actor: Actor, now: datetime) -> None:
    """End that a person answers for a unit. Twice is harmless."""
    if unit_id not in units_of(person_id):
        return
    end(
        (UnitLiaison.unit_id == unit_id) & (UnitLiaison.person_id == person_id),
        now=now,
    )
    ref = Ref("civilized_unit", unit_id)
    audit.record("unit.dismiss", ref, actor=actor, now=now, person_id=person_id)


def end(where: Any, *, now: datetime) -> None:
    """End the appointments of the condition that have not ended."""
    live = where & UnitLiaison.ended_at.is_(None)
    db.session.execute(update(UnitLiaison).where(live).values(ended_at=now))


def close(unit_id: int, *, actor: Actor, now: datetime) -> None:
    """Close a unit; nobody answers for it any more. Raises Refused while it is paired."""
    actions_units.close_unit(unit_id, actor=actor, now=now)
    for row in liaisons_of([unit_id]):
        dismiss(unit_id, row.person_id, actor=actor, now=now)
