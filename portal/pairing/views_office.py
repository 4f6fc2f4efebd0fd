"""The office's pages: all pairings and what they came to, who is near whom, pairing and ending."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response, abort, current_app, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.tables import csv_bytes, page_number
from portal.core.web import changed, invalid, page
from portal.org import queries as org
from portal.org import queries_units
from portal.org.models import Level, Station
from portal.org.models_units import UNIT_KIND_LABELS, Pairing, UnitKind
from portal.pairing import actions, policy, queries, rules, words
from portal.pairing import queries_office as office
from portal.pairing.blueprint import bp
from portal.pairing.forms import EndForm
from portal.pairing.models import PROJECT_STATE_LABELS, ProjectState
from portal.pairing.policy import Held
from portal.pairing.queries_office import Filter, Tally
from portal.pairing.rules import NEARNESS_LABELS, Suggestion
from portal.records import settings

# How many of the nearest are offered; who is not among them is found by words.
SHOWN = 20
_NAMES = ("station", "kind", "q", "state", "by")


def _own() -> frozenset[int]:
    return current_actor().stations(*policy.OFFICE_ROLES)


def _asked() -> tuple[dict[str, str], Filter]:
    asked = {name: request.args.get(name, "") for name in _NAMES}
    within = org.station_by_id(asked["station"]) if asked["station"] else None
    return asked, Filter(
        _own(),
        within_id=within.id if within else None,
        kind=UnitKind(asked["kind"]) if asked["kind"] in set(UnitKind) else None,
        words=asked["q"].strip()[:40],
        ended=asked["state"] == "ended",
        by_unit=asked["by"] == "unit",
    )


@bp.get("/office/pairings")
@allowed(policy.pairs_somewhere)
def office_index() -> ResponseReturnValue:
    """List the pairings by community or by unit, below what all of them came to."""
    asked, wanted = _asked()
    now = clock.now()
    found = office.listed(wanted, page_number())
    return page(
        "pairing/office_index.html",
        found=found,
        asked=asked,
        chosen=sum(bool(asked[name]) for name in ("station", "kind")),
        tallies=office.tallies([row.id for row in found.rows], now),
        summary=office.summary(_own(), now),
        labels=PROJECT_STATE_LABELS,
        kinds=UNIT_KIND_LABELS,
        places=queries_units.places(_own()),
        chips=_chips(asked),
        download=f"/office/pairings.csv?{urlencode(asked)}",
    )


def _chips(asked: dict[str, str]) -> list[dict[str, Any]]:
    ways = (
        (_("按社区"), {"by": "", "state": ""}),
        (_("按单位"), {"by": "unit", "state": ""}),
        (_("已结束"), {"by": "", "state": "ended"}),
    )
    return [
        {
            "text": text,
            "href": f"/office/pairings?{urlencode({**asked, **way})}",
            "current": way == {name: asked[name] for name in way},
        }
        for text, way in ways
    ]


@bp.get("/office/pairings.csv")
@allowed(policy.pairs_somewhere)
def table_csv() -> ResponseReturnValue:
    """Hand the list out as a table: names of units and communities and numbers, no person."""
    _asked_for, wanted = _asked()
    rows = office.everything(wanted)
    tallies = office.tallies([row.id for row in rows], clock.now())
    header = [
        _("社区"), _("单位"), _("类别"), _("结对日期"), _("结束日期"), _("未对接的需求"),
        _("未对接的资源"), *map(str, PROJECT_STATE_LABELS.values()),
        _("共建活动"), _("场次"), _("人次"),
    ]  # fmt: skip
    response: Response = current_app.response_class(
        csv_bytes(header, [_cells(row, tallies[row.id]) for row in rows]),
        content_type="text/csv; charset=utf-8",
    )
    response.headers["Content-Disposition"] = 'attachment; filename="pairings.csv"'
    return response


def _cells(row: Pairing, tally: Tally) -> Sequence[object]:
    return (
        words.community_of(row),
        row.unit.name,
        UNIT_KIND_LABELS[UnitKind(row.unit.kind)],
        row.since_on.isoformat(),
        row.ended_on.isoformat() if row.ended_on else "",
        tally.needs,
        tally.resources,
        *(tally.projects.get(state, 0) for state in ProjectState),
        tally.activities,
        tally.sessions,
        tally.attendances,
    )


# --- near and convenient -------------------------------------------------------------------------


@bp.get("/office/pairings/new")
@allowed(policy.pairs_somewhere)
def suggest() -> ResponseReturnValue:
    """Suggest who is near: units for a community, communities for a unit; else who has too few."""
    station = org.station_by_id(request.args.get("station", ""))
    unit = org.civilized_unit_by_id(request.args.get("unit", ""))
    if station is not None and station.id in _own() and station.level == Level.STATION:
        found = rules.ranked(office.spots()[station.id], office.units_for(station))
        have = len(org.units_paired_with(station.id))
        return _suggestions(station.name, have, found, {"station": station.public_id}, "unit")
    if unit is not None:
        spot = office.spots().get(unit.station_id or 0, rules.Spot())
        found = rules.ranked(spot, office.communities_for(unit, _own()))
        have = queries_units.live_pairings(unit.id)
        return _suggestions(unit.name, have, found, {"unit": unit.public_id}, "station")
    if station is not None or request.args:
        abort(404)
    enough = settings.get("pairing_enough_units")
    return page(
        "pairing/suggest.html",
        enough=enough,
        communities=office.communities_short(_own(), enough),
        units=office.units_without(_own()),
        kinds=UNIT_KIND_LABELS,
    )


def _suggestions(
    name: str, have: int, found: list[Suggestion], fixed: dict[str, str], offered: str
) -> ResponseReturnValue:
    q = request.args.get("q", "").strip()[:40]
    named = [one for one in found if q.lower() in one.candidate.name.lower()]
    return page(
        "pairing/suggestions.html",
        name=name,
        have=have,
        rows=named[:SHOWN],
        rest=len(named) - len(named[:SHOWN]),
        fixed=fixed,
        offered=offered,
        reasons=NEARNESS_LABELS,
        q=q,
    )


@bp.post("/office/stations/<station>/pairings")
@allowed(policy.may_pair, station=org.station_by_id)
def pair(station: Station) -> ResponseReturnValue:
    """Pair the community with a unit."""
    unit = org.civilized_unit_by_id(request.form.get("unit", ""))
    if unit is None:
        abort(404)
    write(actions.pair, unit.id, station.id, actor=current_actor(), now=clock.now())
    told = _("%(unit)s与%(station)s结对了。", unit=unit.name, station=station.name)
    if not queries.liaisons_of(unit.id):
        told += _("这个单位还没有联络员，请管理员指定。")
    flash(told, "success")
    return changed(url_for("pairing.office_index"))


@bp.route("/office/pairings/<pairing>/ending", methods=["GET", "POST"])
@allowed(policy.may_end, pairing=queries.held_by_id)
def end(pairing: Held) -> ResponseReturnValue:
    """End a pairing, after asking why."""
    form = EndForm()
    values: dict[str, Any] = {
        "form": form,
        "row": pairing.row,
        "community": words.community_of(pairing.row),
    }
    if request.method == "GET":
        return page("pairing/end.html", **values)
    if not form.validate():
        return invalid("pairing/end.html", **values)
    actor, now = current_actor(), clock.now()
    write(actions.end, pairing.row.id, form.reason.data, actor=actor, now=now)
    flash(_("结对已经结束。以前的清单和项目都在。"), "success")
    return changed(url_for("pairing.office_index"))
