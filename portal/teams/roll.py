"""Who saw the members' phone numbers is written down."""

from __future__ import annotations

from datetime import datetime

from portal.core.access import Actor
from portal.core.db import db
from portal.core.ref import Ref
from portal.people import queries_teams
from portal.people.models_teams import Team
from portal.records import audit


def reveal(team_id: int, *, actor: Actor, now: datetime) -> None:
    """Note that the actor saw each member's phone."""
    station_id = db.session.get_one(Team, team_id).station_id
    for person_id in sorted(queries_teams.member_ids(team_id)):
        audit.record(
            "person.reveal", Ref("person", person_id), actor=actor, now=now,
            station_id=station_id, what="phone", team=team_id,
        )  # fmt: skip
