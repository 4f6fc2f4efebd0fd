"""What an offering asks of who signs up, as one value; put beside the offering's own columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete

from portal.core.db import db
from portal.shifts.actions import mark_days
from portal.shifts.models import Offering
from portal.shifts.models_conditions import OfferingSkill, OfferingTraining
from portal.shifts.queries_conditions import NOTHING, asked_by


@dataclass(frozen=True, slots=True)
class Conditions:
    """Ages to a limit, the community, trainings and skills by term id, how many are expected.

    `open_crowd`: whoever likes comes without signing up.
    """

    maximum_age: int = 0
    community_only: bool = False
    members_only: bool = False
    expected_persons: int = 0
    permit_note: str = ""
    gives_training_id: int | None = None
    open_crowd: bool = False
    trainings: frozenset[int] = frozenset()
    skills: frozenset[int] = frozenset()
    skills_wanted: frozenset[int] = frozenset()

    @property
    def columns(self) -> Mapping[str, Any]:
        """What stands on the offering itself, by column."""
        names = (
            "maximum_age", "community_only", "members_only", "expected_persons", "permit_note",
            "gives_training_id", "open_crowd",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}


NO_CONDITIONS = Conditions()


def conditions_of(row: Offering) -> Conditions:
    """Return what an offering asks for now."""
    own = {name: getattr(row, name) for name in NO_CONDITIONS.columns}
    asked = asked_by([row.id]).get(row.id, NOTHING)
    return Conditions(**own, **asked._asdict())


def put_conditions(row: Offering, conditions: Conditions) -> None:
    """Let an offering ask for exactly this."""
    if bool(row.open_crowd) != conditions.open_crowd:
        mark_days(row.id)
    for name, value in conditions.columns.items():
        setattr(row, name, value)
    put_terms(row.id, conditions)


def put_terms(offering_id: int, conditions: Conditions) -> None:
    """Let an offering ask for exactly these trainings and skills; what is required is not wanted too."""
    db.session.execute(delete(OfferingTraining).where(OfferingTraining.offering_id == offering_id))
    db.session.execute(delete(OfferingSkill).where(OfferingSkill.offering_id == offering_id))
    db.session.add_all(
        OfferingTraining(offering_id=offering_id, term_id=term_id)
        for term_id in sorted(conditions.trainings)
    )
    db.session.add_all(
        OfferingSkill(
            offering_id=offering_id, term_id=term_id, is_required=term_id in conditions.skills
        )
        for term_id in sorted(conditions.skills | conditions.skills_wanted)
    )
    db.session.flush()
