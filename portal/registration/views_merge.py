"""The merge of two records of one person, side by side."""

from __future__ import annotations

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.web import changed, page
from portal.people import queries as people
from portal.people.models import VOLUNTEER_STATE_LABELS, Volunteer
from portal.registration import doubles, merge, policy, queries, words
from portal.registration.views import bp


@bp.route("/desk/volunteers/<volunteer>/merge", methods=["GET", "POST"])
@allowed(policy.may_decide, volunteer=queries.volunteer_by_id)
def desk_merge(volunteer: Volunteer) -> ResponseReturnValue:
    """Show possible duplicates beside the record, and merge the one that is confirmed."""
    actor = current_actor()
    found = doubles.doubles(volunteer)
    if request.method == "POST":
        asked = request.form.get("duplicate", "")
        chosen = next((one for one in found if one.person.public_id == asked), None)
        if chosen is None or not policy.may_keep(actor, chosen.station_id):
            abort(404)
        write(merge.merge, volunteer.id, chosen.person.id, actor=actor, now=clock.now())
        flash(_("两份档案已经合并。"), "success")
        return changed(url_for("registration.desk_show", volunteer=volunteer.public_id))
    return page(
        "registration/desk_merge.html",
        row=volunteer,
        has_account=people.account_of(volunteer.person_id) is not None,
        doubles=[(one, policy.may_keep(actor, one.station_id)) for one in found],
        labels=VOLUNTEER_STATE_LABELS,
        sameness=words.SAMENESS_WORDS,
    )
