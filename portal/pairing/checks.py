"""What cannot be true of pairings: one line for each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from portal.core.db import db
from portal.org.models import StationTree
from portal.org.models_units import CivilizedUnit, Pairing
from portal.pairing.models import (
    LIVE,
    ItemKind,
    JointActivity,
    PairingItem,
    PairingProject,
)
from portal.records.steps import Step
from portal.shifts.models import Offering


def closed_units() -> Iterator[str]:
    """An open pairing of a closed unit."""
    query = select(Pairing.id).join(CivilizedUnit, CivilizedUnit.id == Pairing.unit_id)
    query = query.where(Pairing.ended_on.is_(None), CivilizedUnit.closed_at.is_not(None))
    for row_id in db.session.scalars(query.order_by(Pairing.id)):
        yield f"pairing {row_id}: goes on, its unit is closed"


def strange_links() -> Iterator[str]:
    """A project of another pairing's lists; a joint activity of another place."""
    for column, kind in (
        (PairingProject.need_id, ItemKind.NEED),
        (PairingProject.resource_id, ItemKind.RESOURCE),
    ):
        item = aliased(PairingItem)
        query = select(PairingProject.id).join(item, item.id == column)
        query = query.where(or_(item.pairing_id != PairingProject.pairing_id, item.kind != kind))
        for row_id in db.session.scalars(query.order_by(PairingProject.id)):
            yield f"project {row_id}: takes up a {kind} that is not in its pairing's list"
    inside = select(StationTree.descendant_id).where(
        StationTree.ancestor_id == Pairing.station_id,
        StationTree.descendant_id == Offering.station_id,
    )
    query = select(JointActivity.id).join(Pairing, Pairing.id == JointActivity.pairing_id)
    query = query.join(Offering, Offering.id == JointActivity.activity_id).where(~inside.exists())
    for row_id in db.session.scalars(query.order_by(JointActivity.id)):
        yield f"joint activity {row_id}: belongs to another place than its pairing"


def live_in_ended() -> Iterator[str]:
    """A project that goes on in a pairing that has ended."""
    query = select(PairingProject.id).join(Pairing, Pairing.id == PairingProject.pairing_id)
    query = query.where(Pairing.ended_on.is_not(None), PairingProject.state.in_(LIVE))
    for row_id in db.session.scalars(query.order_by(PairingProject.id)):
        yield f"project {row_id}: goes on, its pairing has ended"


def wrong_states() -> Iterator[str]:
    """What is not in the state of its last step."""
    for kind, model in (("pairing_project", PairingProject), ("joint_activity", JointActivity)):
        for row_id, state, step in db.session.execute(_differing(kind, model)):
            yield f"{kind} {row_id}: is {state}, its last step led to {step or 'nowhere'}"


def _differing(kind: str, model: Any) -> Any:
    last = (
        select(Step.subject_id, func.max(Step.id).label("step_id"))
        .where(Step.subject_kind == kind)
        .group_by(Step.subject_id)
        .subquery()
    )
    return (
        select(model.id, model.state, Step.to_state)
        .outerjoin(last, last.c.subject_id == model.id)
        .outerjoin(Step, Step.id == last.c.step_id)
        .where(or_(Step.to_state.is_(None), Step.to_state != model.state))
        .order_by(model.id)
    )
