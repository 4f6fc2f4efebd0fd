"""Selects over dispatches: who may answer, what lies with whom, whose time it took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload

from portal.core.db import db
from portal.hours.models import LedgerEntry
from portal.people import queries as people
from portal.people.models import Person, Volunteer, VolunteerState
from portal.people.models_teams import LEADING, MemberState, Team, TeamMember
from portal.people.models_units import UnitLiaison
from portal.services.models_dispatches import Dispatch, DispatchKind, DispatchState, OrderHelp
from portal.services.models_orders import Order
from portal.services.policy import Held

HELP_KIND = "order_help"
_LIVE = (DispatchState.OFFERED, DispatchState.ACCEPTED)


def _whole() -> Select[tuple[Dispatch]]:
    order = joinedload(Dispatch.order)
    return select(Dispatch).options(
        order.joinedload(Order.service),
        order.joinedload(Order.station),
        order.joinedload(Order.asker),
        joinedload(Dispatch.team),
        joinedload(Dispatch.unit),
        joinedload(Dispatch.person),
    )


def held_by_id(public_id: str) -> Held | None:
    """Return the dispatch of a public id with those who may answer it."""
    row = db.session.scalars(_whole().where(Dispatch.public_id == public_id)).first()
    return Held(row, frozenset(doers_of(row))) if row else None


def doers_of(row: Dispatch) -> Sequence[int]:
    """Return whose it is to answer: the team's leaders, the unit's liaisons, or who claimed it."""
    if row.team_id is not None:
        return _leaders(row.team_id)
    if row.unit_id is not None:
        query = select(_kept()).join(UnitLiaison, UnitLiaison.person_id == Person.id)
        live = (UnitLiaison.unit_id == row.unit_id, UnitLiaison.ended_at.is_(None))
        return db.session.scalars(query.where(*live).order_by(UnitLiaison.id)).all()
    return db.session.scalars(select(_kept()).where(Person.id == row.person_id)).all()


def _kept() -> ColumnElement[int]:
    return func.coalesce(Person.merged_into_id, Person.id)


def _leaders(team_id: int) -> Sequence[int]:
    kept = _kept().label("kept")
    query = _leading(select(kept)).where(Team.id == team_id)
    return db.session.scalars(query.order_by(kept).distinct()).all()


def _leading(query: Select[tuple[int]]) -> Select[tuple[int]]:
    """Join persons with the teams that they lead or stand in for."""
    return (
        query.select_from(Person)
        .join(TeamMember, TeamMember.person_id == Person.id)
        .join(Team, Team.id == TeamMember.team_id)
        .where(TeamMember.state == MemberState.MEMBER, TeamMember.role.in_(LEADING))
    )


def theirs(person_id: int) -> Sequence[Dispatch]:
    """Return what lies with the person, their teams and units: what waits first, then the newest."""
    query = _whole().where(_is_with(person_id), Dispatch.state != DispatchState.RECALLED)
    waits = Dispatch.state.in_(_LIVE)
    return db.session.scalars(query.order_by(~waits, Dispatch.id.desc()).limit(100)).all()


def count_waiting(person_id: int) -> int:
    """Return how many orders the person has to answer or to do."""
    query = select(func.count(Dispatch.id)).where(_is_with(person_id), Dispatch.state.in_(_LIVE))
    return db.session.scalar(query) or 0


def _is_with(person_id: int) -> ColumnElement[bool]:
    own = people.selves(person_id)
    units = select(UnitLiaison.unit_id).where(
        UnitLiaison.person_id.in_(own), UnitLiaison.ended_at.is_(None)
    )
    return or_(
        Dispatch.person_id.in_(own) & Dispatch.team_id.is_(None) & Dispatch.unit_id.is_(None),
        Dispatch.team_id.in_(_leading(select(Team.id)).where(Person.id.in_(own))),
        Dispatch.unit_id.in_(units),
    )


def free(limit: int = 50) -> Sequence[Dispatch]:
    """Return what lies open to whoever claims it, the one that waits longest first."""
    query = _whole().where(
        Dispatch.kind == DispatchKind.OPEN, Dispatch.state == DispatchState.OFFERED
    )
    return db.session.scalars(query.order_by(Dispatch.id).limit(limit)).all()


def count_claimed(person_id: int) -> int:
    """Return how many orders the person has claimed for themselves and not done yet."""
    query = select(func.count(Dispatch.id)).where(
        Dispatch.kind == DispatchKind.OPEN,
        Dispatch.team_id.is_(None),
        Dispatch.person_id.in_(people.selves(person_id)),
        Dispatch.state == DispatchState.ACCEPTED,
    )
    return db.session.scalar(query) or 0


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody whose time may be noted."""

    id: int
    public_id: str
    name: str


def helpers_of(row: Dispatch) -> list[Helper]:
    """Return whose time may be noted: who accepted it, and the members of the team.

    People of a unit come on duty, which is not volunteering (product rule 6): nobody.
    """
    if row.unit_id is not None:
        return []
    who: ColumnElement[bool] = Person.id == row.person_id
    if row.team_id is not None:
        who = who | Person.id.in_(
            select(TeamMember.person_id).where(
                TeamMember.team_id == row.team_id, TeamMember.state == MemberState.MEMBER
            )
        )
    query = select(Person.id, Person.public_id, Person.name).where(
        who, Person.merged_into_id.is_(None), Person.erased_at.is_(None)
    )
    return [Helper(*found) for found in db.session.execute(query.order_by(Person.id).limit(60))]


def of_person(person_id: int) -> Sequence[Dispatch]:
    """Return what the person accepted, for the legal export."""
    query = _whole().where(Dispatch.person_id.in_(people.selves(person_id)))
    return db.session.scalars(query.order_by(Dispatch.id)).all()


def helps_of_person(person_id: int) -> Sequence[OrderHelp]:
    """Return the time the person is said to have given, for the legal export."""
    query = select(OrderHelp).where(OrderHelp.person_id.in_(people.selves(person_id)))
    return db.session.scalars(query.order_by(OrderHelp.id)).all()


def to_credit() -> Sequence[int]:
    """Return the ids of approved help whose giver has become a registered volunteer since."""
    query = (
        select(OrderHelp.id)
        .join(Volunteer, Volunteer.person_id == OrderHelp.person_id)
        .where(
            OrderHelp.approved_by_id.is_not(None),
            OrderHelp.credited_at.is_(None),
            Volunteer.state == VolunteerState.REGISTERED,
        )
    )
    return db.session.scalars(query.order_by(OrderHelp.id).limit(500)).all()


def credited_without_entry() -> Sequence[int]:
    """Return the ids of help marked as credited that the ledger does not know."""
    entry = select(LedgerEntry.id).where(
        LedgerEntry.source_kind == HELP_KIND, LedgerEntry.source_id == OrderHelp.id
    )
    query = select(OrderHelp.id).where(OrderHelp.credited_at.is_not(None), ~entry.exists())
    return db.session.scalars(query.order_by(OrderHelp.id)).all()
