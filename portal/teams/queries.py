"""Selects over teams: the public list, one team, what a team has given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from portal.core import filters
from portal.core.copies import kept
from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.hours.models import LedgerEntry
from portal.org import queries as org
from portal.org.models import Station, Vocabulary
from portal.org.queries import Choice
from portal.people import consents
from portal.people import queries_teams as members
from portal.people.models import Person
from portal.people.models_consents import ConsentKind
from portal.people.models_teams import MemberState, Team, TeamMember, TeamRole
from portal.records import search
from portal.shifts.models_projects import Project, ProjectTeam
from portal.teams.policy import Kept

_MEMBERS = (
    select(func.count())
    .where(TeamMember.team_id == Team.id, TeamMember.state == MemberState.MEMBER)
    .scalar_subquery()
)
_REQUESTS = (
    select(func.count())
    .where(TeamMember.team_id == Team.id, TeamMember.state == MemberState.REQUESTED)
    .scalar_subquery()
)


@kept
def kind_choices() -> tuple[Choice, ...]:
    """Return the kinds of teams, to choose one."""
    return tuple(
        Choice(row.code, row.name_zh, row.name_en) for row in org.terms(Vocabulary.TEAM_KIND)
    )


def _whole() -> Select[tuple[Team]]:
    return (
        select(Team).join(Team.station).options(contains_eager(Team.station), joinedload(Team.kind))
    )


def open_team(public_id: str) -> Team | None:
    """Return the open team of a public id with station and kind."""
    query = _whole().where(Team.public_id == public_id, Team.closed_at.is_(None))
    return db.session.scalars(query).first()


def kept_by_id(public_id: str) -> Kept | None:
    """Return the team of a public id, closed ones too, with who leads it."""
    row = db.session.scalars(_whole().where(Team.public_id == public_id)).first()
    return Kept(row, members.leading_ids(row.id)) if row else None


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of teams shows. `station_ids` None: of all stations."""

    station_ids: Select[tuple[int]] | frozenset[int] | None = None
    kind_id: int | None = None
    words: str = ""
    closed: bool = False


class Listed(NamedTuple):
    """A team of the list with how many are in it, and how many ask to be."""

    team: Team
    members: int
    requests: int


def listed(wanted: Filter, number: int) -> Page[Listed]:
    """Return a page of teams in the order of the station tree."""
    where = _conditions(wanted)
    total = db.session.scalar(select(func.count(Team.id)).join(Team.station).where(*where)) or 0
    number = min(number, -(-total // PAGE_SIZE) or 1)
    query = (
        _whole()
        .add_columns(_MEMBERS, _REQUESTS)
        .where(*where)
        .order_by(Station.position, Station.id, Team.name, Team.id)
    )
    rows = db.session.execute(query.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).all()
    return Page([Listed(*row) for row in rows], number, total)


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        Team.closed_at.is_not(None) if wanted.closed else Team.closed_at.is_(None)
    ]
    if wanted.station_ids is not None:
        found.append(Team.station_id.in_(wanted.station_ids))
    if wanted.kind_id is not None:
        found.append(Team.kind_id == wanted.kind_id)
    matching = search.matches("team", wanted.words)
    if matching is not None:
        found.append(Team.id.in_(matching))
    return found


def led_by(person_id: int) -> list[Listed]:
    """Return the open teams that the person leads, in the same way."""
    led = [team.id for team in members.led_by(person_id)]
    if not led:
        return []
    query = _whole().add_columns(_MEMBERS, _REQUESTS).where(Team.id.in_(led)).order_by(Team.name)
    return [Listed(*row) for row in db.session.execute(query)]


def found(words: str, limit: int) -> Sequence[Team]:
    """Return open teams whose words hold these."""
    matching = search.matches("team", words)
    if matching is None:
        return []
    query = _whole().where(Team.id.in_(matching), Team.closed_at.is_(None))
    return db.session.scalars(query.order_by(Team.name).limit(limit)).all()


def count_members(team_id: int) -> int:
    """Return how many are in the team."""
    return int(db.session.scalar(select(_MEMBERS).select_from(Team).where(Team.id == team_id)) or 0)


def minutes(team_id: int) -> int:
    """Return what the present members gave since each joined, as the ledger has it."""
    own = or_(Person.id == TeamMember.person_id, Person.merged_into_id == TeamMember.person_id)
    query = (
        select(func.coalesce(func.sum(LedgerEntry.minutes), 0))
        .select_from(TeamMember)
        .join(Person, own)
        .join(LedgerEntry, LedgerEntry.person_id == Person.id)
        .where(
            TeamMember.team_id == team_id,
            TeamMember.state == MemberState.MEMBER,
            LedgerEntry.starts_at >= TeamMember.at,
        )
    )
    return int(db.session.scalar(query) or 0)


def public_leader(team_id: int) -> str:
    """Return the leader's masked name, or nothing unless they agreed to be named in public."""
    query = (
        select(Person)
        .join(TeamMember, TeamMember.person_id == Person.id)
        .where(
            TeamMember.team_id == team_id,
            TeamMember.role == TeamRole.LEADER,
            TeamMember.state == MemberState.MEMBER,
        )
    )
    row = db.session.scalars(query).first()
    agreed = row is not None and consents.holds(row.id, ConsentKind.PUBLICATION)
    return filters.masked_name(row.name) if row is not None and agreed else ""


def projects_of(team_id: int) -> Sequence[Project]:
    """Return the projects that the team carries."""
    query = (
        select(Project)
        .join(ProjectTeam, ProjectTeam.project_id == Project.id)
        .where(ProjectTeam.team_id == team_id, Project.closed_at.is_(None))
    )
    return db.session.scalars(query.order_by(Project.name)).all()


def unindexed() -> Select[tuple[int]]:
    """Return a select of the ids of all open teams, for those that are in no index."""
    return select(Team.id).where(Team.closed_at.is_(None))
