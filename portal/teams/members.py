"""Verbs on members: ask, accept, decline, leave, remove, appoint. Locks: the persons, then the team."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import select

from portal.core.access import Actor, Role
from portal.core.db import db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.steps import next_state
from portal.notices.actions import tell
from portal.people import queries as people
from portal.people import queries_teams as queries
from portal.people.locks import lock_person
from portal.people.models_teams import MemberState, Team, TeamMember, TeamRole
from portal.records import audit, notes
from portal.teams import leading
from portal.teams.rules import ASK, STEPS


def ask(team_id: int, person_id: int, *, actor: Actor, now: datetime) -> TeamMember:
    """Ask to join; who leads the team (else who keeps its station) is told. Twice is harmless."""
    lock_person(person_id)
    team = _open(team_id)
    row = queries.member(team_id, person_id)
    if row is not None and row.state in {MemberState.REQUESTED, MemberState.MEMBER}:
        return row
    if row is None:
        row = TeamMember(team_id=team_id, person_id=person_id, role=TeamRole.MEMBER, at=now)
        row.state = MemberState.REQUESTED
        db.session.add(row)
        _audit("team.ask", row, team, actor=actor, now=now)
    else:
        _move(row, team, ASK, actor=actor, now=now)
    for one in _to_ask(team):
        tell(one, "team_asked", Ref("team", team.id), now=now)
    return row


def accept(team_id: int, person_id: int, *, actor: Actor, now: datetime) -> TeamMember:
    """Let somebody in who asked. Twice is harmless."""
    row, team = _lock(team_id, person_id)
    if row.state != MemberState.MEMBER:
        _move(row, team, "accept", actor=actor, now=now)
        tell(person_id, "team_accepted", Ref("team", team.id), now=now)
    return row


def decline(
    team_id: int, person_id: int, reason: str, *, actor: Actor, now: datetime
) -> TeamMember:
    """Say no to who asked, with the reason."""
    row, team = _lock(team_id, person_id)
    if row.state != MemberState.DECLINED:
        _move(row, team, "decline", actor=actor, now=now)
        _say(row, reason, actor=actor, now=now)
        tell(person_id, "team_declined", Ref("team", team.id), now=now)
    return row


def leave(team_id: int, person_id: int, *, actor: Actor, now: datetime) -> TeamMember:
    """Leave, or take the request back. Twice is harmless; what was recorded stays."""
    row, team = _lock(team_id, person_id)
    if row.state not in {MemberState.LEFT, MemberState.DECLINED}:
        _end(row, team, "leave", actor=actor, now=now)
    return row


def remove(team_id: int, person_id: int, reason: str, *, actor: Actor, now: datetime) -> TeamMember:
    """Take somebody out of the team, with the reason, which they read."""
    row, team = _lock(team_id, person_id)
    if row.state == MemberState.LEFT:
        return row
    _end(row, team, "remove", actor=actor, now=now)
    _say(row, reason, actor=actor, now=now)
    tell(person_id, "team_removed", Ref("team", team.id), now=now)
    return row


def appoint(
    team_id: int, person_id: int, role: TeamRole, *, actor: Actor, now: datetime
) -> TeamMember:
    """Give a member a role; a new leader makes the one before a member. Twice is harmless."""
    before = db.session.scalars(
        select(TeamMember.person_id).where(
            TeamMember.team_id == team_id,
            TeamMember.role == TeamRole.LEADER,
            TeamMember.state == MemberState.MEMBER,
            TeamMember.person_id != person_id,
        )
    ).all()
    for one in sorted({person_id, *before}):
        lock_person(one)
    team = _open(team_id)
    row = queries.member(team_id, person_id)
    if row is None or row.state != MemberState.MEMBER:
        raise Refused(_no_member())
    if row.role == role:
        return row
    if role == TeamRole.LEADER:
        for one in before:
            _give_role(queries.member(team_id, one), TeamRole.MEMBER, team, actor=actor, now=now)
    _give_role(row, role, team, actor=actor, now=now)
    return row


# --- parts ---------------------------------------------------------------------------------------


def _open(team_id: int) -> Team:
    team = cast(Team, locked(Team, team_id))
    if team.closed_at is not None:
        raise Refused(Reason("closed", _("这支队伍已经解散。可以看看别的队伍。")))
    return team


def _lock(team_id: int, person_id: int) -> tuple[TeamMember, Team]:
    lock_person(person_id)
    team = cast(Team, locked(Team, team_id))
    row = queries.member(team_id, person_id)
    if row is None:
        raise Refused(_no_member())
    db.session.refresh(row)
    return row, team


def _no_member() -> Reason:
    return Reason("not_member", _("他现在不在这支队里。请刷新页面再看。"))


def _to_ask(team: Team) -> list[int]:
    found = sorted(queries.leading_ids(team.id))
    return found or list(people.nearest_holders(Role.STATION_MANAGER, team.station_id))


def _move(row: TeamMember, team: Team, verb: str, *, actor: Actor, now: datetime) -> None:
    row.state = next_state(STEPS, MemberState(row.state), verb)
    row.at = now
    _audit(f"team.{verb}", row, team, actor=actor, now=now)
    db.session.flush()


def _end(row: TeamMember, team: Team, verb: str, *, actor: Actor, now: datetime) -> None:
    _move(row, team, verb, actor=actor, now=now)
    row.role = TeamRole.MEMBER
    leading.follow(row.person_id, team.station_id, actor=actor, now=now)


def _give_role(
    row: TeamMember | None, role: TeamRole, team: Team, *, actor: Actor, now: datetime
) -> None:
    if row is None:
        return
    row.role = role
    _audit("team.appoint", row, team, actor=actor, now=now, role=role)
    leading.follow(row.person_id, team.station_id, actor=actor, now=now)
    tell(row.person_id, "team_appointed", Ref("team", team.id), now=now)


def _say(row: TeamMember, reason: str, *, actor: Actor, now: datetime) -> None:
    """Keep the reason with the person, who takes it along when erased."""
    notes.put(Ref("person", row.person_id), note_kind(row.team_id), reason, actor=actor, now=now)


def note_kind(team_id: int) -> str:
    """Return under which kind a person's notes hold what a team told them."""
    return f"team {team_id}"


def _audit(
    verb: str, row: TeamMember, team: Team, *, actor: Actor, now: datetime, **details: str
) -> None:
    audit.record(
        verb, Ref("team", team.id), actor=actor, now=now, station_id=team.station_id,
        person=row.person_id, **details,
    )  # fmt: skip
