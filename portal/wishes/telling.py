"""The stories of fulfilled wishes in ready words: what was wished, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.core import clock, filters
from portal.wishes import queries_stories
from portal.wishes.models_stories import WishStory


@dataclass(frozen=True, slots=True)
class Story:
    """A story as everybody reads it; photos only where the wisher agreed to them too."""

    wish_id: str
    title: str
    text: str
    about: str
    photos: tuple[str, ...]


def stories(rows: Sequence[WishStory]) -> list[Story]:
    """Return the stories, with their photos asked for once."""
    shown = [row.wish_id for row in rows if row.with_photo]
    photos: dict[int, list[str]] = {}
    for one in queries_stories.photos_of_wishes(shown) if shown else ():
        photos.setdefault(one.pledge.wish_id, []).append(one.public_id)
    return [
        Story(
            wish_id=row.wish.public_id,
            title=row.wish.alias,
            text=row.text,
            about=" · ".join(
                (
                    row.wish.kind.label,
                    row.wish.station.community or row.wish.station.name,
                    filters.day(clock.local_day(row.wish.closed_at or row.agreed_at)),
                )
            ),
            photos=tuple(photos.get(row.wish_id, ())),
        )
        for row in rows
    ]
