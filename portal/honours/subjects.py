"""What can be honoured, found by kind and public id: its name, and the station that keeps it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from portal.core.db import db
from portal.honours.models import PERSONAL, Honour, Honoured
from portal.org import queries as org
from portal.org.models import Station
from portal.org.models_units import CivilizedUnit
from portal.org.queries_units import centre_id
from portal.people import queries as people
from portal.people.models import Person
from portal.people.models_teams import Team
from portal.shifts import queries_projects as projects
from portal.shifts.models_projects import Project

_TABLES: dict[Honoured, Any] = {
    Honoured.PERSON: Person,
    Honoured.FAMILY: Person,
    Honoured.TEAM: Team,
    Honoured.PROJECT: Project,
    Honoured.UNIT: CivilizedUnit,
    Honoured.COMMUNITY: Station,
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What is honoured. `station_id` is the station that keeps its honours."""

    kind: Honoured
    id: int
    public_id: str
    name: str
    station_id: int | None


def found(kind: Honoured, public_id: str) -> Subject | None:
    """Return what a public id stands for; None for what is closed, erased or unknown."""
    row = _row(kind, public_id)
    if row is None:
        return None
    return Subject(kind, row.id, row.public_id, row.name, _station_id(kind, row))


def _row(kind: Honoured, public_id: str) -> Any:
    if kind in PERSONAL:
        person = people.person_by_id(public_id)
        return None if person is None or person.erased_at else person
    if kind == Honoured.TEAM:
        team = people.team_by_id(public_id)
        return None if team is None or team.closed_at else team
    if kind == Honoured.PROJECT:
        project = projects.project_by_id(public_id)
        return None if project is None or project.closed_at else project
    if kind == Honoured.UNIT:
        return org.civilized_unit_by_id(public_id)
    return org.station_by_id(public_id)


def _station_id(kind: Honoured, row: Any) -> int | None:
    if kind == Honoured.COMMUNITY:
        return int(row.id)
    if kind in PERSONAL:
        volunteer = people.volunteer_of(row.id)
        station_id = volunteer.station_id if volunteer else row.home_station_id
        return station_id or centre_id()
    return row.station_id or centre_id()


def names(rows: Iterable[Honour]) -> Mapping[tuple[str, int], Subject]:
    """Return what these honours are of, by kind and id: one statement for each table."""
    wanted: dict[Any, set[int]] = {}
    listed = list(rows)
    for row in listed:
        wanted.setdefault(_TABLES[Honoured(row.subject_kind)], set()).add(row.subject_id)
    known = {table: _named(table, ids) for table, ids in wanted.items()}
    return {
        (row.subject_kind, row.subject_id): Subject(
            Honoured(row.subject_kind),
            row.subject_id,
            *known[_TABLES[Honoured(row.subject_kind)]].get(row.subject_id, ("", "")),
            row.station_id,
        )
        for row in listed
    }


def _named(table: Any, ids: Collection[int]) -> dict[int, tuple[str, str]]:
    query = select(table.id, table.public_id, table.name).where(table.id.in_(ids))
    return {row_id: (public_id, name) for row_id, public_id, name in db.session.execute(query)}
