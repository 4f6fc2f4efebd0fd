"""Selects over feedback."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from portal.core.access import Actor, Role
from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.feedback.models import OPEN, Feedback, FeedbackState
from portal.feedback.policy import OFFICE_ROLES, ROLES
from portal.feedback.rules import FILE
from portal.org import queries as org
from portal.org.models import Level, Station, StationTree, Term, Vocabulary
from portal.people.models import Person
from portal.people.queries import nearest_holders, selves
from portal.records.notes import Note
from portal.records.steps import Step

_KIND = "feedback"
_WAITS = Feedback.state.in_(OPEN)


def _whole() -> Select[tuple[Feedback]]:
    return select(Feedback).options(
        joinedload(Feedback.kind),
        joinedload(Feedback.station),
        joinedload(Feedback.about_station),
        joinedload(Feedback.person),
    )


def feedback_by_id(public_id: str) -> Feedback | None:
    """Return the feedback of a public id with all that its page shows."""
    return db.session.scalars(_whole().where(Feedback.public_id == public_id)).first()


def by_number(number: str) -> Feedback | None:
    """Return the feedback of the number that a person keeps."""
    return db.session.scalars(_whole().where(Feedback.number == number)).first()


def by_form(key: str) -> Feedback | None:
    """Return what was filed with this form already."""
    return db.session.scalars(_whole().where(Feedback.form_key == key)).first()


def is_taken(number: str) -> bool:
    """Return whether the number was given out."""
    return by_number(number) is not None


def of_person(person_id: int) -> Sequence[Feedback]:
    """Return what the person filed signed in, the newest first."""
    query = _whole().where(Feedback.person_id.in_(selves(person_id)))
    return db.session.scalars(query.order_by(Feedback.id.desc())).all()


def centre() -> Station | None:
    """Return the centre, where what is about no station lies."""
    query = select(Station).where(Station.level == Level.CENTRE, Station.closed_at.is_(None))
    return db.session.scalars(query.order_by(Station.id).limit(1)).first()


def kinds() -> Sequence[Term]:
    """Return the kinds of feedback to choose from."""
    return org.terms(Vocabulary.FEEDBACK_KIND)


def words_of(rows: Iterable[Feedback]) -> dict[int, str]:
    """Return what was said first, by feedback."""
    query = select(Note.subject_id, Note.text).where(
        Note.subject_kind == _KIND,
        Note.kind == FILE,
        Note.subject_id.in_([row.id for row in rows]),
    )
    return dict(db.session.execute(query).tuples().all())


def names_of(person_ids: Iterable[int]) -> dict[int, str]:
    """Return the names of these persons, for a timeline that only staff read."""
    query = select(Person.id, Person.name).where(Person.id.in_(list(person_ids)))
    return dict(db.session.execute(query).tuples().all())


def station_names(public_ids: Iterable[str]) -> dict[str, str]:
    """Return the names of stations by public id, also of closed ones."""
    query = select(Station.public_id, Station.name).where(Station.public_id.in_(list(public_ids)))
    return dict(db.session.execute(query).tuples().all())


# --- the desk ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filter:
    """What the desk's list shows: of these stations, in this state."""

    station_ids: frozenset[int]
    state: FeedbackState | None = None


def listed(wanted: Filter, number: int, today: date) -> Page[Feedback]:
    """Return a page: overdue first, then what waits by its day, then the newest of the rest."""
    conditions: list[ColumnElement[bool]] = [Feedback.station_id.in_(wanted.station_ids)]
    if wanted.state is not None:
        conditions.append(Feedback.state == wanted.state)
    total = db.session.scalar(select(func.count(Feedback.id)).where(*conditions)) or 0
    order = case((and_(_WAITS, Feedback.due_on < today), 0), (_WAITS, 1), else_=2)
    by_day = case((_WAITS, Feedback.due_on))
    query = _whole().where(*conditions).order_by(order, by_day, Feedback.id.desc())
    rows = db.session.scalars(query.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).all()
    return Page(rows, number, total)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for an answer, and how much of it is overdue."""

    count: int
    overdue: int


def waiting_for(actor: Actor, today: date) -> Waiting:
    """Return what waits for this actor's own answer (as `policy.may_answer` has it)."""
    about = aliased(Station)
    managed = list(actor.stations(Role.STATION_MANAGER))
    theirs = and_(
        Feedback.station_id.in_(managed),
        ~Feedback.with_office,
        or_(~Feedback.about_staff, about.parent_id.in_(managed)),
    )
    office = Feedback.station_id.in_(list(actor.stations(*OFFICE_ROLES)))
    query = (
        select(func.count(Feedback.id), func.count(case((Feedback.due_on < today, 1))))
        .outerjoin(about, about.id == Feedback.about_station_id)
        .where(_WAITS, or_(office, theirs))
    )
    count, overdue = db.session.execute(query).one()
    return Waiting(count, overdue)


