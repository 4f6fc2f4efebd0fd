"""The public list and the activity page."""

from __future__ import annotations

from flask import Response, abort, make_response, redirect, request
from flask.typing import ResponseReturnValue

from portal.activities import asking, cards, listing, policy, queries
from portal.activities.blueprint import bp
from portal.attendance import turnout
from portal.core import clock
from portal.core.access import current_actor, public, public_with
from portal.core.copies import cached
from portal.core.security import within
from portal.core.tables import page_number
from portal.core.web import page
from portal.org import queries as org
from portal.people import queries as people
from portal.shifts import conditions, queries_series
from portal.shifts import queries as shifts
from portal.shifts.models import PLACE_ROLE_LABELS, Shift
from portal.signups import panel, panel_course

PAST_SHOWN = 5
# A long series does not stand in the way of what is next.
SHOWN_AT_ONCE = 8
SEARCHES_A_SECOND = 20


@bp.get("/activities")
@public
def index() -> ResponseReturnValue:
    """What is on: the next first, twenty a page."""
    if request.args.get("q") and not within("search", SEARCHES_A_SECOND):
        abort(429)
    return cached(_index)


def _index() -> Response:
    now = clock.now()
    asked = asking.read(request.args)
    found = listing.page_of_list(asked.filter, page_number(), now)
    return page(
        "activities/index.html",
        fragment="activities/_list.html",
        asked=asked,
        chips=asking.chips(asked.values, people.home_station(current_actor().person_id or 0)),
        found=found,
        cards=cards.ready(found.rows, now),
        stations=org.station_choices(),
        kinds=org.kind_choices(),
        roles=PLACE_ROLE_LABELS,
        feed=asking.feed_address(asked.values),
    )


@bp.get("/activities/<activity>")
@public
def show(activity: str) -> ResponseReturnValue:
    """Everything one needs to know of an activity, and the sign-up."""
    return cached(lambda: _show(activity))


def _show(public_id: str) -> Response:
    actor, now = current_actor(), clock.now()
    activity = queries.activity_by_id(public_id)
    if activity is None:
        return _elsewhere(public_id)
    if not policy.may_read(actor, activity):
        abort(404)
    coming = shifts.coming_of(activity.id, now)
    past = shifts.last_of(activity.id, now, PAST_SHOWN)
    panels = panel.foreseen(panel.panels([*coming, *past], actor, now), actor, now)
    return page(
        "activities/show.html",
        activity=activity,
        coming=panels[: len(coming)],
        past=turnout.told(panels[len(coming) :]),
        may_plan=policy.may_plan(actor, activity),
        is_public=activity.state in policy.VISIBLE,
        conditions=conditions.in_words(activity),
        series=queries_series.of_offering(activity.id),
        course=panel_course.panel(activity.id, actor, now) if activity.is_course else None,
        shown_at_once=SHOWN_AT_ONCE,
    )


def _elsewhere(public_id: str) -> Response:
    """Lead to the page of another kind of offering: whoever only has an id asks here first."""
    path = shifts.path_of(public_id) or abort(404)
    return make_response(redirect(path, 302))


@bp.get("/shifts/<shift>")
@public_with(shift=shifts.shift_by_id)
def shift_page(shift: Shift) -> ResponseReturnValue:
    """A shift's own address (it stands in calendars): its panel on the offering's page."""
    return redirect(f"{shift.offering.path}#shift-{shift.public_id}", 302)
