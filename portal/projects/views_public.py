"""The public list of projects, and a project's page."""

from __future__ import annotations

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from portal.activities import cards, listing
from portal.activities.queries import Filter as Shifts
from portal.core import clock
from portal.core.access import public
from portal.core.copies import cached
from portal.core.forms import clean
from portal.core.grams import LONGEST_QUERY
from portal.core.i18n import gettext as _
from portal.core.security import within
from portal.core.tables import page_number
from portal.core.web import page
from portal.honours import shown as honours
from portal.honours.models import Honoured
from portal.org import queries as org
from portal.projects import queries
from portal.projects.blueprint import bp
from portal.projects.queries import Filter

SEARCHES_A_SECOND = 20
COMING = 20


@bp.get("/projects")
@public
def index() -> ResponseReturnValue:
    """The projects of the district, twenty a page."""
    if request.args.get("q") and not within("search", SEARCHES_A_SECOND):
        abort(429)
    return cached(_index)


def _index() -> Response:
    asked = {name: request.args.get(name, "") for name in ("station", "q")}
    station = org.station_by_id(asked["station"]) if asked["station"] else None
    ignored = [_("没有这个站点，已显示全部站点。")] if asked["station"] and not station else []
    words = (clean(asked["q"]) or "")[:LONGEST_QUERY]
    found = queries.listed(
        Filter(org.subtree(station.id) if station else None, words), page_number()
    )
    return page(
        "projects/index.html",
        values=asked,
        ignored=ignored,
        found=found,
        figures=queries.figures([row.id for row in found.rows], clock.now()),
        stations=org.station_choices(),
    )


@bp.get("/projects/<project>")
@public
def show(project: str) -> ResponseReturnValue:
    """What a project is, what it has come to, what is on."""
    return cached(lambda: _show(project))


def _show(public_id: str) -> Response:
    row = queries.open_project(public_id) or abort(404)
    now = clock.now()
    coming = listing.listed(Shifts(project_id=row.id), now, limit=COMING)
    return page(
        "projects/show.html",
        project=row,
        figures=queries.figures([row.id], now)[row.id],
        activities=queries.count_activities(row.id),
        cards=cards.ready(coming, now),
        teams=queries.teams_of(row.id),
        stations=queries.stations_of(row.id),
        honours=honours.of(Honoured.PROJECT, row.id),
    )
