"""Selects over what is printed for a shift: the sheets there are, their rows, cards."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from portal.attendance.models_sheets import PaperRow, PaperSheet
from portal.core.db import db
from portal.people.models import Volunteer
from portal.people.models_teams import MemberState, Team, TeamMember
from portal.signups.models import Signup


def sheets_of(shift_id: int) -> Sequence[PaperSheet]:
    """Return the sheets printed for a shift, the newest first."""
    query = select(PaperSheet).where(PaperSheet.shift_id == shift_id)
    return db.session.scalars(query.order_by(PaperSheet.number.desc())).all()


def sheet(shift_id: int, number: int) -> PaperSheet | None:
    """Return the n-th sheet of a shift."""
    query = select(PaperSheet).where(PaperSheet.shift_id == shift_id, PaperSheet.number == number)
    return db.session.scalars(query).first()


def last_number(shift_id: int) -> int:
    """Return the number of the newest sheet of a shift, 0 when none was printed."""
    query = select(func.max(PaperSheet.number)).where(PaperSheet.shift_id == shift_id)
    return db.session.scalar(query) or 0


def rows_of(sheet_id: int) -> Sequence[PaperRow]:
    """Return the rows of a sheet with their people, in order."""
    query = (
        select(PaperRow)
        .options(joinedload(PaperRow.signup).joinedload(Signup.person))
        .where(PaperRow.sheet_id == sheet_id)
    )
    return db.session.scalars(query.order_by(PaperRow.number)).all()


def volunteer_numbers(person_ids: Collection[int]) -> Mapping[int, str]:
    """Return the number of each of these people who has one, by person."""
    query = select(Volunteer.person_id, Volunteer.volunteer_no).where(
        Volunteer.person_id.in_(person_ids), Volunteer.volunteer_no.is_not(None)
    )
    return {person_id: number or "" for person_id, number in db.session.execute(query)}


def teams_of(person_ids: Collection[int]) -> Mapping[int, str]:
    """Return the first team (by name) that each of these people is in, by person."""
    query = (
        select(TeamMember.person_id, func.min(Team.name))
        .join(Team, Team.id == TeamMember.team_id)
        .where(
            TeamMember.person_id.in_(person_ids),
            TeamMember.state == MemberState.MEMBER,
            Team.closed_at.is_(None),
        )
        .group_by(TeamMember.person_id)
    )
    return dict(db.session.execute(query).tuples().all())
