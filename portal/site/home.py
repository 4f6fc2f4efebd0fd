"""The home page, and the pages every footer names."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from portal.activities import cards, listing
from portal.activities.queries import Filter
from portal.core import clock
from portal.core.access import current_actor, public
from portal.core.copies import cached
from portal.core.web import page
from portal.figures.queries import open_figures
from portal.people import queries as people

bp = Blueprint("home", __name__)
SHOWN = 6


@bp.get("/")
@public
def home() -> ResponseReturnValue:
    """Two entrances, what is on near home, today and at the weekend, then three plain numbers."""
    return cached(_home)


def weekend(today: date) -> tuple[date, date]:
    """Return the days of the weekend that are still to come; on Sunday, those of the next one."""
    saturday = today + timedelta(days=(5 - today.weekday()) % 7)
    if today.weekday() == 5:  # today's list shows Saturday already
        saturday = today + timedelta(days=1)
        return saturday, saturday
    return saturday, saturday + timedelta(days=1)


def _home() -> Response:
    now, today = clock.now(), clock.today()
    first, last = weekend(today)
    on_today = listing.listed(Filter(to_on=today), now, limit=SHOWN)
    at_weekend = listing.listed(Filter(from_on=first, to_on=last), now, limit=SHOWN)
    ready = cards.ready([*on_today, *at_weekend], now)
    near = people.home_station(current_actor().person_id or 0)
    at_home = listing.listed(Filter(station_id=near.id), now, limit=SHOWN // 2) if near else []
    return page(
        "site/home.html",
        today=ready[: len(on_today)],
        weekend=ready[len(on_today) :],
        weekend_from=first,
        weekend_to=last,
        near=near,
        at_home=cards.ready(at_home, now),
        figures=open_figures(),
    )


@bp.get("/accessibility")
@public
def accessibility() -> ResponseReturnValue:
    """Say what the site does for people who see, hear or move less well."""
    return cached(lambda: page("site/accessibility.html"))
