"""What a reader asks of the list, from the address; what cannot be used is said in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import urlencode

from portal.activities.queries import Filter
from portal.core import clock
from portal.core.forms import clean
from portal.core.grams import LONGEST_QUERY
from portal.core.i18n import gettext as _
from portal.org import queries as org
from portal.org.models import Station, Vocabulary
from portal.shifts.models import PLACE_ROLE_LABELS, PlaceRole


@dataclass(slots=True)
class Asked:
    """The filter, its words as they stood in the address, and what was ignored."""

    filter: Filter
    values: Mapping[str, str]
    ignored: list[str] = field(default_factory=list)

    @property
    def chosen(self) -> int:
        """How many filters are set, for the closed filter box."""
        return sum(bool(self.values[name]) for name in ("station", "kind", "role", "free"))


def read(args: Mapping[str, str]) -> Asked:
    """Return what is asked; unknown values are ignored and named."""
    reader = _Reader(args)
    asked = Filter(
        station_id=reader.station(),
        kind_id=reader.kind(),
        from_on=reader.day("from"),
        to_on=reader.day("to"),
        query=(clean(args.get("q")) or "")[:LONGEST_QUERY],
        role=reader.role(),
        only_free=args.get("free") == "1",
    )
    names = ("station", "kind", "from", "to", "q", "role", "free")
    return Asked(asked, {name: args.get(name, "") for name in names}, reader.ignored)


class _Reader:
    def __init__(self, args: Mapping[str, str]) -> None:
        self.args = args
        self.ignored: list[str] = []

    def station(self) -> int | None:
        asked = self.args.get("station")
        row = org.station_by_id(asked) if asked else None
        if asked and row is None:
            self.ignored.append(_("没有这个站点，已显示全部站点。"))
        return row.id if row else None

    def kind(self) -> int | None:
        asked = self.args.get("kind")
        row = org.term(Vocabulary.ACTIVITY_KIND, asked) if asked else None
        if asked and row is None:
            self.ignored.append(_("没有这个类别，已显示全部类别。"))
        return row.id if row else None

    def role(self) -> PlaceRole | None:
        asked = self.args.get("role")
        if asked in set(PLACE_ROLE_LABELS):
            return PlaceRole(asked)
        if asked:
            self.ignored.append(_("没有这种名额，已显示全部。"))
        return None

    def day(self, name: str) -> date | None:
        asked = self.args.get(name)
        if not asked:
            return None
        try:
            found = date.fromisoformat(asked)
        except ValueError:
            found = date.min
        if date(2000, 1, 1) <= found <= date(2100, 1, 1):
            return found
        self.ignored.append(_("日期看不懂，已忽略。请写成 2026-05-01 这样。"))
        return None


@dataclass(frozen=True, slots=True)
class Chip:
    """One of the usual spans."""

    text: str
    href: str
    current: bool


def chips(values: Mapping[str, str], home: Station | None = None) -> list[Chip]:
    """Return the usual spans: all, today, this week, this weekend; and near home, if known."""
    today = clock.today()
    sunday = today + timedelta(days=6 - today.weekday())
    saturday = max(sunday - timedelta(days=1), today)
    spans = (
        (_("全部"), None, None),
        (_("今天"), today, today),
        (_("本周"), today, sunday),
        (_("周末"), saturday, sunday),
    )
    rest = {name: value for name, value in values.items() if value and name not in {"from", "to"}}
    found = [_chip(text, first, last, rest, values) for text, first, last in spans]
    if home:
        current = values["station"] == home.public_id
        found.append(Chip(_("我的社区"), f"/activities?station={home.public_id}", current))
    return found


def _chip(
    text: str,
    first: date | None,
    last: date | None,
    rest: Mapping[str, str],
    values: Mapping[str, str],
) -> Chip:
    span = {"from": first.isoformat(), "to": last.isoformat()} if first and last else {}
    current = (values["from"], values["to"]) == (span.get("from", ""), span.get("to", ""))
    query = urlencode({**span, **rest})
    return Chip(text, f"/activities?{query}" if query else "/activities", current)


def feed_address(values: Mapping[str, str]) -> str:
    """Return the address of the calendar feed that holds what the list shows."""
    query = urlencode({name: value for name, value in values.items() if value})
    return f"/cal/all.ics?{query}" if query else "/cal/all.ics"
