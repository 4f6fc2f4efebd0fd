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
from portal.org import queries as org
from portal.pairing import policy as pairing_policy
from portal.people import queries_teams as teams
from portal.projects import policy as project_policy
from portal.services import policy as order_policy
from portal.signups import panel, queries_changes, words
from portal.site import todo
from portal.teams import policy as team_policy
from portal.wishes import policy as wish_policy

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
    station_ids = todo.kept(actor)
    rows = queries.shifts_at(station_ids, now, now + AHEAD)
    panels = panel.panels(rows, Actor(), now) if rows else []
    return page(
        "site/desk.html",
        on_now=[one for one in panels if one.shift.starts_at <= now],
        soon=[one for one in panels if one.shift.starts_at > now],
        tasks=todo.tasks(actor, now),
        undoable=words.undoable(queries_changes.undoable_at(station_ids, now), now),
        stations=[org.station(station_id) for station_id in station_ids[:1]],
        plans=policy.keeps_desk(actor),
        reviews=policy.reviews_somewhere(actor),
        led=teams.led_by(actor.person_id or 0) if actor.holds(Role.TEAM_LEADER) else (),
        has_teams=team_policy.has_teams(actor),
        keeps_projects=project_policy.keeps_projects(actor),
        keeps_orders=bool(actor.stations(*order_policy.KEEPERS)),
        keeps_wishes=wish_policy.keeps_wishes(actor),
        keeps_feedback=feedback_policy.keeps_feedback(actor),
        keeps_pairings=pairing_policy.keeps_some_community(actor),
    )
