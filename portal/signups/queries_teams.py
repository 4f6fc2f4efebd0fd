"""Selects over the sign-ups that teams made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from portal.core.db import db
from portal.people.models_teams import Team
from portal.signups.models import TeamSignup


def team_of(signup_id: int) -> int | None:
    """Return the id of the team that made the sign-up."""
    row = db.session.get(TeamSignup, signup_id)
    return row.team_id if row else None


def team_names(signup_ids: Sequence[int]) -> Mapping[int, str]:
    """Return in which team's name each of these sign-ups was made; others are left out."""
    query = select(TeamSignup.signup_id, Team.name).join(TeamSignup.team)
    return dict(
        db.session.execute(query.where(TeamSignup.signup_id.in_(signup_ids))).tuples().all()
    )


def of_team(signup_ids: Sequence[int], team_id: int) -> frozenset[int]:
    """Return which of these sign-ups the team made."""
    query = select(TeamSignup.signup_id).where(
        TeamSignup.signup_id.in_(signup_ids), TeamSignup.team_id == team_id
    )
    return frozenset(db.session.scalars(query))
