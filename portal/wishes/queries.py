"""Selects over wishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.org import queries as org
from portal.org.models import Station
from portal.people import queries as people
from portal.records import search
from portal.wishes.models import ON_WALL, Wish, WishPart, WishPrivate, WishState, WishText
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


def similar(row: Wish) -> Sequence[Wish]:
    """Return other open wishes from the same phone or name here: a hint that it was filed twice."""
    own = private_of(row.id)
    if own is None:
        return []
    same_name = and_(WishPrivate.name == own.name, Wish.station_id == row.station_id)
    query = (
        _whole()
        .join(WishPrivate, WishPrivate.wish_id == Wish.id)
        .where(
            Wish.id != row.id, Wish.state.in_(OPEN), or_(WishPrivate.phone == own.phone, same_name)
        )
    )
    return db.session.scalars(query.order_by(Wish.id).limit(10)).all()


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


def of_person(person_id: int) -> Sequence[Wish]:
    """Return the wishes that are the person's, or that they filed, the newest first."""
    own = people.selves(person_id)
    query = _whole().where(or_(Wish.wisher_id.in_(own), Wish.filed_by_id.in_(own)))
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
            case((waits, pressing), else_=0),
            case((waits, Wish.id), else_=-Wish.id),
        )
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    ).all()
    return Page(rows, number, total)


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Wish.state.in_(wanted.states)]
    if wanted.station_ids is not None:
        found.append(Wish.station_id.in_(wanted.station_ids))
    if wanted.kind_id is not None:
        found.append(Wish.kind_id == wanted.kind_id)
    if wanted.only_free:
        found.append(Wish.state == WishState.PUBLISHED)
    matching = search.matches("wish", wanted.words)
    if matching is not None:
        found.append(Wish.id.in_(matching))
    return found


def raised_to(station_ids: frozenset[int]) -> Sequence[Wish]:
    """Return unclaimed wishes of lower stations that have climbed to one of these."""
    query = _whole().where(Wish.state == WishState.PUBLISHED, Wish.raised_to_id.in_(station_ids))
    return db.session.scalars(query.order_by(Wish.raised_at, Wish.id)).all()


# --- what is due ---------------------------------------------------------------------------------


def to_raise(before: datetime) -> Sequence[int]:
    """Return the ids of wishes unclaimed since then, below a station that has not seen them."""
    seen_by = func.coalesce(Wish.raised_to_id, Wish.station_id)
    query = (
        select(Wish.id)
        .join(Station, Station.id == seen_by)
        .where(
            Wish.state == WishState.PUBLISHED,
            Wish.wall_since <= before,
            or_(Wish.raised_at.is_(None), Wish.raised_at <= before),
            Station.parent_id.is_not(None),
        )
    )
    return db.session.scalars(query.order_by(Wish.id).limit(500)).all()


def station_above(row: Wish) -> Station | None:
    """Return the next station that is to see an unclaimed wish."""
    parent_id = org.station(row.raised_to_id or row.station_id).parent_id
    return org.station(parent_id) if parent_id else None


def to_expire(before: datetime) -> Sequence[int]:
    """Return the ids of wishes that nobody pledged, or nobody changed as asked, since then."""
    unclaimed = and_(Wish.state == WishState.PUBLISHED, Wish.taken == 0, Wish.wall_since <= before)
    forgotten = and_(Wish.state == WishState.FILED, Wish.returned_at <= before)
    query = select(Wish.id).where(or_(unclaimed, forgotten))
    return db.session.scalars(query.order_by(Wish.id).limit(500)).all()


def to_forget(before: datetime) -> Sequence[int]:
    """Return the ids of wishes that ended before then, of wishers who have no record to erase."""
    query = (
        select(Wish.id)
        .join(WishPrivate, WishPrivate.wish_id == Wish.id)
        .where(Wish.closed_at <= before, Wish.wisher_id.is_(None))
    )
    return db.session.scalars(query.order_by(Wish.id).limit(500)).all()


# --- checks --------------------------------------------------------------------------------------


def wrong_parts() -> Sequence[tuple[int, int, int]]:
    """Return (wish id, parts, rows) of every published wish whose parts are not its rows."""
    rows = func.count(WishPart.id)
    query = (
        select(Wish.id, Wish.parts, rows)
        .outerjoin(WishPart, WishPart.wish_id == Wish.id)
        .where(Wish.published_at.is_not(None))
        .group_by(Wish.id, Wish.parts)
        .having(Wish.parts != rows)
    )
    return [(wish_id, parts, count) for wish_id, parts, count in db.session.execute(query)]


def without_last_text() -> Sequence[int]:
    """Return the ids of wishes whose public words are not those of the newest version."""
    newer = aliased(WishText)
    is_last = ~(
        select(newer.id)
        .where(newer.wish_id == WishText.wish_id, newer.version > WishText.version)
        .exists()
    )
    shown = select(WishText.id).where(
        WishText.wish_id == Wish.id,
        WishText.text == Wish.public_text,
        WishText.alias == Wish.alias,
        is_last,
    )
    query = select(Wish.id).where(Wish.public_text != "", ~shown.exists())
    return db.session.scalars(query.order_by(Wish.id)).all()
