"""The desk's list of pairings."""

from __future__ import annotations

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.i18n import gettext as _
from portal.core.tables import page_number
from portal.core.web import page
from portal.pairing import policy, queries_office
from portal.pairing.blueprint import bp
from portal.pairing.queries_office import Filter


@bp.get("/desk/pairings")
@allowed(policy.keeps_some_community)
def desk_index() -> ResponseReturnValue:
    """List the pairings of the own communities, each with what waits in it."""
    ended = request.args.get("state") == "ended"
    station_ids = current_actor().stations(*policy.DESK_ROLES, *policy.OFFICE_ROLES)
    found = queries_office.listed(Filter(station_ids, ended=ended), page_number())
    chips = [
        {"text": _("结对中"), "href": url_for("pairing.desk_index"), "current": not ended},
        {
            "text": _("已结束"),
            "href": url_for("pairing.desk_index", state="ended"),
            "current": ended,
        },
    ]
    return page(
        "pairing/desk_index.html",
        found=found,
        tallies=queries_office.tallies([row.id for row in found.rows], clock.now()),
        chips=chips,
        ended=ended,
        pairs=policy.pairs_somewhere(current_actor()),
    )
