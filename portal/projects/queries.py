"""Selects over projects, and their figures as the records behind them have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from portal.attendance.clauses import is_attendance, is_session
from portal.attendance.models import Visit
from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.hours.models import LedgerEntry
from portal.org.models import Station
from portal.people.models_teams import Team
from portal.records import search
from portal.shifts.models import Offering, Shift
from portal.shifts.models_projects import Project, ProjectStation, ProjectTeam
from portal.shifts.queries_projects import project_by_id

__all__ = ["project_by_id"]


@dataclass(frozen=True, slots=True)
class Figures:
    """Sessions held, attendances at them, minutes of service that count."""

    sessions: int = 0
    attendances: int = 0
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of projects shows. `station_ids` None: of all stations."""

    station_ids: Select[tuple[int]] | frozenset[int] | None = None
    words: str = ""
    closed: bool = False


def _whole() -> Select[tuple[Project]]:
    return select(Project).join(Project.station).options(contains_eager(Project.station))


def open_project(public_id: str) -> Project | None:
    """Return the open project of a public id with its station."""
    query = _whole().where(Project.public_id == public_id, Project.closed_at.is_(None))
    return db.session.scalars(query).first()


def listed(wanted: Filter, number: int) -> Page[Project]:
    """Return a page of projects in the order of the station tree."""
    where = _conditions(wanted)
    counted = select(func.count(Project.id)).join(Project.station).where(*where)
    total = db.session.scalar(counted) or 0
    number = min(number, -(-total // PAGE_SIZE) or 1)
    order = (Station.position, Station.id, Project.name, Project.id)
    query = _whole().where(*where).order_by(*order)
    rows = db.session.scalars(query.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).all()
    return Page(rows, number, total)


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        Project.closed_at.is_not(None) if wanted.closed else Project.closed_at.is_(None)
    ]
    if wanted.station_ids is not None:
        joined = select(ProjectStation.project_id).where(
            ProjectStation.station_id.in_(wanted.station_ids)
        )
        found.append(Project.station_id.in_(wanted.station_ids) | Project.id.in_(joined))
    matching = search.matches("project", wanted.words)
    if matching is not None:
        found.append(Project.id.in_(matching))
    return found


def figures(project_ids: Sequence[int], now: datetime) -> Mapping[int, Figures]:
    """Return the figures of these projects, counted in three statements whatever their number."""
    sessions = _by_project(
        select(Offering.project_id, func.count(Shift.id))
        .join(Shift, Shift.offering_id == Offering.id)
        .where(*is_session(now)),
        project_ids,
    )
    attendances = _by_project(
        select(Offering.project_id, func.count(Visit.id))
        .join(Shift, Shift.offering_id == Offering.id)
        .join(Visit, Visit.shift_id == Shift.id)
        .where(is_attendance()),
        project_ids,
    )
    minutes = _by_project(
        select(Offering.project_id, func.sum(LedgerEntry.minutes))
        .join(Shift, Shift.offering_id == Offering.id)
        .join(LedgerEntry, LedgerEntry.shift_id == Shift.id),
        project_ids,
    )
    return {
        one: Figures(sessions.get(one, 0), attendances.get(one, 0), minutes.get(one, 0))
        for one in project_ids
    }


def _by_project(query: Select[tuple[int | None, int]], ids: Sequence[int]) -> dict[int, int]:
    grouped = query.where(Offering.project_id.in_(ids)).group_by(Offering.project_id)
    return {one: int(number) for one, number in db.session.execute(grouped).tuples() if one}


def teams_of(project_id: int) -> Sequence[Team]:
    """Return the open teams that carry the project."""
    query = (
        select(Team)
        .join(ProjectTeam, ProjectTeam.team_id == Team.id)
        .options(joinedload(Team.station))
        .where(ProjectTeam.project_id == project_id, Team.closed_at.is_(None))
    )
    return db.session.scalars(query.order_by(Team.name)).all()


def stations_of(project_id: int) -> Sequence[Station]:
    """Return the stations that take part besides the project's own."""
    query = (
        select(Station)
        .join(ProjectStation, ProjectStation.station_id == Station.id)
        .where(ProjectStation.project_id == project_id, Station.closed_at.is_(None))
    )
    return db.session.scalars(query.order_by(Station.position, Station.id)).all()


def count_activities(project_id: int) -> int:
    """Return how many activities were published under the project."""
    query = select(func.count(Offering.id)).where(
        Offering.project_id == project_id, Offering.published_at.is_not(None)
    )
    return int(db.session.scalar(query) or 0)


def teams_at(station_ids: frozenset[int]) -> Sequence[Team]:
    """Return the open teams of these stations by name, to choose from."""
    query = select(Team).where(Team.station_id.in_(station_ids), Team.closed_at.is_(None))
    return db.session.scalars(query.order_by(Team.name, Team.id)).all()
