"""What the office counts of orders: by state and place, how long each step takes, the ratings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy import Select, case, func, select

from portal.core.db import db
from portal.org.models import Level, Station, StationTree
from portal.services.models_dispatches import Dispatch, DispatchState
from portal.services.models_orders import Order, OrderState


def by_state(station_ids: Select[tuple[int]] | frozenset[int], since: datetime) -> dict[str, int]:
    """Return how many orders filed since then stand in each state."""
    query = (
        select(Order.state, func.count())
        .where(Order.station_id.in_(station_ids), Order.filed_at >= since)
        .group_by(Order.state)
    )
    return dict(db.session.execute(query).tuples().all())


@dataclass(frozen=True, slots=True)
class OfStation:
    """The orders of a station with all below it, in the order of the tree."""

    public_id: str
    name: str
    level: str
    filed: int
    untouched: int
    on_the_way: int
    done: int


def by_station(station_ids: frozenset[int], since: datetime) -> list[OfStation]:
    """Return the orders by station, each with its subtree, down to stations; no ranking."""
    ended_well = Order.state.in_((OrderState.DONE, OrderState.RATED, OrderState.CLOSED))
    on_the_way = Order.state.in_(
        (OrderState.REVIEWED, OrderState.DISPATCHED, OrderState.OPEN, OrderState.ACCEPTED)
    )
    query = (
        select(
            Station.public_id,
            Station.name,
            Station.level,
            func.count(Order.id),
            func.count(case((Order.state == OrderState.FILED, 1))),
            func.count(case((on_the_way, 1))),
            func.count(case((ended_well, 1))),
        )
        .join(StationTree, StationTree.ancestor_id == Station.id)
        .join(Order, (Order.station_id == StationTree.descendant_id) & (Order.filed_at >= since))
        .where(
            Station.id.in_(station_ids),
            StationTree.descendant_id.in_(station_ids),
            Station.level != Level.POINT,
        )
        .group_by(Station.id, Station.public_id, Station.name, Station.level, Station.position)
        .order_by(Station.position, Station.id)
    )
    return [OfStation(*row) for row in db.session.execute(query)]


@dataclass(frozen=True, slots=True)
class Medians:
    """Median hours from filing to review, from dispatch to acceptance, from filing to done."""

    review: float | None
    answer: float | None
    done: float | None


def medians(station_ids: Select[tuple[int]] | frozenset[int], since: datetime) -> Medians:
    """Return how long the steps took of orders filed since then; None where there are none."""
    here = (Order.station_id.in_(station_ids), Order.filed_at >= since)
    orders = db.session.execute(
        select(Order.filed_at, Order.reviewed_at, Order.done_at).where(*here)
    ).all()
    answered = db.session.execute(
        select(Dispatch.dispatched_at, Dispatch.accepted_at)
        .join(Dispatch.order)
        .where(*here, Dispatch.state.in_((DispatchState.ACCEPTED, DispatchState.DONE)))
    ).all()
    return Medians(
        review=_median((filed, reviewed) for filed, reviewed, _done in orders),
        answer=_median((sent, accepted) for sent, accepted in answered),
        done=_median((filed, done) for filed, _reviewed, done in orders),
    )


def _median(spans: Iterable[tuple[datetime | None, datetime | None]]) -> float | None:
    hours = [(end - begin).total_seconds() / 3600 for begin, end in spans if begin and end]
    return median(hours) if hours else None


def ratings(station_ids: Select[tuple[int]] | frozenset[int], since: datetime) -> dict[int, int]:
    """Return how many orders filed since then were rated 5, 4, 3, 2, 1."""
    query = (
        select(Order.satisfaction, func.count())
        .where(
            Order.station_id.in_(station_ids),
            Order.filed_at >= since,
            Order.satisfaction.is_not(None),
        )
        .group_by(Order.satisfaction)
    )
    found = {int(stars or 0): count for stars, count in db.session.execute(query)}
    return {stars: found.get(stars, 0) for stars in (5, 4, 3, 2, 1)}
