"""The feeds. Whoever asks gets the same public bytes, and 304 as long as they are the same.

They carry a strong ETag, made of the bytes, and no Last-Modified. RFC 9110 (8.8.2) wants a date
only where it can be told consistently, and here it cannot: an event that leaves a feed (moved out
of the days asked for, given another kind or title, full) takes its date with it, places are taken
without a revision, a restored backup goes back in time, and two changes fall within one second,
which is all a date tells. A calendar that asks by date, as Apple's may, would be told "not
modified" and keep a shift that is called off; without the date it asks by ETag or gets the bytes
that are kept anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from urllib.parse import quote

from flask import Blueprint, Response, abort, current_app, request

from portal.activities import asking
from portal.activities.queries import Filter
from portal.calendars import events, queries
from portal.calendars.queries import Showing
from portal.core import clock, ical
from portal.core.access import public
from portal.core.copies import cached_for_all
from portal.core.i18n import lang
from portal.org import queries as org_queries
from portal.posts import queries as posts
from portal.records import settings
from portal.shifts import queries_series
from portal.teams import queries as teams

bp = Blueprint("calendars", __name__)


@bp.get("/cal/all.ics")
@public
def all_feed() -> Response:
    """Everything the district publishes, or what is asked for as on the list page."""

    def render() -> Response:
        asked = asking.read(request.args).filter
        return _calendar(settings.get("site_name"), queries.in_window(asked, clock.today()))

    return _feed(render)


@bp.get("/cal/stations/<station>.ics")
@public
def station_feed(station: str) -> Response:
    """A station and everything below it."""

    def render() -> Response:
        row = org_queries.station_by_id(station) or abort(404)
        return _calendar(row.name, queries.at_station(row.id, clock.today()))

    return _feed(render)


@bp.get("/cal/posts/<post>.ics")
@public
def post_feed(post: str) -> Response:
    """A service post's duties."""

    def render() -> Response:
        row = posts.post_by_id(post)
        if row is None or row.published_at is None:
            abort(404)
        return _calendar(row.title, queries.of_post(post, clock.today()))

    return _feed(render)


@bp.get("/cal/series/<series>.ics")
@public
def series_feed(series: str) -> Response:
    """The dates of a series, each at its own place."""

    def render() -> Response:
        row = queries_series.series_by_id(series)
        if row is None or row.offering.published_at is None:
            abort(404)
        return _calendar(row.offering.title, queries.of_series(series, clock.today()))

    return _feed(render)


@bp.get("/cal/teams/<team>.ics")
@public
def team_feed(team: str) -> Response:
    """The shifts that a team takes."""

    def render() -> Response:
        row = teams.open_team(team) or abort(404)
        asked = Filter(team_id=row.id)
        return _calendar(row.name, queries.in_window(asked, clock.today()))

    return _feed(render)


@bp.get("/cal/shifts/<shift>.ics")
@public
def shift_feed(shift: str) -> Response:
    """One shift, for calendars that only import files."""

    def render() -> Response:
        row = queries.one(shift) or abort(404)
        response = _calendar(row.title, [row])
        day = clock.local_day(row.starts_at)
        name = quote(f"{day:%Y%m%d}-{row.title}.ics".replace("/", "-"), safe="")
        response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{name}"
        return response

    return _feed(render)


# A district's whole feed takes some 15 MB while it is written; threads at it together are no faster,
# and the process would keep the memory of all of them.
_turn = Lock()


def _feed(render: Callable[[], Response]) -> Response:
    def alone() -> Response:
        with _turn:
            return render()

    # A window of days moves at midnight; nothing else in a feed depends on the clock.
    return cached_for_all(alone, during=clock.today().isoformat())


def _calendar(name: str, rows: Sequence[Showing]) -> Response:
    profile = events.profile(
        current_app.config["PORTAL"].public_url, settings.get("help_phone"), lang()
    )
    body = ical.calendar(name, events.of(rows, profile), clock.zone())
    return Response(body, content_type="text/calendar; charset=utf-8")
