"""The desk welcomes who reports to its community: people who offered help, whoever they are."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Role, allowed, current_actor
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.tables import page_number
from portal.core.web import changed, page
from portal.membership import actions_reports, policy, rules, standing, words
from portal.membership import queries_members as members
from portal.membership.blueprint import bp
from portal.membership.models import CommunityTie

_one = allowed(policy.welcomes_helper, helper=members.tie_by_id)


@bp.get("/desk/helpers")
@allowed(policy.welcomes)
def helpers() -> ResponseReturnValue:
    """List who agreed to be shown to the community, names masked."""
    return page("membership/helpers.html", **_shown())


def _shown(revealed: int = 0) -> dict[str, Any]:
    name = request.args.get("q", "").strip()[:40]
    own = current_actor().stations(Role.STATION_MANAGER)
    found, total = members.helpers(own, name, page_number())
    every = standing.targets().every
    period = rules.period_at(clock.today(), every)
    person_ids = [row.person_id for row in found.rows]
    return {
        "found": found,
        "total": total,
        "terms": members.terms_of(row.id for row in found.rows),
        "reported": members.reported_among(person_ids, period.first, period.last),
        "period_name": words.period_name(period, every),
        "revealed": revealed,
        "query": name,
    }


@bp.post("/desk/helpers/<helper>/report")
@_one
def report_for(helper: CommunityTie) -> ResponseReturnValue:
    """Write down that somebody came to report."""
    write(actions_reports.report_for, helper.id, actor=current_actor(), now=clock.now())
    flash(_("已经记下，本期报到了。"), "success")
    return changed(url_for("membership.helpers") + f"#helper-{helper.public_id}")


@bp.post("/desk/helpers/<helper>/reveal")
@_one
def reveal_helper(helper: CommunityTie) -> ResponseReturnValue:
    """Show name and phone in full; that it was done is written down."""
    write(actions_reports.note_reveal, helper.id, actor=current_actor(), now=clock.now())
    return page("membership/helpers.html", **_shown(helper.id))
