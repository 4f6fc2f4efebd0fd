"""Selects over who is in which team, and who leads it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from portal.core.access import Role
from portal.core.db import db
from portal.people import queries as people
from portal.people.models import Person, RoleGrant
from portal.people.models_teams import LEADING, MemberState, Team, TeamMember

_LEADING = aliased(TeamMember)


def member_ids(team_id: int) -> frozenset[int]:
    """Return the ids of who is in the team."""
    query = select(TeamMember.person_id).where(
        TeamMember.team_id == team_id, TeamMember.state == MemberState.MEMBER
    )
    return frozenset(db.session.scalars(query))


def leading_ids(team_id: int) -> frozenset[int]:
    """Return the ids of leader and deputies."""
    query = select(TeamMember.person_id).where(
        TeamMember.team_id == team_id,
        TeamMember.state == MemberState.MEMBER,
        TeamMember.role.in_(LEADING),
    )
    return frozenset(db.session.scalars(query))


def rows_of(team_id: int, state: MemberState) -> Sequence[TeamMember]:
    """Return the team's rows in a state with their persons: who leads first, then by time."""
    query = (
        _with_person()
        .where(TeamMember.team_id == team_id, TeamMember.state == state)
        .order_by(TeamMember.role != "leader", TeamMember.role != "deputy", TeamMember.at)
    )
    return db.session.scalars(query.order_by(TeamMember.person_id)).all()


def _with_person() -> Select[tuple[TeamMember]]:
    return (
        select(TeamMember)
        .join(TeamMember.person)
        .options(contains_eager(TeamMember.person))
        .where(Person.merged_into_id.is_(None), Person.erased_at.is_(None))
    )


def member(team_id: int, person_id: int) -> TeamMember | None:
    """Return the person's row in the team, whatever its state."""
    return db.session.get(TeamMember, (team_id, person_id))


def of_person(person_id: int, *states: MemberState) -> Sequence[TeamMember]:
    """Return the person's rows in these states with the teams that are open, by name."""
    query = (
        select(TeamMember)
        .join(TeamMember.team)
        .options(contains_eager(TeamMember.team).joinedload(Team.station))
        .where(
            TeamMember.person_id.in_(people.selves(person_id)),
            TeamMember.state.in_(states),
            Team.closed_at.is_(None),
        )
    )
    return db.session.scalars(query.order_by(Team.name)).all()


def led_by(person_id: int) -> Sequence[Team]:
    """Return the open teams that the person leads or stands in for."""
    query = (
        select(Team)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .options(joinedload(Team.station))
        .where(
            TeamMember.person_id.in_(people.selves(person_id)),
            TeamMember.state == MemberState.MEMBER,
            TeamMember.role.in_(LEADING),
            Team.closed_at.is_(None),
        )
    )
    return db.session.scalars(query.order_by(Team.name)).all()


def leads_at(person_id: int, station_id: int) -> bool:
    """Return whether the person leads an open team of the station itself."""
    query = select(TeamMember.team_id).join(Team, Team.id == TeamMember.team_id)
    leads = (
        TeamMember.person_id == person_id,
        TeamMember.state == MemberState.MEMBER,
        TeamMember.role.in_(LEADING),
        Team.station_id == station_id,
        Team.closed_at.is_(None),
    )
    return db.session.scalars(query.where(*leads).limit(1)).first() is not None


def requests_for(person_id: int, station_ids: frozenset[int]) -> int:
    """Return how many wait for this person's answer.

    They asked to join a team that the person leads, or one of these stations that nobody leads.
    """
    leading = select(_LEADING.team_id).where(
        _LEADING.team_id == Team.id,
        _LEADING.state == MemberState.MEMBER,
        _LEADING.role.in_(LEADING),
    )
    own = leading.where(_LEADING.person_id == person_id).exists()
    nobodys = Team.station_id.in_(station_ids) & ~leading.exists()
    query = (
        select(func.count())
        .select_from(TeamMember)
        .join(Team, Team.id == TeamMember.team_id)
        .where(TeamMember.state == MemberState.REQUESTED, Team.closed_at.is_(None), own | nobodys)
    )
    return int(db.session.scalar(query) or 0)


def leaders_without_role() -> Sequence[tuple[int, int]]:
    """Return (team id, person id) of who leads an open team without the role at its station."""
    role = select(RoleGrant.id).where(
        RoleGrant.person_id == TeamMember.person_id,
        RoleGrant.station_id == Team.station_id,
        RoleGrant.role == Role.TEAM_LEADER,
        RoleGrant.revoked_at.is_(None),
    )
    query = (
        select(TeamMember.team_id, TeamMember.person_id)
        .join(Team, Team.id == TeamMember.team_id)
        .where(
            TeamMember.state == MemberState.MEMBER,
            TeamMember.role.in_(LEADING),
            Team.closed_at.is_(None),
            ~role.exists(),
        )
    )
    return db.session.execute(query.order_by(TeamMember.team_id)).tuples().all()
