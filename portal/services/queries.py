"""Selects over orders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import joinedload

from portal.core.access import Role
from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.people import queries as people
from portal.people.models import Person
from portal.records.steps import Step
from portal.services.models import Service
from portal.services.models_dispatches import HOLDING, Dispatch, DispatchState, OrderHelp
from portal.services.models_orders import Order, OrderPrivate, OrderState, OrderVisit, VisitStep
from portal.services.rules import DOERS_TURN, HELD, OPEN

_EXPIRES = (OrderState.FILED, OrderState.REVIEWED, OrderState.OPEN, OrderState.DISPATCHED)


def _whole() -> Select[tuple[Order]]:
    return select(Order).options(
        joinedload(Order.service).joinedload(Service.category),
        joinedload(Order.service).joinedload(Service.team),
        joinedload(Order.service).joinedload(Service.unit),
        joinedload(Order.station),
        joinedload(Order.asker),
        joinedload(Order.activity),
    )


def order_by_id(public_id: str) -> Order | None:
    """Return the order of a public id with all that its page shows."""
    return db.session.scalars(_whole().where(Order.public_id == public_id)).first()


def order(order_id: int) -> Order:
    """Return an order by internal id, which must exist."""
    return db.session.get_one(Order, order_id)


def by_number(number: str) -> Order | None:
    """Return the order of the number that the asker keeps."""
    return db.session.scalars(_whole().where(Order.number == number)).first()


def by_form(key: str) -> Order | None:
    """Return what was filed with this form already."""
    return db.session.scalars(_whole().where(Order.form_key == key)).first()


def is_taken(number: str) -> bool:
    """Return whether the number was given out."""
    return db.session.scalar(select(Order.id).where(Order.number == number)) is not None


def private_of(order_id: int) -> OrderPrivate | None:
    """Return what is private about an order; None when it was erased."""
    return db.session.get(OrderPrivate, order_id)


def of_person(person_id: int) -> Sequence[Order]:
    """Return what was ordered by the person, or for them, the newest first."""
    query = _whole().where(Order.asker_id.in_(people.selves(person_id)))
    return db.session.scalars(query.order_by(Order.id.desc())).all()


def similar(row: Order) -> Sequence[Order]:
    """Return other open orders from the same phone: a hint that it was ordered twice."""
    private = private_of(row.id)
    if private is None or not private.phone:
        return []
    query = (
        _whole()
        .join(OrderPrivate, OrderPrivate.order_id == Order.id)
        .where(OrderPrivate.phone == private.phone, Order.id != row.id, Order.state.in_(OPEN))
        .where(Order.station_id == row.station_id)
    )
    return db.session.scalars(query.order_by(Order.id).limit(10)).all()


def visits_of(order_id: int) -> dict[VisitStep, datetime]:
    """Return when each step of the home visit was noted."""
    query = select(OrderVisit.step, OrderVisit.at).where(OrderVisit.order_id == order_id)
    return {VisitStep(step): at for step, at in db.session.execute(query)}


def dispatches_of(order_id: int) -> Sequence[Dispatch]:
    """Return to whom an order was sent, the oldest first."""
    query = (
        select(Dispatch)
        .options(joinedload(Dispatch.team), joinedload(Dispatch.unit), joinedload(Dispatch.person))
        .where(Dispatch.order_id == order_id)
    )
    return db.session.scalars(query.order_by(Dispatch.id)).all()


def holding(order_id: int) -> Dispatch | None:
    """Return the dispatch that holds the order."""
    query = select(Dispatch).where(Dispatch.order_id == order_id, Dispatch.state.in_(HOLDING))
    return db.session.scalars(query).first()


def helps_for(order_id: int) -> Sequence[OrderHelp]:
    """Return the time given for the order by those to whom it lies now."""
    query = (
        select(OrderHelp)
        .options(joinedload(OrderHelp.person))
        .join(OrderHelp.dispatch)
        .where(Dispatch.order_id == order_id, Dispatch.state == DispatchState.DONE)
    )
    return db.session.scalars(query.order_by(OrderHelp.id)).all()


def names_of(person_ids: Iterable[int]) -> dict[int, str]:
    """Return the names of these persons, for a timeline that only staff read."""
    query = select(Person.id, Person.name).where(Person.id.in_(list(person_ids)))
    return dict(db.session.execute(query).tuples().all())


# --- the desk ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list shows: of these stations, in this state, overdue, filed since then."""

    station_ids: frozenset[int] | Select[tuple[int]]
    state: OrderState | None = None
    overdue: bool = False
    since: datetime | None = None


