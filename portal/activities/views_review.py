"""The pages of whoever reviews activities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.activities import actions, permits, policy, queries
from portal.activities.blueprint import bp
from portal.activities.forms import ReasonForm
from portal.activities.models import Activity
from portal.core import clock
from portal.core.access import Role, allowed, current_actor
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page


@bp.get("/desk/reviews")
@allowed(policy.reviews_somewhere)
def reviews() -> ResponseReturnValue:
    """List what waits for this reviewer, the oldest first."""
    actor = current_actor()
    stations = sorted(actor.stations(Role.STATION_MANAGER, Role.CAMPAIGN_OFFICER))
    rows = [row for row in queries.in_review(stations) if policy.may_review(actor, row)]
    return page("activities/reviews.html", rows=rows, permits=_permits(rows))


@bp.post("/desk/activities/<activity>/approval")
@allowed(policy.may_review, activity=queries.activity_by_id)
def approve(activity: Activity) -> ResponseReturnValue:
    """Approve: the activity is published."""
    write(actions.approve, activity.id, actor=current_actor(), now=clock.now())
    flash(_("审核通过，活动已发布。"), "success")
    return changed(url_for("activities.reviews"))


@bp.post("/desk/activities/<activity>/return")
@allowed(policy.may_review, activity=queries.activity_by_id)
def give_back(activity: Activity) -> ResponseReturnValue:
    """Return to the author with the reason."""
    form = ReasonForm()
    if not form.validate():
        return invalid(
            "activities/reviews.html", rows=[activity], permits=_permits([activity]), form=form
        )
    reason = str(form.reason.data)
    write(actions.give_back, activity.id, reason, actor=current_actor(), now=clock.now())
    flash(_("已退回，对方会看到原因。"), "success")
    return changed(url_for("activities.reviews"))


def _permits(rows: Sequence[Activity]) -> Mapping[int, str]:
    return permits.words_by_id(rows, clock.now())
