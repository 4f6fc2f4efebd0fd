"""Verbs on teams: create, change, close, reopen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast

from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.ref import Ref
from portal.people import queries_teams as members
from portal.people.models_teams import Team
from portal.records import audit, search
from portal.teams import leading


@dataclass(frozen=True, slots=True)
class Details:
    """What a team says of itself, besides its station."""

    name: str
    kind_id: int
    brand: str = ""
    slogan: str = ""
    summary: str = ""

    @property
    def columns(self) -> Mapping[str, Any]:
        """The values by column."""
        return asdict(self)


def create(station_id: int, details: Details, *, actor: Actor, now: datetime) -> Team:
    """Create a team of a station; the same name twice there is the same team."""
    known = db.session.query(Team).filter_by(
        station_id=station_id, name=details.name, closed_at=None
    )
    row = known.first()
    if row is None:
        row = Team(station_id=station_id, **details.columns)
        db.session.add(row)
        db.session.flush()
        index(row.id)
        _audit("team.create", row, actor=actor, now=now)
    return row


def change(team_id: int, details: Details, *, actor: Actor, now: datetime) -> Team:
    """Change what a team says of itself."""
    row = _locked(team_id)
    for name, value in details.columns.items():
        setattr(row, name, value)
    index(row.id)
    _audit("team.change", row, actor=actor, now=now)
    return row


def close(team_id: int, *, actor: Actor, now: datetime) -> Team:
    """Close a team: it is shown nowhere, and its leaders lose the role. Twice is harmless."""
    row = _locked(team_id)
    if row.closed_at is None:
        row.closed_at = now
        search.drop(Ref("team", row.id))
        _follow(row, actor=actor, now=now)
        _audit("team.close", row, actor=actor, now=now)
    return row


def reopen(team_id: int, *, actor: Actor, now: datetime) -> Team:
    """Open a closed team again, with those who were in it."""
    row = _locked(team_id)
    if row.closed_at is not None:
        row.closed_at = None
        index(row.id)
        _follow(row, actor=actor, now=now)
        _audit("team.reopen", row, actor=actor, now=now)
    return row


def index(team_id: int) -> None:
    """Put the team's words into the search index."""
    row = db.session.get_one(Team, team_id)
    search.put(Ref("team", row.id), f"{row.name}\n{row.brand}\n{row.slogan}\n{row.summary}")


def _locked(team_id: int) -> Team:
    return cast(Team, locked(Team, team_id))


def _follow(row: Team, *, actor: Actor, now: datetime) -> None:
    db.session.flush()
    for person_id in sorted(members.leading_ids(row.id)):
        leading.follow(person_id, row.station_id, actor=actor, now=now)


def _audit(verb: str, row: Team, *, actor: Actor, now: datetime) -> None:
    audit.record(verb, Ref("team", row.id), actor=actor, now=now, station_id=row.station_id)
