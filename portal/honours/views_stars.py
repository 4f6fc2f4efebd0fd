"""The desk's list of who reached a star level and waits for its recognition."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Refused
from portal.core.i18n import gettext as _
from portal.core.tables import page_number
from portal.core.web import changed, page
from portal.honours import actions_stars as actions
from portal.honours import policy
from portal.honours import queries_stars as queries
from portal.honours.blueprint import bp
from portal.honours.models_stars import StarRecognition
from portal.people import counter
from portal.people.models import Person
from portal.records import settings


@bp.get("/desk/stars")
@allowed(policy.keeps_honours)
def stars() -> ResponseReturnValue:
    """Show who waits, and what is no longer reached; in the order of numbers, never of hours."""
    return _page()


def _page(**values: Any) -> ResponseReturnValue:
    stations = current_actor().stations(*policy.KEEPERS)
    return page(
        "honours/desk_stars.html",
        found=queries.waiting(stations, page_number()),
        lost=queries.lost(stations),
        hours=list(enumerate(queries.hours(), start=1)),
        needs_approval=settings.get("star_approval"),
        own=current_actor().person_id,
        **values,
    )


@bp.post("/desk/people/<person>/stars")
@allowed(policy.may_see_record, person=counter.person_to_help)
def recognise(person: Person) -> ResponseReturnValue:
    """Recognise a level that somebody reached."""
    level = request.form.get("level", "")
    if level not in {str(one) for one, _hours in enumerate(queries.hours(), start=1)}:
        abort(422)
    try:
        write(actions.recognise, person.id, int(level), actor=current_actor(), now=clock.now())
    except Refused as refused:
        return _page(status=409, reasons=refused.reasons)
    flash(_("认定好了，本人会收到通知。"), "success")
    return changed(url_for("honours.stars"))


@bp.post("/desk/stars/<star>/withdrawal")
@allowed(policy.may_withdraw_star, star=queries.star_by_id)
def withdraw_star(star: StarRecognition) -> ResponseReturnValue:
    """Take back what is no longer reached."""
    try:
        write(actions.withdraw, star.id, actor=current_actor(), now=clock.now())
    except Refused as refused:
        return _page(status=409, reasons=refused.reasons)
    flash(_("已经撤销，记录留着。"), "success")
    return changed(url_for("honours.stars"))
