"""What a reader asks of the wall, from the address; what cannot be used is said in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from portal.core.forms import clean
from portal.core.grams import LONGEST_QUERY
from portal.core.i18n import gettext as _
from portal.org import queries as org
from portal.org.models import Station, Vocabulary
from portal.wishes.queries import Filter
from portal.wishes.rules import BANDS

NAMES = ("station", "kind", "amount", "waiting", "near", "free")
# For how many days a wish has waited at least.
AGES = ("7", "30")


@dataclass(slots=True)
class Asked:
    """The filter, its words as they stood in the address, and what was ignored."""

    filter: Filter
    values: Mapping[str, str]
    ignored: list[str] = field(default_factory=list)

    @property
    def kept(self) -> dict[str, str]:
        """What a new search keeps of the filters."""
        return {name: self.values[name] for name in NAMES}

    @property
    def chosen(self) -> int:
        """How many filters are set, for the closed filter box."""
        return sum(bool(self.values[name]) for name in NAMES)


def read(args: Mapping[str, str], now: datetime, home: Station | None = None) -> Asked:
    """Return what is asked; unknown values are ignored and named.

    `home`: the reader's own community, near which the list begins unless another one is asked for.
    """
    values = {name: args.get(name, "") for name in (*NAMES, "q")}
    ignored: list[str] = []
    station = _station(values["station"], ignored)
    near = _station(values["near"], ignored) if values["near"] else home
    kind = org.term(Vocabulary.WISH_KIND, values["kind"]) if values["kind"] else None
    if values["kind"] and kind is None:
        ignored.append(_("没有这个类别，已显示全部类别。"))
    amounts = {str(band): band for band in BANDS}
    if values["amount"] and values["amount"] not in amounts:
        ignored.append(_("没有这一档金额，已显示全部。"))
    if values["waiting"] and values["waiting"] not in AGES:
        ignored.append(_("等了多久只能选 7 天或者 30 天，已显示全部。"))
    days = int(values["waiting"]) if values["waiting"] in AGES else 0
    wanted = Filter(
        station_ids=org.subtree(station.id) if station else None,
        kind_id=kind.id if kind else None,
        only_free=values["free"] == "1",
        words=(clean(values["q"]) or "")[:LONGEST_QUERY],
        amount=amounts.get(values["amount"]),
        waiting_since=now - timedelta(days=days) if days else None,
        near_id=near.id if near else None,
    )
    return Asked(wanted, values, ignored)


def _station(public_id: str, ignored: list[str]) -> Station | None:
    row = org.station_by_id(public_id) if public_id else None
    if public_id and row is None:
        ignored.append(_("没有这个站点，已显示全部站点。"))
    return row
