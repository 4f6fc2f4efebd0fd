"""Cards of the list: ready strings, so that the template neither asks nor counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.activities.queries import Listed, PlacesOf, places_of
from portal.core import clock, filters
from portal.core.i18n import gettext as _
from portal.core.i18n import lang
from portal.shifts.models import PlaceRole
from portal.signups.panel import places_left


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
    audience: str
    places_text: str
    tone: str
    tag: str


def ready(rows: Sequence[Listed], now: datetime) -> list[Card]:
    """Return the cards of listed shifts; one query for all their places."""
    places = places_of([row.shift_id for row in rows]) if rows else {}
    today, english = clock.local_day(now), lang() == "en"
    words = {
        PlaceRole.VOLUNTEER: _("志愿者"),
        PlaceRole.ATTENDEE: _("参加"),
    }
    near_words, is_on = {0: _("今天"), 1: _("明天")}, _("进行中")
    cards = []
    for row in rows:
        start = clock.local(row.starts_at)
        distance = (start.date() - today).days
        text, tone = _places(places.get(row.shift_id, ()), words)
        tag = row.kind_en if english else row.kind_zh
        near = is_on if row.starts_at <= now else near_words.get(distance)
        cards.append(
            Card(
                href=f"/activities/{row.offering_public_id}#shift-{row.shift_public_id}",
                day=str(start.day),
                month=filters.month(start.date()),
                weekday=filters.weekday(start.date()),
                title=row.title,
                place=f"{row.place} · {row.community or row.station}",
                time_text=filters.span(row.starts_at, row.ends_at),
                audience="",
                places_text=text,
                tone=tone,
                tag=f"{near} · {tag}" if near else tag,
            )
        )
    return cards


def _places(places: Sequence[PlacesOf], words: dict[PlaceRole, str]) -> tuple[str, str]:
    if not places:
        return "", "neutral"
    if len(places) == 1:
        return places_left(places[0].capacity, places[0].taken, places[0].waiting)
    parts, tones = [], []
    for place in places:
        text, tone = places_left(place.capacity, place.taken, place.waiting)
        parts.append(f"{words[PlaceRole(place.role)]}{_('：')}{text}")
        tones.append(tone)
    best = "success" if "success" in tones else tones[0]
    return _("；").join(parts), best
