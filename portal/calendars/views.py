"""The feeds. Whoever asks gets the same public bytes, and 304 as long as they are the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import quote

from flask import Blueprint, Response, abort, current_app, request

from portal.activities import asking
from portal.activities.queries import Filter
from portal.calendars import events, queries
from portal.calendars.queries import Showing
from portal.core import clock, ical
from portal.core.access import public
from portal.core.i18n import lang
from portal.core.web import cached_for_all
from portal.org import queries as org_queries
from portal.records import settings

bp = Blueprint("calendars", __name__)


@bp.get("/cal/all.ics")
@public
def all_feed() -> Response:
    """Everything the district publishes, or what is asked for as on the list page."""

    def render() -> Response:
        asked = asking.read(request.args).filter
        response = _calendar(settings.get("site_name"), queries.in_window(asked, clock.today()))
        if asked.only_free:
            # Places come and go without a revision of the shift: only the ETag tells.
            del response.headers["Last-Modified"]
        return response

    return _feed(render)


@bp.get("/cal/stations/<station>.ics")
@public
def station_feed(station: str) -> Response:
    """A station and everything below it."""

    def render() -> Response:
        row = org_queries.station_by_id(station) or abort(404)
        return _calendar(row.name, queries.in_window(Filter(station_id=row.id), clock.today()))

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


def _feed(render: Callable[[], Response]) -> Response:
    # A window of days moves at midnight; nothing else in a feed depends on the clock.
    return cached_for_all(render, during=clock.today().isoformat())


def _calendar(name: str, rows: Sequence[Showing]) -> Response:
    profile = events.profile(
        current_app.config["PORTAL"].public_url, settings.get("help_phone"), lang()
    )
    body = ical.calendar(name, events.of(rows, profile), clock.zone())
    response = Response(body, content_type="text/calendar; charset=utf-8")
    response.last_modified = _last_modified(rows)
    return response


def _last_modified(rows: Sequence[Showing]) -> datetime:
    """Return an instant that moves whenever the bytes may have changed, the passing of days too."""
    instants = [clock.day_start(clock.today())]
    instants += [max(row.updated_at, row.offering_updated_at) for row in rows]
    changed_at = queries.words_changed_at()
    return max([*instants, changed_at] if changed_at else instants)
