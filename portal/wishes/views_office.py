"""The campaign office's page of wishes: figures by station, and the wishes behind them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue

from portal.core import clock, filters
from portal.core.access import Role, allowed, current_actor
from portal.core.i18n import gettext as _
from portal.core.tables import page_number
from portal.core.web import page
from portal.org import queries as org
from portal.org.models import Station
from portal.wishes import policy, words
from portal.wishes import queries_office as office
from portal.wishes.blueprint import bp

SPAN = timedelta(days=365)
_ROLES = (Role.CAMPAIGN_OFFICER, Role.ADMINISTRATOR, Role.AUDITOR)


@bp.get("/office/wishes")
@allowed(policy.sees_wishes_of_district)
def office_wishes() -> ResponseReturnValue:
    """How wishes stand below a station, one line for each directly under it."""
    actor, now, today = current_actor(), clock.now(), clock.today()
    seen = actor.stations(*_ROLES)
    top = _top(seen)
    below = [row for row in org.children_of(top.id) if row.id in seen]
    standings = office.standings([row.id for row in (top, *below)], now - SPAN, now, today)
    asked = request.args.get("show", "")
    shown = asked if asked in {office.BROKEN, office.RAISED} else office.UNCLAIMED
    found = office.behind(shown, _ids_below(top, seen), today, page_number())
    promised = office.promised([row.id for row in found.rows])
    return page(
        "wishes/office.html",
        top=top,
        path=[row for row in org.path_of(top.id)[:-1] if row.id in seen],
        lines=[(row, standings[row.id]) for row in (*below, top)],
        goes_down={row.parent_id for row in org.all_stations()},
        found=found,
        cards=[_card(row, promised, now) for row in found.rows],
        shown=shown,
        chips=_chips(top, shown),
    )


def _top(seen: frozenset[int]) -> Station:
    """Return the asked station, or the highest the actor sees. Another one's is not found."""
    asked = request.args.get("station", "")
    if asked:
        row = org.station_by_id(asked)
        if row is None or row.id not in seen:
            abort(404)
        return row
    return next(row for row in org.all_stations() if row.id in seen)


def _ids_below(top: Station, seen: frozenset[int]) -> list[int]:
    return sorted(set(org.ids_below(top.id)) & seen)


def _card(row: Any, promised: dict[int, Any], now: Any) -> dict[str, Any]:
    day = promised.get(row.id)
    return {
        "card": words.card(row),
        "number": row.number,
        "days": (now - row.published_at).days,
        "promised": filters.day(day) if day else "",
        "raised": row.raised_at is not None,
    }


def _chips(top: Station, shown: str) -> list[dict[str, Any]]:
    named = (
        (office.UNCLAIMED, _("等待认领")),
        (office.BROKEN, _("过了答应的日期")),
        (office.RAISED, _("已经交到上面")),
    )
    return [
        {
            "text": text,
            "href": f"/office/wishes?station={top.public_id}&show={value}",
            "current": value == shown,
        }
        for value, text in named
    ]
