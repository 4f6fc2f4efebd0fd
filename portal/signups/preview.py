"""Whom a change of a shift concerns, before it is made; nothing is changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.core import filters
from portal.shifts import queries as shifts
from portal.shifts.models import Shift
from portal.signups import changes, queries_changes, rules, rules_changes, words
from portal.signups.models import Signup, SignupState
from portal.signups.rules_changes import Wanted


@dataclass(frozen=True, slots=True)
class OverShown:
    """A place with fewer seats than people; `names` are those who came last, masked."""

    label: str
    taken: int
    capacity: int
    names: str


@dataclass(frozen=True, slots=True)
class Preview:
    """Whom it concerns. Names are masked."""

    confirmed: int
    offered: int
    waiting: int
    elsewhere: int
    clashing: str
    clashes: int
    over: Sequence[OverShown]
    is_moved: bool
    is_nothing: bool
    may_ask: bool
    waits: bool


def preview(shift: Shift, wanted: Wanted, now: datetime) -> Preview:
    """Return whom the change would concern."""
    rows = queries_changes.live_rows(shift.id)
    states = [row.state for row in rows]
    clashing = queries_changes.clashing_rows(shift.id, wanted.starts_at, wanted.ends_at)
    clash_rows = [row for row in rows if row.id in clashing]
    over = _over(shift, rows, wanted)
    is_moved = changes.is_elsewhere(shift, wanted)
    starts_at = min(shift.starts_at, wanted.starts_at)
    is_other_place = wanted.place is not None and wanted.place != shift.offering.place
    return Preview(
        confirmed=states.count(SignupState.CONFIRMED),
        offered=states.count(SignupState.OFFERED),
        waiting=states.count(SignupState.WAITLISTED),
        elsewhere=len(queries_changes.concerned_elsewhere(shift.offering_id, shift.id, now))
        if is_other_place
        else 0,
        clashing=_names(clash_rows),
        clashes=len(clash_rows),
        over=over,
        is_moved=is_moved,
        is_nothing=not is_moved and _same_places(shift, wanted),
        may_ask=rules.queue_is_open(wanted.starts_at, now),
        waits=bool(rules_changes.wait_for(starts_at, now, tell_now=False)),
    )


def _same_places(shift: Shift, wanted: Wanted) -> bool:
    places = shifts.places(shift.id)
    return all(wanted.capacities.get(one.id, one.capacity) == one.capacity for one in places)


def _over(shift: Shift, rows: Sequence[Signup], wanted: Wanted) -> list[OverShown]:
    found = []
    for place in shifts.places(shift.id):
        capacity = wanted.capacities.get(place.id, place.capacity)
        if capacity < place.taken:
            own = [row for row in rows if row.place_id == place.id]
            out = rules_changes.pushed_out(own, capacity, place.taken)
            label = words.place_label(place)
            found.append(OverShown(label, place.taken, capacity, _names(out)))
    return found


def _names(rows: Sequence[Signup]) -> str:
    return "、".join(filters.masked_name(row.person.name) for row in rows[:20])
