"""Selects of the station's desk: what waits for whom, overdue first; and who did what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import joinedload

from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.people.models import Person
from portal.wishes.models import Wish, WishPrivate, WishState
from portal.wishes.models_pledges import Pledge, PledgeState


@dataclass(frozen=True, slots=True)
class Moment:
    """What `overdue` is judged by: the local day, and before when a delivery needs a call."""

    today: date
    call_back_before: datetime


@dataclass(frozen=True, slots=True)
class DeskFilter:
    """What the desk's list shows: `HERE`, `RAISED`, a state, or all of the stations' wishes."""

    station_ids: frozenset[int]
    shown: str = ""
    words: str = ""


HERE = "here"
RAISED = "raised"


def overdue(at: Moment) -> ColumnElement[bool]:
    """Return the condition: not verified in time, a promise broken, or nobody asked the wisher."""
    late = exists().where(
        Pledge.wish_id == Wish.id,
        Pledge.state == PledgeState.ACTIVE,
        Pledge.promised_on < at.today,
    )
    fresh = exists().where(
        Pledge.wish_id == Wish.id,
        Pledge.state == PledgeState.FULFILLED,
        Pledge.ended_at > at.call_back_before,
    )
    return or_(
        and_(_to_verify(), Wish.verify_by < at.today),
        and_(Wish.state.in_((WishState.PUBLISHED, WishState.PLEDGED)), late),
        and_(Wish.state == WishState.FULFILLED, ~fresh),
    )


def _to_verify() -> ColumnElement[bool]:
    return and_(Wish.state == WishState.FILED, Wish.returned_at.is_(None))


def waits_here(at: Moment) -> ColumnElement[bool]:
    """Return the condition: the station's move."""
    ready = Wish.state.in_((WishState.VERIFIED, WishState.CONFIRMED))
    return or_(_to_verify(), ready, overdue(at))


class Row(NamedTuple):
    """A wish of the list."""

    wish: Wish
    is_overdue: bool
    name: str | None
    what: str | None


def listed(wanted: DeskFilter, at: Moment, number: int, size: int = PAGE_SIZE) -> Page[Row]:
    """Return a page of the desk's list, overdue first, then what waits for the station."""
    where = _conditions(wanted, at)
    total = db.session.scalar(
        select(func.count())
        .select_from(Wish)
        .outerjoin(WishPrivate, WishPrivate.wish_id == Wish.id)
        .where(*where)
    )
    late, here = case((overdue(at), 1), else_=0), case((waits_here(at), 1), else_=0)
    query = (
        select(Wish, late, WishPrivate.name, WishPrivate.what)
        .outerjoin(WishPrivate, WishPrivate.wish_id == Wish.id)
        .options(joinedload(Wish.kind), joinedload(Wish.station))
        .where(*where)
        .order_by(late.desc(), here.desc(), Wish.closed_at.is_not(None), Wish.id.desc())
    )
    found = db.session.execute(query.limit(size).offset((number - 1) * size))
    rows = [Row(wish, bool(is_late), name, what) for wish, is_late, name, what in found]
    return Page(rows, number, total or 0, size)


def _conditions(wanted: DeskFilter, at: Moment) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Wish.station_id.in_(wanted.station_ids)]
    if wanted.shown == HERE:
        found.append(waits_here(at))
    elif wanted.shown == RAISED:
        found = [Wish.state == WishState.PUBLISHED, Wish.raised_to_id.in_(wanted.station_ids)]
    elif wanted.shown:
        found.append(Wish.state == wanted.shown)
    if wanted.words:
        found.append(
            or_(
                Wish.number == wanted.words,
                WishPrivate.name == wanted.words,
                WishPrivate.phone == wanted.words,
            )
        )
    return found


class Waiting(NamedTuple):
    """How much waits for the stations: their move, overdue, raised to them from below."""

    here: int
    overdue: int
    raised: int


def waiting(station_ids: Iterable[int], at: Moment) -> Waiting:
    """Return the counts for the desk in one statement."""
    ids = frozenset(station_ids)
    own = Wish.station_id.in_(ids)
    raised = and_(Wish.state == WishState.PUBLISHED, Wish.raised_to_id.in_(ids))
    query = select(
        *(
            func.count(case((condition, 1)))
            for condition in (and_(own, waits_here(at)), and_(own, overdue(at)), raised)
        )
    )
    here, late, above = db.session.execute(query).one()
    return Waiting(here, late, above)


def names_of(person_ids: Iterable[int | None]) -> dict[int, str]:
    """Return the names of those who did something."""
    wanted = {one for one in person_ids if one}
    query = select(Person.id, Person.name).where(Person.id.in_(wanted))
    return dict(db.session.execute(query).tuples().all())


def pledges_of(wish_ids: Sequence[int]) -> dict[int, list[Pledge]]:
    """Return the live pledges by wish, the next day promised first."""
    found: dict[int, list[Pledge]] = {}
    query = (
        select(Pledge)
        .options(joinedload(Pledge.person), joinedload(Pledge.team))
        .where(Pledge.wish_id.in_(wish_ids), Pledge.state == PledgeState.ACTIVE)
    )
    for row in db.session.scalars(query.order_by(Pledge.promised_on, Pledge.id)):
        found.setdefault(row.wish_id, []).append(row)
    return found
