"""Selects of what is due, and of what does not agree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from portal.core.db import db
from portal.org.models import Station
from portal.wishes.models import Wish, WishPart, WishPrivate, WishState, WishText


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


def to_verify(today: date) -> Sequence[int]:
    """Return the ids of wishes whose day of verifying has passed, of which nobody was told."""
    query = select(Wish.id).where(
        Wish.state == WishState.FILED,
        Wish.returned_at.is_(None),
        Wish.verify_by < today,
        Wish.overdue_told_at.is_(None),
    )
    return db.session.scalars(query.order_by(Wish.id).limit(500)).all()


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