def listed(wanted: Filter, number: int, today: date) -> Page[Order]:
    """Return a page: overdue first, then what waits by its day, then the newest of the rest."""
    where = _conditions(wanted, today)
    total = db.session.scalar(select(func.count(Order.id)).where(*where)) or 0
    waits = Order.state.in_(OPEN)
    order = case((and_(waits, Order.due_on < today), 0), (waits, 1), else_=2)
    by_day = case((waits, Order.due_on))
    query = _whole().where(*where).order_by(order, by_day, Order.id.desc())
    rows = db.session.scalars(query.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).all()
    return Page(rows, number, total)


def _conditions(wanted: Filter, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Order.station_id.in_(wanted.station_ids)]
    if wanted.state is not None:
        found.append(Order.state == wanted.state)
    if wanted.since is not None:
        found.append(Order.filed_at >= wanted.since)
    if wanted.overdue:
        found.append(Order.state.in_(OPEN) & (Order.due_on < today))
    return found


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for the desk, and how much is overdue whoever must act."""

    count: int
    overdue: int


def waiting_at(station_ids: frozenset[int], today: date) -> Waiting:
    """Return what the stations must act on, and what has passed its day."""
    at_desk = Order.state.not_in(DOERS_TURN) & (Order.state != OrderState.OPEN)
    query = select(
        func.count(case((at_desk, 1))), func.count(case((Order.due_on < today, 1)))
    ).where(Order.station_id.in_(station_ids), Order.state.in_(OPEN))
    count, overdue = db.session.execute(query).one()
    return Waiting(count, overdue)


# --- what is due ---------------------------------------------------------------------------------


def overdue_untold(today: date, told_before: date) -> Sequence[int]:
    """Return overdue orders of which somebody is still to be told."""
    query = select(Order.id).where(
        Order.state.in_(OPEN),
        or_(
            and_(Order.told == 0, Order.due_on < today),
            and_(Order.told == 1, Order.due_on < told_before),
        ),
    )
    return db.session.scalars(query.order_by(Order.due_on, Order.id).limit(500)).all()


def to_expire(before: datetime) -> Sequence[int]:
    """Return the orders with which nothing has happened since then."""
    query = select(Order.id).where(Order.state.in_(_EXPIRES), Order.moved_at <= before)
    return db.session.scalars(query.order_by(Order.id).limit(500)).all()


def to_forget(before: datetime) -> Sequence[int]:
    """Return the orders that ended before then, of askers who have no record to erase."""
    query = (
        select(Order.id)
        .join(OrderPrivate, OrderPrivate.order_id == Order.id)
        .where(Order.closed_at <= before, Order.asker_id.is_(None))
    )
    return db.session.scalars(query.order_by(Order.id).limit(500)).all()


def keepers(station_id: int | None) -> Sequence[int]:
    """Return the nearest managers of a station, or the nearest officers where there are none."""
    return people.nearest_holders(Role.STATION_MANAGER, station_id) or people.nearest_holders(
        Role.CAMPAIGN_OFFICER, station_id
    )


# --- the check -----------------------------------------------------------------------------------


def wrong_dispatches() -> Sequence[tuple[int, str, str | None]]:
    """Return (id, state, state of the dispatch) where an order's dispatch does not fit it."""
    should = case({state.value: held.value for state, held in HELD.items()}, value=Order.state)
    query = (
        select(Order.id, Order.state, Dispatch.state)
        .outerjoin(Dispatch, and_(Dispatch.order_id == Order.id, Dispatch.state.in_(HOLDING)))
        .where(func.coalesce(should, "") != func.coalesce(Dispatch.state, ""))
    )
    return [(row_id, state, held) for row_id, state, held in db.session.execute(query)]


def wrong_states() -> Sequence[tuple[int, str, str | None]]:
    """Return (id, state, state by the last step) where the two differ."""
    last = (
        select(Step.subject_id, func.max(Step.id).label("step_id"))
        .where(Step.subject_kind == "order")
        .group_by(Step.subject_id)
        .subquery()
    )
    query = (
        select(Order.id, Order.state, Step.to_state)
        .outerjoin(last, last.c.subject_id == Order.id)
        .outerjoin(Step, Step.id == last.c.step_id)
        .where(or_(Step.to_state.is_(None), Step.to_state != Order.state))
    )
    return [(row_id, state, step) for row_id, state, step in db.session.execute(query)]


def due_in_working_days(since: date, states: Sequence[OrderState]) -> Sequence[Order]:
    """Return orders in these states on which somebody acts by a day from `since` on."""
    query = select(Order).where(Order.state.in_(states), Order.due_on >= since)
    return db.session.scalars(query).all()
