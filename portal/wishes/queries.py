"""Selects over wishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.org import queries as org
from portal.org.models import Station
from portal.people import queries as people
from portal.records import search
from portal.wishes.models import (
    ON_WALL,
    Filer,
    Wish,
    WishPart,
    WishPrivate,
    WishState,
    WishText,
)
from portal.wishes.models_pledges import HOLDING, Pledge

# Wishes that are still being looked after.
OPEN = (
    WishState.FILED,
    WishState.VERIFIED,
    WishState.PUBLISHED,
    WishState.PLEDGED,
    WishState.FULFILLED,
)


def wish_by_id(public_id: str) -> Wish | None:
    """Return the wish of a public id, whatever its state: for staff and its own people."""
    return db.session.scalars(_whole().where(Wish.public_id == public_id)).first()


def wish_on_wall(public_id: str) -> Wish | None:
    """Return the wish of a public id if everybody may read of it."""
    query = _whole().where(Wish.public_id == public_id, Wish.state.in_(ON_WALL))
    return db.session.scalars(query).first()


def ids_on_wall() -> Select[tuple[int]]:
    """Return a select of the ids of the wishes that everybody may read of."""
    return select(Wish.id).where(Wish.state.in_(ON_WALL))


def titles(wish_ids: Sequence[int]) -> dict[int, str]:
    """Return the public words of these wishes by id; those without any are left out."""
    if not wish_ids:
        return {}
    query = select(Wish.id, Wish.public_text).where(Wish.id.in_(wish_ids), Wish.public_text != "")
    return dict(db.session.execute(query).tuples().all())


def wish(wish_id: int) -> Wish:
    """Return a wish by internal id, which must exist."""
    return db.session.get_one(Wish, wish_id)


def _whole() -> Select[tuple[Wish]]:
    return (
        select(Wish).join(Wish.station).options(contains_eager(Wish.station), joinedload(Wish.kind))
    )


def private_of(wish_id: int) -> WishPrivate | None:
    """Return what is private about a wish; None when it was erased."""
    return db.session.get(WishPrivate, wish_id)


def what_of(wish_ids: Sequence[int]) -> dict[int, str]:
    """Return the private words of wishes, for those whose they are."""
    query = select(WishPrivate.wish_id, WishPrivate.what).where(WishPrivate.wish_id.in_(wish_ids))
    return dict(db.session.execute(query).tuples().all())


def texts_of(wish_id: int) -> Sequence[WishText]:
    """Return the public words of a wish, the oldest first."""
    query = select(WishText).where(WishText.wish_id == wish_id)
    return db.session.scalars(query.order_by(WishText.version)).all()


def parts_of(wish_id: int) -> Sequence[WishPart]:
    """Return the parts of a wish in order."""
    query = select(WishPart).where(WishPart.wish_id == wish_id)
    return db.session.scalars(query.order_by(WishPart.number)).all()


def lock_holding(wish_id: int) -> Sequence[Pledge]:
    """Return the pledges that hold a part of the wish, locked; the wish is locked before."""
    query = select(Pledge).where(Pledge.wish_id == wish_id, Pledge.state.in_(HOLDING))
    return db.session.scalars(
        query.order_by(Pledge.id).with_for_update().execution_options(populate_existing=True)
    ).all()


def same_filed(phone: str, what: str) -> Wish | None:
    """Return the wish that was filed from the phone in the same words, and waits."""
    query = (
        select(Wish)
        .join(WishPrivate, WishPrivate.wish_id == Wish.id)
        .where(WishPrivate.phone == phone, WishPrivate.what == what, Wish.state == WishState.FILED)
    )
    return db.session.scalars(query.limit(1)).first()


def similar(phone: str, name: str, station_id: int, *, but: int = 0) -> Sequence[Wish]:
    """Return open wishes from the same phone, or of this name here: a hint that one is filed twice."""
    same_name = and_(WishPrivate.name == name, Wish.station_id == station_id)
    query = (
        _whole()
        .join(WishPrivate, WishPrivate.wish_id == Wish.id)
        .where(Wish.id != but, Wish.state.in_(OPEN), or_(WishPrivate.phone == phone, same_name))
    )
    return db.session.scalars(query.order_by(Wish.id).limit(10)).all()


def alike(row: Wish, person_id: int, most: int = 3) -> Sequence[Wish]:
    """Return other wishes that somebody may pledge instead: of the kind, then of the community.

    None of their own. Where nothing is alike, others that wait are better than nothing.
    """
    own = people.selves(person_id)
    query = _whole().where(
        Wish.state == WishState.PUBLISHED,
        Wish.id != row.id,
        or_(Wish.wisher_id.is_(None), Wish.wisher_id.not_in(own)),
        or_(Wish.filed_by_id.is_(None), Wish.filed_by_id.not_in(own)),
    )
    nearness = case((Wish.kind_id == row.kind_id, 2), else_=0) + case(
        (Wish.station_id == row.station_id, 1), else_=0
    )
    best = query.order_by(nearness.desc(), Wish.wall_since, Wish.id)
    return db.session.scalars(best.limit(most)).all()


def wish_by_number(number: str) -> Wish | None:
    """Return the wish of a number, whose private words are still there."""
    query = _whole().join(WishPrivate, WishPrivate.wish_id == Wish.id).where(Wish.number == number)
    return db.session.scalars(query).first()


def tracked(number: str, phone: str) -> Wish | None:
    """Return the wish of a number whose wisher, or who filed it, gave this phone."""
    query = (
        _whole()
        .join(WishPrivate, WishPrivate.wish_id == Wish.id)
        .where(
            Wish.number == number,
            or_(WishPrivate.phone == phone, WishPrivate.filer_phone == phone),
        )
    )
    return db.session.scalars(query).first() if number and phone else None


def of_person(person_id: int, *, filed_as_staff: bool = True) -> Sequence[Wish]:
    """Return the wishes that are the person's, or that they filed, the newest first."""
    own = people.selves(person_id)
    filed: ColumnElement[bool] = Wish.filed_by_id.in_(own)
    if not filed_as_staff:
        filed &= Wish.filer != Filer.STAFF
    query = _whole().where(or_(Wish.wisher_id.in_(own), filed))
    return db.session.scalars(query.order_by(Wish.id.desc())).all()


