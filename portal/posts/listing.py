"""The public list of posts: each with its hours, its next duty and the places left; three statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from portal.core import clock, filters
from portal.core.db import db
from portal.core.forms import clean
from portal.core.grams import LONGEST_QUERY
from portal.core.i18n import gettext as _
from portal.core.i18n import lang
from portal.core.tables import PAGE_SIZE, Page
from portal.org import queries as org
from portal.org.models import Station, Term, Vocabulary
from portal.posts import hours, queries
from portal.posts.hours import Hours
from portal.posts.models import ServicePost
from portal.records import search
from portal.shifts.models import OfferingState, Place, Shift, ShiftState
from portal.signups.panel import places_left
from portal.signups.queries import WAITING


@dataclass(slots=True)
class Asked:
    """What a reader asks of the list, its words as they stood in the address, what was ignored."""

    values: Mapping[str, str]
    station_id: int | None = None
    kind_id: int | None = None
    venue_id: int | None = None
    query: str = ""
    only_free: bool = False
    ignored: list[str] = field(default_factory=list)

    @property
    def chosen(self) -> int:
        """How many filters are set, for the closed filter box."""
        return sum(bool(self.values[name]) for name in ("station", "kind", "venue", "free"))

    @property
    def address(self) -> str:
        """The address of the list without the words that were searched for."""
        kept = {name: value for name, value in self.values.items() if value and name != "q"}
        return f"/posts?{urlencode(kept)}" if kept else "/posts"


def read(args: Mapping[str, str]) -> Asked:
    """Return what is asked; unknown values are ignored and named."""
    names = ("station", "kind", "venue", "q", "free")
    asked = Asked({name: args.get(name, "") for name in names})
    station = org.station_by_id(args["station"]) if args.get("station") else None
    kind = org.term(Vocabulary.ACTIVITY_KIND, args["kind"]) if args.get("kind") else None
    venue = org.term(Vocabulary.VENUE_TYPE, args["venue"]) if args.get("venue") else None
    asked.station_id = station.id if station else None
    asked.kind_id = kind.id if kind else None
    asked.venue_id = venue.id if venue else None
    asked.query = (clean(args.get("q")) or "")[:LONGEST_QUERY]
    asked.only_free = args.get("free") == "1"
    for row, name, sentence in (
        (station, "station", _("没有这个站点，已显示全部站点。")),
        (kind, "kind", _("没有这个类别，已显示全部类别。")),
        (venue, "venue", _("没有这种场所，已显示全部场所。")),
    ):
        if args.get(name) and row is None:
            asked.ignored.append(sentence)
    return asked


class Listed(NamedTuple):
    """One post of the list, as columns; the next duty may be missing."""

    id: int
    public_id: str
    title: str
    site_name: str
    place: str
    is_party_post: bool
    venue_zh: str
    venue_en: str
    station: str
    community: str
    starts_at: datetime | None
    ends_at: datetime | None
    capacity: int | None
    taken: int | None
    waiting: int | None
    hours: Hours | None = None

    @property
    def href(self) -> str:
        """The address of its page."""
        return f"/posts/{self.public_id}"

    @property
    def venue(self) -> str:
        """The type of venue in the reader's language."""
        return self.venue_en if lang() == "en" else self.venue_zh

    @property
    def where(self) -> str:
        """Site and community; the exact place stands on the post's own page."""
        return f"{self.site_name} · {self.community or self.station}"

    @property
    def when(self) -> str:
        """The next duty in words; empty without one."""
        return filters.when(self.starts_at, self.ends_at) if self.starts_at and self.ends_at else ""

    @property
    def places(self) -> tuple[str, str]:
        """What is left on the next duty in words, and a tone."""
        if self.capacity is None:
            return "", "neutral"
        return places_left(self.capacity, self.taken or 0, self.waiting or 0)


def page_of_list(asked: Asked, number: int, now: datetime) -> Page[Listed]:
    """Return one page of the published posts that answer, those whose next duty is soonest first."""
    narrowed = _narrow(select(ServicePost.id), asked, now).subquery()
    total = int(db.session.execute(select(func.count()).select_from(narrowed)).scalar_one())
    number = min(number, -(-total // PAGE_SIZE) or 1)
    query = _narrow(_shown(now), asked, now).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    rows = db.session.execute(query).all() if total else ()
    found = [Listed(*row) for row in rows]
    spans = queries.spans_on([row.id for row in found], clock.local_day(now))
    shown = [
        row._replace(hours=hours.hours(spans.get(row.id, ()), row.starts_at, now)) for row in found
    ]
    return Page(shown, number, total)


def _shown(now: datetime) -> Select[Any]:
    following = aliased(Shift)
    next_id = (
        select(following.id)
        .where(
            following.offering_id == ServicePost.id,
            following.state == ShiftState.PLANNED,
            following.starts_at > now,
        )
        .order_by(following.starts_at)
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            ServicePost.id,
            ServicePost.public_id,
            ServicePost.title,
            ServicePost.site_name,
            ServicePost.place,
            ServicePost.is_party_post,
            Term.name_zh,
            Term.name_en,
            Station.name,
            Station.community,
            Shift.starts_at,
            Shift.ends_at,
            Place.capacity,
            Place.taken,
            WAITING,
        )
        .join(Term, Term.id == ServicePost.venue_type_id)
        .join(Station, Station.id == ServicePost.station_id)
        .outerjoin(Shift, Shift.id == next_id)
        .outerjoin(Place, Place.shift_id == Shift.id)
        .order_by(Shift.starts_at.is_(None), Shift.starts_at, ServicePost.id)
    )


def _narrow(query: Select[Any], asked: Asked, now: datetime) -> Select[Any]:
    query = query.where(ServicePost.state == OfferingState.PUBLISHED)
    if asked.station_id is not None:
        query = query.where(ServicePost.station_id.in_(org.subtree(asked.station_id)))
    if asked.kind_id is not None:
        query = query.where(ServicePost.kind_id == asked.kind_id)
    if asked.venue_id is not None:
        query = query.where(ServicePost.venue_type_id == asked.venue_id)
    found = search.matches("offering", asked.query) if asked.query else None
    if found is not None:
        query = query.where(ServicePost.id.in_(found))
    if asked.only_free:
        query = query.where(ServicePost.id.in_(_with_free_places(now)))
    return query


def _with_free_places(now: datetime) -> Select[tuple[int]]:
    return (
        select(Shift.offering_id)
        .join(Place, Place.shift_id == Shift.id)
        .where(
            Shift.state == ShiftState.PLANNED,
            Shift.starts_at > now,
            Place.taken < Place.capacity,
        )
    )
