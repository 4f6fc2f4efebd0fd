"""The public pages: the list, a post, who is on duty now, and the sign that hangs at the post."""

from __future__ import annotations

from flask import Response, abort, current_app, request
from flask.typing import ResponseReturnValue

from portal.core import clock, qr
from portal.core.access import current_actor, public
from portal.core.copies import cached
from portal.core.i18n import gettext as _
from portal.core.security import within
from portal.core.tables import page_number
from portal.core.web import page
from portal.org import queries as org
from portal.posts import listing, policy, queries, words
from portal.posts.blueprint import bp
from portal.posts.models import ServicePost
from portal.shifts import conditions
from portal.shifts import queries as shifts
from portal.shifts.models import ShiftState
from portal.signups import panel

SEARCHES_A_SECOND = 20
# So many duties at once; the rest by a link. A post with two spans a day has them for a week.
SHOWN = 14


@bp.get("/posts")
@public
def index() -> ResponseReturnValue:
    """Where volunteers stand: those whose next duty is soonest first, twenty a page."""
    if request.args.get("q") and not within("search", SEARCHES_A_SECOND):
        abort(429)
    return cached(_index)


def _index() -> Response:
    now = clock.now()
    asked = listing.read(request.args)
    return page(
        "posts/index.html",
        fragment="posts/_list.html",
        asked=asked,
        found=listing.page_of_list(asked, page_number(), now),
        stations=org.station_choices(),
        kinds=org.kind_choices(),
        venues=org.venue_choices(),
    )


@bp.get("/posts/on-duty")
@public
def on_duty() -> ResponseReturnValue:
    """Who stands where now; nobody is named who has not agreed to it."""
    return cached(lambda: page("posts/on_duty.html", rows=words.on_duty(clock.now())))


@bp.get("/posts/<post>")
@public
def show(post: str) -> ResponseReturnValue:
    """Everything one needs to know of a post, and the sign-up for its next duties."""
    return cached(lambda: _show(post))


def _show(public_id: str) -> Response:
    actor, now = current_actor(), clock.now()
    post = _readable(public_id)
    coming = [row for row in shifts.coming_of(post.id, now) if row.state == ShiftState.PLANNED]
    shown = coming if request.args.get("all") == "1" else coming[:SHOWN]
    panels = panel.foreseen(panel.panels(shown, actor, now), actor, now)
    return page(
        "posts/show.html",
        post=post,
        grid=words.grid(queries.slots_of(post.id)),
        coming=panels,
        more=len(coming) - len(shown),
        has_desk=policy.may_see_at_desk(actor, post),
        is_public=post.state in policy.VISIBLE,
        conditions=conditions.in_words(post),
        has_own=any(one.own for one in panels),
    )


@bp.get("/posts/<post>/sign")
@public
def sign(post: str) -> ResponseReturnValue:
    """The sign of a post on paper: services, promise, hours, telephone, and the way to its page."""
    return cached(lambda: _sign(post))


def _sign(public_id: str) -> Response:
    post = _readable(public_id)
    address = f"{current_app.config['PORTAL'].public_url}{post.path}"
    return page(
        "posts/sign.html",
        post=post,
        grid=words.grid(queries.slots_of(post.id)),
        address=address,
        code=qr.svg(address, label=_("这个岗的网页")),
    )


def _readable(public_id: str) -> ServicePost:
    post = queries.post_by_id(public_id)
    if post is None or not policy.may_read(current_actor(), post):
        abort(404)
    return post
