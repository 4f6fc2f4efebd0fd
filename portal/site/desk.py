"""The desk of a station: a day, not a menu."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.activities import drafting, policy
from portal.certificates import policy as certificate_policy
from portal.core import clock
from portal.core.access import Actor, Role, allowed, current_actor
from portal.core.i18n import gettext as _
from portal.core.web import page
from portal.corrections import policy as correction_policy
from portal.feedback import policy as feedback_policy
from portal.imports import policy as import_policy
from portal.pairing import policy as pairing_policy
from portal.people import queries_teams as teams
from portal.projects import policy as project_policy
from portal.services import policy as order_policy
from portal.signups import queries_changes, words
from portal.site import day, drafts, todo
from portal.teams import policy as team_policy
from portal.wishes import policy as wish_policy

bp = Blueprint("desk", __name__)


def has_desk(actor: Actor) -> bool:
    """Who has something to do at a station."""
    return policy.reviews_somewhere(actor) or actor.has_desk


@bp.get("/desk")
@allowed(has_desk)
def desk() -> ResponseReturnValue:
    """What is on now, what comes next, what needs a person; the week, drafts, queues, what is due."""
    actor, now = current_actor(), clock.now()
    stations = drafting.own_stations() if policy.keeps_desk(actor) else []
    asked = request.args.get("station", "")
    chosen = next((row for row in stations if row.public_id == asked), None)
    shown = [chosen] if chosen else stations
    today = day.day(shown, now) if shown else None
    unfinished = drafts.drafts([row.id for row in shown], actor) if shown else None
    tasks = todo.tasks(actor, now)
    return page(
        "site/desk.html",
        stations=stations,
        chosen=chosen,
        is_unknown=bool(asked) and chosen is None,
        date=clock.local_day(now),
        today=today,
        drafts=unfinished,
        tasks=tasks,
        ways=_ways(today, unfinished, len(tasks)),
        undoable=words.undoable(queries_changes.undoable_at([row.id for row in shown], now), now),
        led=teams.led_by(actor.person_id or 0) if actor.holds(Role.TEAM_LEADER) else (),
        **_others(actor),
    )


def _ways(
    today: day.Day | None, unfinished: drafts.Drafts | None, tasks: int
) -> list[tuple[str, str]]:
    """Return the ways down to what there is: words with a number, and where they lead."""
    if today is None or unfinished is None:
        return []
    ways = (
        (len(today.needs), _("要处理 %(n)d 场", n=len(today.needs)), "#needs"),
        (tasks, _("要办的事 %(n)d 项", n=tasks), "#tasks"),
        (today.gap, _("本周缺 %(n)d 人", n=today.gap), "#week"),
        (today.waiting, _("候补 %(n)d 人", n=today.waiting), "#queues"),
        (unfinished.count, _("草稿 %(n)d", n=unfinished.count), "#drafts"),
    )
    return [(text, href) for count, text, href in ways if count]


def _others(actor: Actor) -> dict[str, Any]:
    """Return which other pages the actor has."""
    return {
        "plans": policy.keeps_desk(actor),
        "reviews": policy.reviews_somewhere(actor),
        "has_teams": team_policy.has_teams(actor),
        "keeps_projects": project_policy.keeps_projects(actor),
        "keeps_orders": bool(actor.stations(*order_policy.KEEPERS)),
        "keeps_wishes": wish_policy.keeps_wishes(actor),
        "keeps_certificates": certificate_policy.keeps_certificates(actor),
        "keeps_corrections": correction_policy.keeps_corrections(actor),
        "keeps_feedback": feedback_policy.keeps_feedback(actor),
        "imports": import_policy.imports(actor),
        "keeps_pairings": pairing_policy.keeps_some_community(actor),
    }
