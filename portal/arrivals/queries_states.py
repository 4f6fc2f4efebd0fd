"""The select that finds what is not in the state of its last step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, select

from portal.arrivals.models_claims import Claim
from portal.arrivals.models_paper import PaperBatch
from portal.arrivals.models_walk_ins import WalkIn
from portal.core.db import db
from portal.records.steps import Step


def wrong_states(kind: str, model: type[PaperBatch | Claim | WalkIn]) -> Sequence[Row[Any]]:
    """Return id, state and last step of the rows that are not where their last step led."""
    last = select(func.max(Step.id)).where(Step.subject_kind == kind).group_by(Step.subject_id)
    query = (
        select(model.id, model.state, Step.to_state)
        .outerjoin(Step, (Step.subject_id == model.id) & Step.id.in_(last))
        .where(Step.to_state.is_distinct_from(model.state))
    )
    return db.session.execute(query).all()
