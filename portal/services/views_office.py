"""The office's page of orders: counts, how long they take, ratings, and the orders behind them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.core.tables import page_number
from portal.core.web import page
from portal.org import queries as org
from portal.org.models import Station
from portal.services import policy, queries, queries_office, words
from portal.services.blueprint import bp
from portal.services.models_orders import ORDER_STATE_LABELS, OrderState

_SPANS = (30, 90, 365)
_STARS = {5: _l("很满意"), 4: _l("满意"), 3: _l("一般"), 2: _l("不太满意"), 1: _l("不满意")}


@bp.get("/office/orders")
@allowed(policy.is_office)
def office() -> ResponseReturnValue:
    """Counts by state and station, the time steps take, ratings; drill down to the orders."""
    readable = current_actor().stations(*policy.OFFICE)
    asked = request.args.get("station", "")
    station = org.station_by_id(asked) if asked else None
    if asked and (station is None or station.id not in readable):
        abort(404)
    days = next((one for one in _SPANS if str(one) == request.args.get("days")), _SPANS[0])
    since = clock.now() - timedelta(days=days)
    where: Any = org.subtree(station.id) if station else readable
    states = queries_office.by_state(where, since)
    stars = queries_office.ratings(where, since)
    times = queries_office.medians(where, since)
    return page(
        "services/office.html",
        station=station,
        days=days,
        chips=_chips(station, days),
        states=[
            (label, states.get(state, 0), _behind(station, days=days, state=state))
            for state, label in ORDER_STATE_LABELS.items()
        ],
        stations=queries_office.by_station(readable, since),
        times=[
            (_("点单到审单"), _duration(times.review)),
            (_("派单到接单"), _duration(times.answer)),
            (_("点单到办好"), _duration(times.done)),
        ],
        stars=[(_STARS[number], count) for number, count in stars.items()],
        rated=sum(stars.values()),
        overdue=_behind(station, days=days, late=1),
        untouched=_behind(station, days=days, state=OrderState.FILED),
        **_listed(where, since),
    )


def _chips(station: Station | None, days: int) -> list[dict[str, Any]]:
    kept: dict[str, Any] = {"station": station.public_id} if station else {}
    return [
        {
            "text": _("最近 %(n)d 天", n=one),
            "href": url_for("services.office", days=one, **kept),
            "current": one == days,
        }
        for one in _SPANS
    ]


def _behind(station: Station | None, **asked: Any) -> str:
    kept: dict[str, Any] = {"station": station.public_id} if station else {}
    return url_for("services.office", **kept, **asked) + "#orders"


def _listed(where: Any, since: datetime) -> dict[str, Any]:
    """Return the orders behind a number; all of the span when none was asked for."""
    asked = request.args.get("state", "")
    state = OrderState(asked) if asked in set(OrderState) else None
    late = request.args.get("late") == "1"
    wanted = queries.Filter(where, state, overdue=late, since=None if late else since)
    today = clock.today()
    found = queries.listed(wanted, page_number(), today)
    title = _("超期的点单") if late else ORDER_STATE_LABELS[state] if state else _("全部点单")
    return {
        "found": found,
        "lines": [words.line(row, today) for row in found.rows],
        "list_title": title,
    }


def _duration(hours: float | None) -> str:
    """Return hours, or days where it is long."""
    if hours is None:
        return _("还没有")
    if hours >= 48:
        return _("%(n)s 天", n=f"{hours / 24:.1f}")
    return _("%(n)s 小时", n=f"{hours:.1f}")