def stations_kept(actor: Actor) -> frozenset[int]:
    """Return the stations whose feedback the actor sees."""
    return actor.stations(*ROLES)


def targets(row: Feedback) -> Sequence[Station]:
    """Return the stations it may be handed to: above, beside and below where it lies.

    A complaint about staff only goes up. What lies with the office may go (back) to its station.
    """
    above = select(StationTree.ancestor_id).where(StationTree.descendant_id == row.station_id)
    fits: ColumnElement[bool] = Station.id.in_(above)
    if row.about_staff:
        fits = and_(fits, Station.id.in_(_above(row.about_station_id)))
    else:
        beside = Station.parent_id == row.station.parent_id
        fits = or_(fits, beside, Station.id.in_(org.subtree(row.station_id)))
    itself = false() if row.with_office else Station.id == row.station_id
    open_ones = select(Station).where(fits, ~itself, Station.closed_at.is_(None))
    return db.session.scalars(open_ones.order_by(Station.position, Station.id)).all()


def _above(station_id: int | None) -> Select[tuple[int]]:
    return select(StationTree.ancestor_id).where(
        StationTree.descendant_id == station_id, StationTree.depth > 0
    )


# --- deadlines -----------------------------------------------------------------------------------


def overdue_untold(today: date) -> Sequence[int]:
    """Return what is overdue and nobody was told of yet."""
    query = select(Feedback.id).where(
        _WAITS, Feedback.due_on < today, Feedback.overdue_told_at.is_(None)
    )
    return db.session.scalars(query.order_by(Feedback.due_on).limit(500)).all()


def closed_with_contact(before: datetime) -> Sequence[int]:
    """Return what ended before an instant and still holds a name or a phone."""
    query = select(Feedback.id).where(
        Feedback.closed_at < before, Feedback.contact_sealed.is_not(None)
    )
    return db.session.scalars(query.order_by(Feedback.id).limit(500)).all()


def answerers(row: Feedback) -> Sequence[int]:
    """Return who is to answer: the nearest managers, or the nearest officers where none may."""
    managers: Sequence[int] = ()
    if not row.with_office:
        managers = nearest_holders(Role.STATION_MANAGER, _answered_at(row))
    return managers or nearest_holders(Role.CAMPAIGN_OFFICER, row.station_id)


def _answered_at(row: Feedback) -> int | None:
    """A complaint about staff that lies at their own station is answered above it."""
    if row.about_staff and row.about_station and row.station_id == row.about_station_id:
        return row.about_station.parent_id
    return row.station_id


# --- the check -----------------------------------------------------------------------------------


def wrong_states() -> Sequence[tuple[int, str, str | None]]:
    """Return (id, state, state by the last step) where the two differ."""
    last = (
        select(Step.subject_id, func.max(Step.id).label("step_id"))
        .where(Step.subject_kind == _KIND)
        .group_by(Step.subject_id)
        .subquery()
    )
    query = (
        select(Feedback.id, Feedback.state, Step.to_state)
        .outerjoin(last, last.c.subject_id == Feedback.id)
        .outerjoin(Step, Step.id == last.c.step_id)
        .where(or_(Step.to_state.is_(None), Step.to_state != Feedback.state))
        .order_by(Feedback.id)
    )
    return [(row_id, state, step) for row_id, state, step in db.session.execute(query)]


def open_due_from(since: date) -> Sequence[Feedback]:
    """Return open feedback that is to be answered by a day from `since` on."""
    query = select(Feedback).where(Feedback.state.in_(OPEN), Feedback.due_on >= since)
    return db.session.scalars(query).all()
