"""The list of what somebody can take: the filter from the address, ready words, the button of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from flask import request

from portal.core import filters
from portal.core.access import Actor
from portal.core.errors import Reason
from portal.core.i18n import gettext as _
from portal.core.tables import PAGE_SIZE, Page, page_number
from portal.org import queries as org
from portal.people.models import Person
from portal.shifts.models import PLACE_ROLE_LABELS, PlaceRole
from portal.signups import takable
from portal.signups.panel import places_left
from portal.signups.takable import Filter, Offered

SPANS = (7, 14, 31)
# So many of each group are shown below the list; the reason says what opens the rest.
ALMOST_SHOWN = 3


class Seat(NamedTuple):
    """The form that takes a place: its address and hidden fields."""

    action: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One place in words, with its button, if the reader may press one."""

    id: str
    title: str
    href: str
    when: str
    where: str
    role: str
    left: str
    tone: str
    seat: Seat | None = None


@dataclass(frozen=True, slots=True)
class Almost:
    """What one thing stands against: the thing, some places, and how many more."""

    reason: Reason
    rows: Sequence[Row]
    more: int


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter, its words as they stood in the address, and what was ignored."""

    filter: Filter
    values: Mapping[str, str]
    ignored: Sequence[str] = field(default_factory=tuple)

    @property
    def chosen(self) -> int:
        """How many filters are set."""
        return sum(bool(self.values[name]) for name in ("station", "role"))


class About(NamedTuple):
    """Whose list it is, and what button each place has.

    A team sends volunteers, and is not told why somebody cannot.
    """

    person: Person
    seat: Callable[[Offered], Seat | None]
    team_id: int | None = None


def ready(about: About, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return what the page shows."""
    asked = _read(request.args, PlaceRole.VOLUNTEER if about.team_id else None)
    person_id = about.person.id
    found = takable.takable(person_id, asked.filter, team_id=about.team_id, actor=actor, now=now)
    number = min(page_number(), -(-len(found.now) // PAGE_SIZE) or 1)
    shown = found.now[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    almost = [
        Almost(
            _for_all(reason, about, actor),
            [_row(row) for row in rows[:ALMOST_SHOWN]],
            len(rows) - ALMOST_SHOWN,
        )
        for reason, rows in (found.almost if about.team_id is None else ())
    ]
    return {
        "person": about.person,
        "asked": asked,
        "found": Page([_row(row, about.seat(row)) for row in shown], number, len(found.now)),
        "almost": almost,
        "chips": _chips(asked),
        "here": request.path,
        "stations": org.station_choices(),
        "roles": PLACE_ROLE_LABELS,
    }


def _for_all(reason: Reason, about: About, actor: Actor) -> Reason:
    """Return the reason of a group: shifts that clash do so with one shift or another."""
    if reason.code != "clash":
        return reason
    if about.person.id == actor.person_id:
        message = _("这些和您已经报的场次时间冲突。想去的，先取消冲突的那一场。")
    else:
        message = _("这些和本人已经报的场次时间冲突。想去的，先取消冲突的那一场。")
    return replace(reason, message=message)


def _read(args: Mapping[str, str], only: PlaceRole | None) -> Asked:
    values = {name: args.get(name, "") for name in ("days", "station", "role", "person")}
    ignored = []
    days = int(values["days"]) if values["days"] in {str(one) for one in SPANS} else SPANS[1]
    station = org.station_by_id(values["station"]) if values["station"] else None
    if values["station"] and station is None:
        ignored.append(_("没有这个站点，已显示全部站点。"))
    role = PlaceRole(values["role"]) if values["role"] in set(PLACE_ROLE_LABELS) else None
    if values["role"] and role is None:
        ignored.append(_("没有这种名额，已显示全部。"))
    asked = Filter(days, station.id if station else None, only or role)
    return Asked(asked, {**values, "days": str(days)}, ignored)


def _chips(asked: Asked) -> list[dict[str, Any]]:
    labels = dict(zip(SPANS, (_("一周内"), _("两周内"), _("一个月内")), strict=True))
    rest = "".join(
        f"&{name}={value}" for name, value in asked.values.items() if value and name != "days"
    )
    return [
        {
            "text": label,
            "href": f"{request.path}?days={days}{rest}",
            "current": asked.filter.days == days,
        }
        for days, label in labels.items()
    ]


def _row(row: Offered, seat: Seat | None = None) -> Row:
    left, tone = places_left(row.capacity, row.taken, 0)
    place = f"{row.place} · " if row.place else ""
    return Row(
        id=f"{row.shift.public_id}-{row.role}",
        title=row.title,
        href=f"{row.shift.offering_path}#shift-{row.shift.public_id}",
        when=filters.when(row.shift.starts_at, row.shift.ends_at),
        where=f"{place}{row.community or row.station}",
        role=str(PLACE_ROLE_LABELS[PlaceRole(row.role)]),
        left=left,
        tone=tone,
        seat=seat,
    )
