"""Undoing what was done to a post or one of its duties, while the notices of it wait."""

from __future__ import annotations

from flask import abort, flash, request
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Actor, allowed, current_actor
from portal.core.db import write
from portal.core.errors import Refused
from portal.core.i18n import gettext as _
from portal.core.web import changed, safe_next
from portal.posts import actions, policy
from portal.posts.blueprint import bp
from portal.shifts.models import OfferingType
from portal.signups import queries_changes
from portal.signups.models_changes import ShiftChange


def may_undo(actor: Actor, change: ShiftChange) -> bool:
    """Who plans at the station of the duty that was changed."""
    return actor.holds_any(*policy.PLANS, at=change.shift.station_id)


@bp.post("/desk/posts/changes/<change>/undo")
@allowed(may_undo, change=queries_changes.change_by_id)
def undo(change: ShiftChange) -> ResponseReturnValue:
    """Undo a change; a post that was taken away comes back with its standing places."""
    if change.shift.offering.type != OfferingType.SERVICE_POST:
        abort(404)
    to = safe_next(request.form.get("next"), change.shift.offering.desk_path)
    try:
        write(actions.undo, change.id, actor=current_actor(), now=clock.now())
    except Refused as refused:
        flash(_("没有撤销：") + refused.message, "error")
        return changed(to)
    flash(_("已撤销。还没有通知到的人，和改之前一样。"), "success")
    return changed(to)
