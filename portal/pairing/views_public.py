"""The public overview of pairings: names of units and communities, no person."""

from __future__ import annotations

from flask import Response
from flask.typing import ResponseReturnValue

from portal.core.access import public
from portal.core.copies import cached
from portal.core.web import page
from portal.pairing import queries_public
from portal.pairing.blueprint import bp


@bp.get("/pairings")
@public
def index() -> ResponseReturnValue:
    """Which unit helps which community, and what they have done."""
    return cached(_index)


def _index() -> Response:
    rows = queries_public.all_helped()
    return page(
        "pairing/index.html",
        rows=rows,
        unit_count=len({unit for row in rows for unit in row.units}),
        done_count=sum(len(row.done) for row in rows),
    )
