"""To whom an order can be sent: what stands in the list of the desk, and what was chosen of it."""

from __future__ import annotations

from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.org import queries as org
from portal.people import queries as people
from portal.services.actions_desk import Target
from portal.services.models_orders import Order
from portal.services.rules import TO_ALL

_TEAM, _UNIT = "team:", "unit:"


def listed(row: Order) -> list[tuple[str, str]]:
    """Return what can be chosen: who is fixed for the service, then what is near, then the rest."""
    service = row.service
    paired = {one.id for one in org.units_paired_with(row.station_id)}
    teams = sorted(
        people.teams(),
        key=lambda one: (one.id != service.team_id, one.station_id != row.station_id),
    )
    units = sorted(
        org.civilized_units(),
        key=lambda one: (
            one.id != service.unit_id, one.id not in paired, one.station_id != row.station_id
        ),
    )  # fmt: skip
    named = [(f"{_TEAM}{one.public_id}", _("队伍：%(name)s", name=one.name)) for one in teams]
    named += [(f"{_UNIT}{one.public_id}", _("单位：%(name)s", name=one.name)) for one in units]
    if service.unit_id is not None:
        named.sort(key=lambda pair: pair[0] != f"{_UNIT}{service.unit.public_id}")  # type: ignore[union-attr]
    if service.open_to_claim:
        named.insert(0, (TO_ALL, _("开放接单，志愿者自己来接")))
    return named


def fixed(row: Order) -> str:
    """Return what is chosen to begin with: who is fixed for the service."""
    service = row.service
    if service.team is not None:
        return f"{_TEAM}{service.team.public_id}"
    return f"{_UNIT}{service.unit.public_id}" if service.unit is not None else ""


def chosen(value: str) -> Target:
    """Return to whom the chosen entry sends. Raises Invalid(`target`) for one that is not there."""
    if value == TO_ALL:
        return Target()
    team = people.team_by_id(value.removeprefix(_TEAM)) if value.startswith(_TEAM) else None
    unit = None
    if value.startswith(_UNIT):
        unit = org.civilized_unit_by_id(value.removeprefix(_UNIT))
    if team is None and unit is None:
        raise Invalid("target", _("请从列表中选择一项"))
    return Target(team.id if team else None, unit.id if unit else None)
