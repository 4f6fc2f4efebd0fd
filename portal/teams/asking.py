"""What a reader asks of the list of teams; what cannot be used is said in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.core.forms import clean
from portal.core.grams import LONGEST_QUERY
from portal.core.i18n import gettext as _
from portal.org import queries as org
from portal.org.models import Vocabulary
from portal.teams.queries import Filter

NAMES = ("station", "kind", "q")


@dataclass(slots=True)
class Asked:
    """The filter, its words as they stood in the address, and what was ignored."""

    filter: Filter
    values: Mapping[str, str]
    ignored: list[str] = field(default_factory=list)

    @property
    def chosen(self) -> int:
        """How many filters are set, for the closed filter box."""
        return sum(bool(self.values[name]) for name in ("station", "kind"))


def read(args: Mapping[str, str]) -> Asked:
    """Return what is asked; unknown values are ignored and named."""
    values = {name: args.get(name, "") for name in NAMES}
    ignored = []
    station = org.station_by_id(values["station"]) if values["station"] else None
    if values["station"] and station is None:
        ignored.append(_("没有这个站点，已显示全部站点。"))
    kind = org.term(Vocabulary.TEAM_KIND, values["kind"]) if values["kind"] else None
    if values["kind"] and kind is None:
        ignored.append(_("没有这个类别，已显示全部类别。"))
    wanted = Filter(
        station_ids=org.subtree(station.id) if station else None,
        kind_id=kind.id if kind else None,
        words=(clean(values["q"]) or "")[:LONGEST_QUERY],
    )
    return Asked(wanted, values, ignored)
