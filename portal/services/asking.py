"""What a reader asks of the menu, from the address; what cannot be used is said in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.core.forms import clean
from portal.core.grams import LONGEST_QUERY
from portal.core.i18n import gettext as _
from portal.org import queries as org
from portal.services import queries_menu
from portal.services.queries_menu import Filter

NAMES = ("station", "category", "home", "q")


@dataclass(slots=True)
class Asked:
    """The filter, its words as they stood in the address, and what was ignored."""

    filter: Filter
    values: Mapping[str, str]
    ignored: list[str] = field(default_factory=list)

    @property
    def chosen(self) -> int:
        """How many filters are set, for the closed filter box."""
        return sum(bool(self.values[name]) for name in ("station", "category", "home"))


def read(args: Mapping[str, str]) -> Asked:
    """Return what is asked; unknown values are ignored and named."""
    values = {name: args.get(name, "") for name in NAMES}
    ignored = []
    station = org.station_by_id(values["station"]) if values["station"] else None
    if values["station"] and station is None:
        ignored.append(_("没有这个站点，已显示全部站点。"))
    category = queries_menu.category(values["category"]) if values["category"] else None
    if values["category"] and category is None:
        ignored.append(_("没有这个类别，已显示全部类别。"))
    wanted = Filter(
        station_ids=org.subtree(station.id) if station else None,
        category_ids=queries_menu.below(category.id) if category else None,
        at_home=values["home"] == "1",
        words=(clean(values["q"]) or "")[:LONGEST_QUERY],
    )
    return Asked(wanted, values, ignored)
