"""The desk of a station: a day, not a menu."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.activities import policy, queries
from portal.core import clock
from portal.core.access import Actor, Role, allowed, current_actor
from portal.core.web import page
from portal.feedback import policy as feedback_policy
from portal.feedback import queries as feedback
from portal.org import queries as org
from portal.people import queries as people
from portal.posts import policy as post_policy
from portal.posts import queries as posts
from portal.signups import panel

bp = Blueprint("desk", __name__)
AHEAD = timedelta(days=7)


def has_desk(actor: Actor) -> bool:
    """Who has something to do at a station."""
    return policy.reviews_somewhere(actor) or actor.has_desk


@bp.get("/desk")
@allowed(has_desk)
def desk() -> ResponseReturnValue:
    """What is on now, what begins soon, what waits for a decision."""
    actor, now = current_actor(), clock.now()
    keeps_feedback = feedback_policy.keeps_feedback(actor)
    station_ids = sorted(actor.stations(Role.STATION_MANAGER, Role.ADMINISTRATOR))
    rows = queries.shifts_at(station_ids, now, now + AHEAD)
    panels = panel.panels(rows, Actor(), now) if rows else []
    reviewable = sorted(actor.stations(Role.STATION_MANAGER, Role.CAMPAIGN_OFFICER))
    reviews = [row for row in queries.in_review(reviewable) if policy.may_review(actor, row)]
    return page(
        "site/desk.html",
        on_now=[one for one in panels if one.shift.starts_at <= now],
        soon=[one for one in panels if one.shift.starts_at > now],
        reviews=reviews,
        post_reviews=[
            row for row in posts.in_review(reviewable) if post_policy.may_review(actor, row)
        ],
        waiting=people.applications_waiting(station_ids),
        feedback=feedback.waiting_for(actor, clock.local_day(now)) if keeps_feedback else None,
        stations=[org.station(station_id) for station_id in station_ids[:1]],
        plans=policy.keeps_desk(actor),
    )
