"""Stalls of a date of a series, and of those that follow it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete

from portal.activities.actions_series import Scope, hold, note
from portal.core.access import Actor
from portal.core.db import db
from portal.shifts import queries as shifts
from portal.shifts import queries_series
from portal.shifts.actions import NewPlace
from portal.shifts.models import Place
from portal.shifts.models_series import Series, SeriesPlace
from portal.signups import stalls

Wanted = list[tuple[int | None, NewPlace]]


def set_places(shift_id: int, wanted: Wanted, scope: Scope, *, actor: Actor, now: datetime) -> int:
    """Let a shift have these places, and perhaps the later dates of its series; return how many did.

    Later dates that were changed alone stay as they are; so does, on each, a place that people hold.
    Raises Invalid(`places`) with the sentence.
    """
    one = queries_series.of_shift(shift_id)
    if one is None or scope == Scope.ONE:
        if one:
            hold(one.series_id)
            one.is_own = True
        stalls.set_places(shift_id, wanted, actor=actor, now=now)
        return 1
    row = hold(one.series_id)
    was = {place.id: _key(place) for place in shifts.places(shift_id)}
    later = [
        other.shift_id
        for other in queries_series.coming_dates(row.id, now)
        if other.original_on >= one.original_on and not other.is_own and other is not one
    ]
    stalls.set_places(shift_id, wanted, actor=actor, now=now)
    for other_id in sorted(later):
        there = {_key(place): place.id for place in shifts.places(other_id)}
        same = _same(wanted, was, there)
        stalls.set_places(other_id, same, actor=actor, now=now, follows=True)
    _put_places(row, [place for _id, place in wanted])
    note("series.change", row, actor=actor, now=now, changed=len(later) + 1)
    return len(later) + 1


# --- parts ---------------------------------------------------------------------------------------

_Key = tuple[str, str]


def _key(place: Place | NewPlace) -> _Key:
    return str(place.role), place.label


def _same(wanted: Wanted, was: dict[int, _Key], there: dict[_Key, int]) -> Wanted:
    """Return what is wanted in terms of another date: the place so called, else the one renamed."""
    free, found = dict(there), {}
    for _id, place in wanted:
        if _key(place) in free:
            found[_key(place)] = free.pop(_key(place))
    for place_id, place in wanted:
        before = was.get(place_id or 0, ("", ""))
        if _key(place) not in found and before in free:
            found[_key(place)] = free.pop(before)
    return [(found.get(_key(place)), place) for _id, place in wanted]


def _put_places(row: Series, wanted: Sequence[NewPlace]) -> None:
    """Let each new date of the series get these places."""
    db.session.execute(delete(SeriesPlace).where(SeriesPlace.series_id == row.id))
    db.session.add_all(SeriesPlace(series_id=row.id, **one._asdict()) for one in wanted)
    db.session.flush()
