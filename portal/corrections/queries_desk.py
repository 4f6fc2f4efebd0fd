"""Selects of the lists: the desk's, the office's, and what waits for somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from portal.core.access import Actor, Role
from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.corrections.models import Correction, CorrectionState
from portal.corrections.policy import OFFICE_ROLES
from portal.corrections.queries import KIND, WAITS, whole
from portal.corrections.rules import HAND_VERBS
from portal.org.models import StationTree
from portal.people.models import RoleGrant
from portal.people.queries import selves
from portal.records.steps import Step


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list shows: of these stations, in this state; overdue; by this author; for the office."""

    station_ids: frozenset[int]
    state: CorrectionState | None = None
    is_late: bool = False
    author_id: int | None = None
    for_office: bool = False

    def clauses(self, today: date) -> list[ColumnElement[bool]]:
        """Return them as conditions."""
        found: list[ColumnElement[bool]] = [Correction.station_id.in_(self.station_ids)]
        if self.state is not None:
            found.append(Correction.state == self.state)
        if self.is_late:
            found += [WAITS, Correction.due_on < today]
        if self.author_id is not None:
            found.append(Correction.author_id.in_(selves(self.author_id)))
        if self.for_office:
            found += [WAITS, _concerns_staff()]
        return found


def listed(wanted: Filter, number: int, today: date) -> Page[Correction]:
    """Return a page: what waits by its day, then what went back, then the newest of the rest."""
    conditions = wanted.clauses(today)
    total = db.session.scalar(select(func.count(Correction.id)).where(*conditions)) or 0
    order = case((WAITS, 0), (Correction.state == CorrectionState.RETURNED, 1), else_=2)
    by_day = case((WAITS, Correction.due_on))
    query = whole().where(*conditions).order_by(order, by_day, Correction.id.desc())
    rows = db.session.scalars(query.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).all()
    return Page(rows, number, total)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for an answer, and how much of it is overdue."""

    count: int
    overdue: int


def waiting_for(actor: Actor, today: date) -> Waiting:
    """Return what waits for this actor as a second person: at the desk, or for the office."""
    managed = list(actor.stations(Role.STATION_MANAGER))
    office = and_(Correction.station_id.in_(list(actor.stations(*OFFICE_ROLES))), _concerns_staff())
    query = select(
        func.count(Correction.id), func.count(case((Correction.due_on < today, 1)))
    ).where(
        WAITS,
        or_(Correction.station_id.in_(managed), office),
        _is_second(actor.person_id or 0),
    )
    count, overdue = db.session.execute(query).one()
    return Waiting(count, overdue)


# --- for whom it waits --------------------------------------------------------------------------


def _is_second(person_id: int) -> ColumnElement[bool]:
    """Return the clause: the person had no hand in it."""
    own = selves(person_id)
    touched = select(Step.id).where(
        Step.subject_kind == KIND,
        Step.subject_id == Correction.id,
        Step.verb.in_(HAND_VERBS),
        Step.actor_id.in_(own),
    )
    return and_(
        Correction.person_id.not_in(own), Correction.author_id.not_in(own), ~touched.exists()
    )


def _concerns_staff() -> ColumnElement[bool]:
    """Return the clause: the station's own people are the volunteer or the author."""
    holders = (
        select(RoleGrant.id)
        .join(StationTree, StationTree.ancestor_id == RoleGrant.station_id)
        .where(
            StationTree.descendant_id == Correction.station_id,
            RoleGrant.role == Role.STATION_MANAGER,
            RoleGrant.person_id.in_((Correction.person_id, Correction.author_id)),
            RoleGrant.revoked_at.is_(None),
        )
    )
    return holders.exists()
