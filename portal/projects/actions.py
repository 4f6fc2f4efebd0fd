"""Verbs on projects: create, change, close, reopen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import delete

from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.ref import Ref
from portal.records import audit, search
from portal.shifts.models_projects import Project, ProjectStation, ProjectTeam


@dataclass(frozen=True, slots=True)
class Details:
    """What a project is, who carries it, and which stations take part besides its own."""

    name: str
    slogan: str = ""
    summary: str = ""
    team_ids: frozenset[int] = frozenset()
    station_ids: frozenset[int] = frozenset()


def create(station_id: int, details: Details, *, actor: Actor, now: datetime) -> Project:
    """Create a project of a station; the same name twice there is the same project."""
    known = db.session.query(Project).filter_by(
        station_id=station_id, name=details.name, closed_at=None
    )
    row = known.first()
    if row is None:
        row = Project(
            station_id=station_id,
            name=details.name,
            created_at=now,
            created_by_id=actor.person_id,
        )
        db.session.add(row)
        db.session.flush()
        _put(row, details)
        _audit("project.create", row, actor=actor, now=now)
    return row


def change(project_id: int, details: Details, *, actor: Actor, now: datetime) -> Project:
    """Change what a project is and who takes part."""
    row = _locked(project_id)
    _put(row, details)
    _audit("project.change", row, actor=actor, now=now)
    return row


def close(project_id: int, *, actor: Actor, now: datetime) -> Project:
    """End a project: it is shown nowhere, its activities stay. Twice is harmless."""
    row = _locked(project_id)
    if row.closed_at is None:
        row.closed_at = now
        search.drop(Ref("project", row.id))
        _audit("project.close", row, actor=actor, now=now)
    return row


def reopen(project_id: int, *, actor: Actor, now: datetime) -> Project:
    """Open an ended project again."""
    row = _locked(project_id)
    if row.closed_at is not None:
        row.closed_at = None
        _index(row)
        _audit("project.reopen", row, actor=actor, now=now)
    return row


def _locked(project_id: int) -> Project:
    return cast(Project, locked(Project, project_id))


def _put(row: Project, details: Details) -> None:
    row.name, row.slogan, row.summary = details.name, details.slogan, details.summary
    for table in (ProjectTeam, ProjectStation):
        db.session.execute(delete(table).where(table.project_id == row.id))
    db.session.add_all(
        ProjectTeam(project_id=row.id, team_id=one) for one in sorted(details.team_ids)
    )
    db.session.add_all(
        ProjectStation(project_id=row.id, station_id=one) for one in sorted(details.station_ids)
    )
    db.session.flush()
    _index(row)


def _index(row: Project) -> None:
    if row.closed_at is None:
        search.put(Ref("project", row.id), f"{row.name}\n{row.slogan}\n{row.summary}")


def _audit(verb: str, row: Project, *, actor: Actor, now: datetime) -> None:
    audit.record(verb, Ref("project", row.id), actor=actor, now=now, station_id=row.station_id)