def is_own(row: Wish, person_id: int, phone: str | None) -> bool:
    """Return whether the person made the wish or filed it, under whichever record or phone."""
    own = set(db.session.scalars(people.selves(person_id)))
    private = private_of(row.id)
    phones = {private.phone, private.filer_phone} if private else set()
    return bool(own & {row.wisher_id, row.filed_by_id}) or (bool(phone) and phone in phones)


# --- lists ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list shows. `station_ids` None: all stations."""

    station_ids: frozenset[int] | Select[tuple[int]] | None = None
    kind_id: int | None = None
    states: tuple[WishState, ...] = ON_WALL
    only_free: bool = False
    words: str = ""
    # The upper end of the amount band; and published before then, still waiting for a pledge.
    amount: int | None = None
    waiting_since: datetime | None = None
    # Those of this community come first, then those of its street.
    near_id: int | None = None


def listed(wanted: Filter, number: int) -> Page[Wish]:
    """Return a page of the wall: what waits for a pledge first, the most urgent and longest first."""
    where = _conditions(wanted)
    total = db.session.scalar(select(func.count()).select_from(Wish).where(*where)) or 0
    waits = Wish.state == WishState.PUBLISHED
    pressing = case({"urgent": 0, "soon": 1}, value=Wish.urgency, else_=2)
    rows = db.session.scalars(
        _whole()
        .where(*where)
        .order_by(
            case((waits, 0), else_=1),
            _farness(wanted.near_id),
            case((waits, pressing), else_=0),
            case((waits, Wish.id), else_=-Wish.id),
        )
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    ).all()
    return Page(rows, number, total)


def _farness(near_id: int | None) -> ColumnElement[int]:
    if near_id is None:
        return literal(0)
    street = org.station(near_id).parent_id or near_id
    return case(
        (Wish.station_id.in_(org.subtree(near_id)), 0),
        (Wish.station_id.in_(org.subtree(street)), 1),
        else_=2,
    )


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Wish.state.in_(wanted.states)]
    if wanted.station_ids is not None:
        found.append(Wish.station_id.in_(wanted.station_ids))
    if wanted.kind_id is not None:
        found.append(Wish.kind_id == wanted.kind_id)
    if wanted.amount is not None:
        found.append(Wish.amount == wanted.amount)
    if wanted.waiting_since is not None:
        found.append(Wish.published_at <= wanted.waiting_since)
    if wanted.only_free or wanted.waiting_since is not None:
        found.append(Wish.state == WishState.PUBLISHED)
    matching = search.matches("wish", wanted.words)
    if matching is not None:
        found.append(Wish.id.in_(matching))
    return found


def station_above(row: Wish) -> Station | None:
    """Return the next station that is to see an unclaimed wish."""
    parent_id = org.station(row.raised_to_id or row.station_id).parent_id
    return org.station(parent_id) if parent_id else None


def to_verify_from(since: date) -> Sequence[Wish]:
    """Return wishes that are to be verified by a day from `since` on."""
    query = select(Wish).where(Wish.state == WishState.FILED, Wish.verify_by >= since)
    return db.session.scalars(query).all()
