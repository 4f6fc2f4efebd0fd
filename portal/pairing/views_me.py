"""A liaison's own unit: whom it is paired with, and what waits in each."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed
from portal.core.web import page
from portal.org.models_units import UNIT_KIND_LABELS, UnitKind
from portal.pairing import policy, queries, queries_office
from portal.pairing.blueprint import bp
from portal.pairing.policy import Spoken


@bp.get("/me/units/<unit>")
@allowed(policy.speaks_for_unit, unit=queries.spoken_by_id)
def my_unit(unit: Spoken) -> ResponseReturnValue:
    """Show the unit's pairings, the present ones first."""
    rows = queries.pairings_of(unit.unit.id)
    return page(
        "pairing/my_unit.html",
        unit=unit.unit,
        kind=UNIT_KIND_LABELS[UnitKind(unit.unit.kind)],
        rows=[row for row in rows if row.ended_on is None],
        before=[row for row in rows if row.ended_on is not None],
        tallies=queries_office.tallies([row.id for row in rows], clock.now()),
    )
