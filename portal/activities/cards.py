"""Cards of the list: ready strings, so that the template neither asks nor counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from portal.activities.listing import Listed
from portal.core import clock, filters
from portal.core.i18n import gettext as _
from portal.core.i18n import lang
from portal.shifts.models import PlaceRole
from portal.signups.panel import places_left
from portal.signups.queries import PlacesOf


@dataclass(frozen=True, slots=True)
class Card:
    """What `components/card.html` shows."""

    href: str
    day: str
    month: str
    weekday: str
    title: str
    place: str
    time_text: str
    places: tuple[str, ...]
    tone: str
    tag: str


def ready(rows: Sequence[Listed], now: datetime) -> list[Card]:
    """Return the cards of listed shifts."""
    today = clock.local_day(now)
    near_words, is_on = {0: _("今天"), 1: _("明天")}, _("进行中")
    cards = []
    for row in rows:
        distance = (clock.local_day(row.starts_at) - today).days
        near = is_on if row.starts_at <= now else near_words.get(distance, "")
        cards.append(_card(row, near, lang()))
    return cards


@lru_cache(maxsize=1024)
def _card(row: Listed, near: str, language: str) -> Card:
    """Return a card; the same rows are asked for in many lists, and in every one of their pages."""
    day = clock.local_day(row.starts_at)
    tag = row.kind_en if language == "en" else row.kind_zh
    places, tone = _places(row.places)
    return Card(
        href=f"/activities/{row.offering_public_id}#shift-{row.shift_public_id}",
        day=str(day.day),
        month=filters.month(day),
        weekday=filters.weekday(day),
        title=row.title,
        place=f"{row.place} · {row.community or row.station}",
        time_text=filters.span(row.starts_at, row.ends_at),
        places=places,
        tone=tone,
        tag=f"{near} · {tag}" if near else tag,
    )


def _places(places: Sequence[PlacesOf]) -> tuple[tuple[str, ...], str]:
    """Return what is left in words, of each role when there are several, and the best tone.

    Stalls of one role are counted together here; the activity's page tells them apart.
    """
    places = _by_role(places)
    found = [places_left(place.capacity, place.taken, place.waiting) for place in places]
    texts, tones = [text for text, _tone in found], [tone for _text, tone in found]
    if len(places) > 1:
        words = {PlaceRole.VOLUNTEER: _("志愿者"), PlaceRole.ATTENDEE: _("参加")}
        roles = [words[PlaceRole(place.role)] for place in places]
        texts = [f"{role}{_('：')}{text}" for role, text in zip(roles, texts, strict=True)]
    best = "success" if "success" in tones else next(iter(tones), "neutral")
    return tuple(texts), best


def _by_role(places: Sequence[PlacesOf]) -> list[PlacesOf]:
    found: dict[str, PlacesOf] = {}
    for place in places:
        sum_ = found.get(place.role)
        if sum_ is None:
            found[place.role] = place
            continue
        free = sum_.free + place.free
        capacity = sum_.capacity + place.capacity
        waiting = 0 if free else sum_.waiting + place.waiting
        found[place.role] = PlacesOf(place.role, capacity, capacity - free, waiting)
    return list(found.values())
