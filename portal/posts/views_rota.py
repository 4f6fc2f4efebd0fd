"""The rota of a post and of a station, and how posts are covered, for desk and office."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from flask import request
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Role, allowed, current_actor
from portal.core.tables import page_number
from portal.core.web import page
from portal.org import queries as org
from portal.org.models import Station
from portal.posts import coverage, policy, queries
from portal.posts.blueprint import bp
from portal.posts.models import ServicePost
from portal.posts.rota import MOST_WEEKS, monday, rota

MOST_POSTS = 60
OFFICE = (Role.CAMPAIGN_OFFICER, Role.ADMINISTRATOR, Role.AUDITOR, Role.STATION_MANAGER)


@bp.get("/desk/posts/<post>/rota")
@allowed(policy.may_plan, post=queries.post_by_id)
def desk_rota_of(post: ServicePost) -> ResponseReturnValue:
    """The rota of one post, four weeks unless asked otherwise."""
    shown = rota([post], _first(), _weeks(4), clock.now())
    return page("posts/rota.html", post=post, rota=shown, base=f"{post.desk_path}/rota")


@bp.get("/desk/rota")
@allowed(policy.keeps_posts)
def desk_rota() -> ResponseReturnValue:
    """The rota of all posts of the own stations (or of one of them), a week unless asked otherwise."""
    own = current_actor().stations(*policy.PLANS)
    stations = [row for row in org.all_stations() if row.id in own]
    asked = request.args.get("station", "")
    chosen = next((row for row in stations if row.public_id == asked), None)
    ids = [chosen.id] if chosen else sorted(own)
    posts = queries.published(ids, MOST_POSTS)
    return page(
        "posts/rota.html",
        post=None,
        rota=rota(posts, _first(), _weeks(1), clock.now()),
        base="/desk/rota",
        stations=stations,
        station=chosen.public_id if chosen else "",
        is_cut=len(posts) == MOST_POSTS,
    )


@bp.get("/office/posts")
@allowed(policy.reads_coverage)
def office() -> ResponseReturnValue:
    """How posts were and will be covered: places planned, taken and attended, week by week."""
    actor = current_actor()
    own = actor.stations(*OFFICE)
    stations = [row for row in org.all_stations() if row.id in own]
    chosen = _asked_station(stations)
    first = _first(monday(clock.today()) - timedelta(weeks=3))
    found = coverage.page_of(chosen, sorted(own), first, number=page_number(), today=clock.today())
    return page(
        "posts/office.html",
        found=found,
        stations=stations,
        station=chosen.public_id if chosen else "",
        first=first,
        before=(first - timedelta(weeks=coverage.WEEKS)).isoformat(),
        after=(first + timedelta(weeks=coverage.WEEKS)).isoformat(),
    )


def _asked_station(stations: Sequence[Station]) -> Station | None:
    asked = request.args.get("station", "")
    return next((row for row in stations if row.public_id == asked), None)


def _first(default: date | None = None) -> date:
    """Return the Monday of the asked day's week; what is no day counts as this week."""
    try:
        asked = date.fromisoformat(request.args.get("from", ""))
    except ValueError:
        return monday(default or clock.today())
    return (
        monday(asked) if date(2000, 1, 10) <= asked <= date(2100, 1, 1) else monday(clock.today())
    )


def _weeks(default: int) -> int:
    asked = request.args.get("weeks", "")
    number = int(asked) if asked.isdecimal() and len(asked) < 3 else default
    return min(max(number, 1), MOST_WEEKS)
