"""The role of a team leader follows from leading a team; see decision 017."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from portal.core.access import Actor, Role
from portal.core.db import db
from portal.people import actions as people_actions
from portal.people import queries_teams
from portal.people.models import RoleGrant


def follow(person_id: int, station_id: int, *, actor: Actor, now: datetime) -> None:
    """Grant the role at a team's station to who leads a team there, and take it from who does not."""
    db.session.flush()
    grant = _grant(person_id, station_id)
    leads = queries_teams.leads_at(person_id, station_id)
    if leads and grant is None:
        people_actions.grant_role(person_id, Role.TEAM_LEADER, station_id, actor=actor, now=now)
    elif grant is not None and not leads:
        people_actions.revoke_role(grant, actor=actor, now=now)


def _grant(person_id: int, station_id: int) -> int | None:
    query = select(RoleGrant.id).where(
        RoleGrant.person_id == person_id,
        RoleGrant.role == Role.TEAM_LEADER,
        RoleGrant.station_id == station_id,
        RoleGrant.revoked_at.is_(None),
    )
    return db.session.scalars(query).first()
