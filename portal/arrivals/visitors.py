"""What the page of who walked in shows: for each, who on record it may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from portal.arrivals import kiosk, words
from portal.arrivals import queries_walk_ins as queries
from portal.arrivals.models_walk_ins import WALK_IN_STATE_LABELS, WalkIn, WalkInState
from portal.attendance.models import Way
from portal.core import filters
from portal.core.access import Actor, Role
from portal.core.i18n import gettext as _
from portal.people.models import Person
from portal.shifts.models import PLACE_ROLE_LABELS, PlaceRole, Shift

NEW = "new"
_TONES = {
    WalkInState.WAITING: "info",
    WalkInState.ADMITTED: "success",
    WalkInState.REFUSED: "neutral",
    WalkInState.LAPSED: "neutral",
}


class Candidate(NamedTuple):
    """Somebody on record whom it may be."""

    person_id: str
    text: str


class Chosen(NamedTuple):
    """Who it is: somebody on record, or (None) somebody new."""

    person_id: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """One walk-in in words."""

    walk_in_id: str
    name: str
    phone: str
    span: str
    way: str
    role: str
    role_value: str
    state: str
    tone: str
    waits: bool
    until: str
    candidates: Sequence[Candidate]
    chosen: str
    said: Sequence[str]


@dataclass(frozen=True, slots=True)
class Look:
    """The whole page."""

    lines: Sequence[Line]
    roles: Sequence[tuple[str, str]]
    waiting: int


def look(shift: Shift, actor: Actor, failed: tuple[str, list[str]]) -> Look:
    """Return what the page shows; `failed` is what to say beside one of them."""
    rows = queries.on_shift(shift.id)
    names = {row.name for row in rows if row.state == WalkInState.WAITING}
    people = queries.may_be(names) if names else []
    lines = [_line(row, people, actor, failed) for row in rows]
    roles = [(role.value, str(PLACE_ROLE_LABELS[role])) for role in kiosk.open_roles(shift)]
    return Look(lines, roles, sum(line.waits for line in lines))


def chosen(row: WalkIn, public_id: str, actor: Actor) -> Chosen | None:
    """Return who was chosen; None when it is nobody whom the page offered."""
    if public_id == NEW:
        return Chosen(None)
    people = queries.may_be({row.name})
    found = [one for one in people if one.public_id == public_id and _may_be(row, one, actor)]
    return Chosen(found[0].id) if found else None


def _line(
    row: WalkIn, people: Sequence[Person], actor: Actor, failed: tuple[str, list[str]]
) -> Line:
    state = WalkInState(row.state)
    candidates = [
        Candidate(one.public_id, _text(row, one)) for one in people if _may_be(row, one, actor)
    ]
    known = row.person.public_id if row.person else ""
    until = filters.hour(row.out_at) if row.out_at else "…"
    waits = state == WalkInState.WAITING
    own = failed[1] if failed[0] == row.public_id else []
    reason = words.held(row.reason)
    return Line(
        walk_in_id=row.public_id,
        name=_name(row),
        phone=filters.masked_phone(row.phone) if len(row.phone) > 4 else row.phone,
        span=f"{filters.hour(row.in_at)}-{until}",
        way=_way(Way(row.way)),
        role=str(PLACE_ROLE_LABELS[PlaceRole(row.role)]),
        role_value=row.role,
        state=str(WALK_IN_STATE_LABELS[state]),
        tone=_TONES[state],
        waits=waits,
        until=filters.day(row.settle_by_on) if waits else "",
        candidates=candidates,
        chosen=known or (candidates[0].person_id if len(candidates) == 1 else ""),
        said=own or ([reason] if reason and waits else []),
    )


def _name(row: WalkIn) -> str:
    """Return the name as it was given; of who is settled the one on record."""
    return row.name or (row.person.name if row.person else _("（已清除）"))


def _way(way: Way) -> str:
    if way == Way.PAPER:
        return _("纸质签到表")
    return _("自助签到") if way == Way.KIOSK else _("工作人员登记")


def _may_be(row: WalkIn, person: Person, actor: Actor) -> bool:
    """Whether staff may take somebody for this person: the number fits, or it is one of theirs."""
    if person.name != row.name:
        return False
    if person.id == row.person_id or (row.phone and (person.phone or "").endswith(row.phone)):
        return True
    stations = actor.stations(Role.STATION_MANAGER, Role.ADMINISTRATOR)
    return person.home_station_id is None or person.home_station_id in stations


def _text(row: WalkIn, person: Person) -> str:
    phone = filters.masked_phone(person.phone) or _("没有手机号")
    fits = bool(row.phone) and (person.phone or "").endswith(row.phone)
    return f"{person.name} {phone}" + (f" · {_('手机号对得上')}" if fits else "")
