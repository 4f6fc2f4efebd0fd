"""Selects over the menu: categories, and the services of stations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from portal.core.copies import kept
from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.org.models import Station
from portal.org.queries import Choice
from portal.records import search
from portal.services.models import Service, ServiceCategory, ServicePlace


def all_categories() -> Sequence[ServiceCategory]:
    """Return the categories in the order of the tree, those out of use too."""
    query = select(ServiceCategory).order_by(ServiceCategory.position, ServiceCategory.id)
    children: dict[int | None, list[ServiceCategory]] = {}
    for row in db.session.scalars(query):
        children.setdefault(row.parent_id, []).append(row)
    ordered: list[ServiceCategory] = []

    def walk(parent_id: int | None) -> None:
        for row in children.get(parent_id, ()):
            ordered.append(row)
            walk(row.id)

    walk(None)
    return ordered


@kept
def category_choices() -> tuple[Choice, ...]:
    """Return the categories in use in the order of the tree; lower ones are set in."""
    depths: dict[int | None, int] = {None: -1}
    found = []
    for row in all_categories():
        if row.parent_id in depths and row.active:
            depths[row.id] = depths[row.parent_id] + 1
            inset = "　" * depths[row.id]
            found.append(Choice(row.code, inset + row.name_zh, inset + row.name_en))
    return tuple(found)


def category(code: str) -> ServiceCategory | None:
    """Return the category of a code."""
    return db.session.scalars(select(ServiceCategory).filter_by(code=code)).first()


def below(category_id: int) -> Select[tuple[int]]:
    """Return a select of the ids of the category and everything below it."""
    found = select(ServiceCategory.id).where(ServiceCategory.id == category_id).cte(recursive=True)
    lower = select(ServiceCategory.id).join(found, ServiceCategory.parent_id == found.c.id)
    found = found.union_all(lower)
    return select(found.c.id)


def counts_by_category() -> dict[int, int]:
    """Return how many services stand in each category, those out of use too."""
    query = select(Service.category_id, func.count()).group_by(Service.category_id)
    return dict(db.session.execute(query).tuples().all())


# --- services ------------------------------------------------------------------------------------


def _whole() -> Select[tuple[Service]]:
    return (
        select(Service)
        .join(Service.station)
        .options(
            contains_eager(Service.station),
            joinedload(Service.category),
            joinedload(Service.team),
            joinedload(Service.unit),
        )
    )


def service_by_id(public_id: str) -> Service | None:
    """Return the service of a public id, in use or not."""
    return db.session.scalars(_whole().where(Service.public_id == public_id)).first()


def service(service_id: int) -> Service:
    """Return a service by internal id, which must exist."""
    return db.session.get_one(Service, service_id)


@dataclass(frozen=True, slots=True)
class Filter:
    """What the menu shows. `station_ids` None: of all stations."""

    station_ids: Select[tuple[int]] | None = None
    category_ids: Select[tuple[int]] | None = None
    at_home: bool = False
    words: str = ""


def on_menu(today: date) -> list[ColumnElement[bool]]:
    """Return the conditions of what can be ordered on the day (see `rules.may_be_ordered`)."""
    return [
        Service.closed_at.is_(None),
        Service.in_use_from <= today,
        or_(Service.in_use_until.is_(None), Service.in_use_until >= today),
        Station.closed_at.is_(None),
    ]


def listed(wanted: Filter, number: int, today: date) -> Page[Service]:
    """Return a page of the menu, by station and category."""
    where = [*on_menu(today), *_conditions(wanted)]
    counted = select(func.count(Service.id)).join(Service.station).where(*where)
    total = db.session.scalar(counted) or 0
    order = (Station.position, Station.id, Service.category_id, Service.id)
    query = _whole().where(*where).order_by(*order)
    rows = db.session.scalars(query.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).all()
    return Page(rows, number, total)


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.station_ids is not None:
        found.append(Service.station_id.in_(wanted.station_ids))
    if wanted.category_ids is not None:
        found.append(Service.category_id.in_(wanted.category_ids))
    if wanted.at_home:
        found.append(Service.place != ServicePlace.STATION)
    matching = search.matches("service", wanted.words)
    if matching is not None:
        found.append(Service.id.in_(matching))
    return found


def at_station(station_id: int, today: date, limit: int | None = None) -> Sequence[Service]:
    """Return what a station itself offers now, by category."""
    query = _whole().where(*on_menu(today), Service.station_id == station_id)
    return db.session.scalars(query.order_by(Service.category_id, Service.id).limit(limit)).all()


def at_stations(station_ids: frozenset[int], number: int, *, gone: bool) -> Page[Service]:
    """Return a page of what these stations offer, or (`gone`) have taken out of use."""
    state = Service.closed_at.is_not(None) if gone else Service.closed_at.is_(None)
    where = (Service.station_id.in_(station_ids), state)
    total = db.session.scalar(select(func.count(Service.id)).where(*where)) or 0
    order = (Station.position, Station.id, Service.category_id, Service.id)
    query = _whole().where(*where).order_by(*order)
    rows = db.session.scalars(query.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).all()
    return Page(rows, number, total)


def to_order_from(station_ids: frozenset[int], today: date) -> Sequence[Service]:
    """Return what can be ordered at these stations, for somebody who telephones."""
    query = _whole().where(*on_menu(today), Service.station_id.in_(station_ids))
    order = (Station.position, Station.id, Service.category_id, Service.id)
    return db.session.scalars(query.order_by(*order)).all()
