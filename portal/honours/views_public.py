"""The public list of honours. What names a person is there only with that person's consent."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue

from portal.core.access import public
from portal.core.copies import cached
from portal.core.tables import page_number
from portal.core.web import page
from portal.honours import queries, record, subjects
from portal.honours.blueprint import bp
from portal.honours.models import HONOURED_LABELS, Honoured
from portal.honours.queries import Filter
from portal.org import queries as org
from portal.org.models import Vocabulary


@bp.get("/honours")
@public
def index() -> ResponseReturnValue:
    """The honours of the district, the newest first, twenty a page."""
    return cached(_index)


def _index() -> Response:
    asked = {name: request.args.get(name, "") for name in ("kind", "station", "level", "year")}
    found = queries.listed(wanted(asked), page_number())
    return page(
        "honours/index.html",
        asked=asked,
        found=found,
        rows=record.honours(found.rows, subjects.names(found.rows)),
        **offered(),
    )


def wanted(asked: dict[str, str]) -> Filter:
    """Return the filter of what the address asks for; what is unknown is not asked for."""
    station = org.station_by_id(asked["station"]) if asked["station"] else None
    level = org.term(Vocabulary.HONOUR_LEVEL, asked["level"]) if asked["level"] else None
    year = asked["year"]
    return Filter(
        station_ids=org.subtree(station.id) if station else None,
        kind=Honoured(asked["kind"]) if asked["kind"] in set(Honoured) else None,
        level_id=level.id if level else None,
        year=int(year) if len(year) == 4 and year.isascii() and year.isdecimal() else None,
        is_public=True,
    )


def offered() -> dict[str, Any]:
    """Return what can be chosen."""
    return {
        "kinds": tuple((one.value, label, label) for one, label in HONOURED_LABELS.items()),
        "levels": org.choices_of(Vocabulary.HONOUR_LEVEL),
        "stations": org.station_choices(),
    }
