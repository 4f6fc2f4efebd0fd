"""Public pages of stations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from portal.activities import cards, listing
from portal.activities.queries import Filter
from portal.core import clock, filters
from portal.core.access import public, public_with
from portal.core.copies import cached
from portal.core.i18n import gettext as _
from portal.core.web import page
from portal.honours import shown as honours
from portal.honours.models import Honoured
from portal.org import queries as org
from portal.org import rules
from portal.org.models import OpeningHours, Station
from portal.pairing import queries_public as pairing
from portal.posts import queries_rota
from portal.services import queries_menu, words

bp = Blueprint("stations", __name__)
SHOWN = 10


@dataclass(frozen=True, slots=True)
class StationShown:
    """A station of the list, in words."""

    row: Station
    depth: int
    is_open: bool
    today: str


@bp.get("/stations")
@public
def index() -> ResponseReturnValue:
    """All stations in the order of the tree, with whether they are open now."""
    return cached(_index)


def _index() -> Response:
    now = clock.local(clock.now())
    hours = org.hours_on(now.weekday())
    minute = now.hour * 60 + now.minute
    depths: dict[int | None, int] = {None: -1}
    rows = []
    for row in org.all_stations():
        depths[row.id] = depths.get(row.parent_id, -1) + 1
        spans = hours.get(row.id, [])
        rows.append(
            StationShown(row, depths[row.id], rules.is_open(spans, minute), spans_text(spans))
        )
    return page("site/stations.html", rows=rows)


@bp.get("/stations/<station>")
@public_with(station=org.station_by_id)
def show(station: Station) -> ResponseReturnValue:
    """One station: where, when open, telephone, what is on."""
    return cached(lambda: _show(station))


def _show(station: Station) -> Response:
    now = clock.now()
    local = clock.local(now)
    hours = org.opening_hours(station.id)
    today = [row for row in hours if row.weekday == local.weekday()]
    listed = listing.listed(Filter(station_id=station.id), now, limit=SHOWN)
    return page(
        "site/station.html",
        station=station,
        path=org.path_of(station.id)[:-1],
        children=org.children_of(station.id),
        week=_week(hours),
        is_open=rules.is_open(today, local.hour * 60 + local.minute),
        today=spans_text(today),
        cards=cards.ready(listed, now),
        helped=pairing.of_station(station.id),
        honours=honours.of(Honoured.COMMUNITY, station.id),
        services=[
            words.card(row)
            for row in queries_menu.at_station(station.id, clock.local_day(now), SHOWN)
        ],
        posts=queries_rota.opened_today(station.id, now),
    )


def _week(hours: Sequence[OpeningHours]) -> Mapping[str, str]:
    monday = clock.today() - timedelta(days=clock.today().weekday())
    days = [monday + timedelta(days=n) for n in range(7)]
    return {
        filters.weekday(day): spans_text([row for row in hours if row.weekday == day.weekday()])
        for day in days
    }


def spans_text(spans: Sequence[OpeningHours]) -> str:
    """Return 09:00-12:00、14:00-18:00, or that it is closed."""
    if not spans:
        return _("不开放")
    return "、".join(f"{_clock(row.opens_minute)}-{_clock(row.closes_minute)}" for row in spans)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
