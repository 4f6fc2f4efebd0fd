"""Selects over photos of deliveries and the stories that are told."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.wishes.models import Wish
from portal.wishes.models_pledges import Pledge
from portal.wishes.models_stories import WishPhoto, WishStory


def photo_by_id(public_id: str) -> WishPhoto | None:
    """Return the photo of a public id, with pledge, wish and person."""
    query = (
        select(WishPhoto)
        .options(
            joinedload(WishPhoto.pledge).joinedload(Pledge.wish),
            joinedload(WishPhoto.pledge).joinedload(Pledge.person),
        )
        .where(WishPhoto.public_id == public_id)
    )
    return db.session.scalars(query).first()


def photos_of(pledge_ids: Sequence[int]) -> Sequence[WishPhoto]:
    """Return the photos of these pledges, the oldest first."""
    query = select(WishPhoto).where(WishPhoto.pledge_id.in_(pledge_ids))
    return db.session.scalars(query.order_by(WishPhoto.id)).all()


def photos_of_wishes(wish_ids: Sequence[int]) -> Sequence[WishPhoto]:
    """Return the photos of all deliveries of these wishes, the oldest first."""
    query = (
        select(WishPhoto)
        .join(WishPhoto.pledge)
        .options(contains_eager(WishPhoto.pledge))
        .where(Pledge.wish_id.in_(wish_ids))
    )
    return db.session.scalars(query.order_by(WishPhoto.id)).all()


def story_of(wish_id: int) -> WishStory | None:
    """Return the consent to tell of a wish, with what is told; None where there is none."""
    return db.session.get(WishStory, wish_id)


def of_wishes(wish_ids: Sequence[int]) -> Sequence[WishStory]:
    """Return the stories, told or only agreed to, of these wishes."""
    query = (
        select(WishStory)
        .join(WishStory.wish)
        .options(
            contains_eager(WishStory.wish).joinedload(Wish.kind),
            contains_eager(WishStory.wish).joinedload(Wish.station),
        )
        .where(WishStory.wish_id.in_(wish_ids))
    )
    return db.session.scalars(query).all()


def is_told(photo: WishPhoto) -> bool:
    """Return whether everybody may see the photo: the story is told, and with photos."""
    row = story_of(photo.pledge.wish_id)
    return row is not None and row.told_at is not None and row.with_photo


def told(number: int, size: int = PAGE_SIZE) -> Page[WishStory]:
    """Return a page of the stories everybody reads, the newest first."""
    where = WishStory.told_at.is_not(None)
    total = db.session.scalar(select(func.count()).select_from(WishStory).where(where)) or 0
    query = (
        select(WishStory)
        .join(WishStory.wish)
        .options(
            contains_eager(WishStory.wish).joinedload(Wish.kind),
            contains_eager(WishStory.wish).joinedload(Wish.station),
        )
        .where(where)
    )
    newest = query.order_by(WishStory.told_at.desc(), WishStory.wish_id.desc())
    rows = db.session.scalars(newest.limit(size).offset((number - 1) * size)).all()
    return Page(rows, number, total, size)
