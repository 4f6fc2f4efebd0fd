"""Copying a week at the desk: what was on, with boxes to tick, a week later."""

from __future__ import annotations

from datetime import date, timedelta

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.activities import actions_week, policy
from portal.activities.blueprint import bp
from portal.core import clock
from portal.core.access import Role, allowed, current_actor
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.web import changed, page
from portal.org import queries as org
from portal.org.models import Station
from portal.people import queries as people


@bp.route("/desk/copy-week", methods=["GET", "POST"])
@allowed(policy.keeps_desk)
def copy_week() -> ResponseReturnValue:
    """Show a station's week and make what is ticked again, a week later."""
    own = _own_stations()
    asked = request.values.get("station", "")
    station = next((row for row in own if row.public_id == asked), None)
    if station is None and (asked or not own):
        abort(404)
    station = station or own[0]
    monday = _monday()
    rows = actions_week.propose(station.id, monday, now=clock.now())
    if request.method == "POST":
        return _copy(rows, station, monday)
    this_monday = clock.today() - timedelta(days=clock.today().weekday())
    return page(
        "activities/copy_week.html",
        rows=rows,
        station=station,
        stations=own,
        monday=monday,
        last_monday=this_monday - timedelta(days=7),
        this_monday=this_monday,
        later=monday + timedelta(days=7),
    )


def _copy(rows: list[actions_week.Copied], station: Station, monday: date) -> ResponseReturnValue:
    ticked = set(request.form.getlist("shift"))
    chosen = [one.shift.id for one in rows if one.shift.public_id in ticked and one.may_be]
    made = write(actions_week.copy, chosen, actor=current_actor(), now=clock.now())
    if made:
        flash(_("排好了 %(n)d 场。", n=made), "success")
    else:
        flash(_("没有新排的：没有勾选，或者已经有了。"), "warning")
    to = url_for("activities.copy_week", station=station.public_id, week=monday.isoformat())
    return changed(to)


def _monday() -> date:
    """Return the Monday that is asked for, else that of last week."""
    try:
        day = date.fromisoformat(request.values.get("week", ""))
    except ValueError:
        day = clock.today() - timedelta(days=7)
    if not timedelta(days=-60) <= day - clock.today() <= timedelta(days=60):
        day = clock.today() - timedelta(days=7)
    return day - timedelta(days=day.weekday())


def _own_stations() -> list[Station]:
    """Return the actor's stations, those granted themselves first."""
    actor = current_actor()
    ids = actor.stations(Role.STATION_MANAGER, Role.ADMINISTRATOR)
    mine = people.stations_of_role(actor.person_id or 0, Role.STATION_MANAGER)
    granted = {row.id for row in mine}
    rows = [row for row in org.all_stations() if row.id in ids]
    return sorted(rows, key=lambda row: row.id not in granted)
