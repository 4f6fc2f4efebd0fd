"""What becomes of the people on a shift that changes: kept, asked again, let go, or put back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import update

from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.shifts.models import Place, Shift
from portal.signups import moves, queries_changes, rules, rules_changes, waiting
from portal.signups.models import HOLDING, Signup, SignupState
from portal.signups.rules_changes import Over, People, Wanted
from portal.signups.waiting import Told


def treat(
    shift: Shift, rows: Sequence[Signup], wanted: Wanted, told: Told, *, actor: Actor, now: datetime
) -> dict[int, str]:
    """Keep the sign-ups, ask again or let go; return what each is told, by sign-up.

    Who would be at two places at once is asked again whatever was chosen: they alone can choose.
    """
    db.session.flush()
    is_open = rules.queue_is_open(shift.starts_at, now)
    until = waiting.deadline(shift, now + (told.wait or timedelta()))
    closing = max(shift.starts_at - rules.QUEUE_CLOSES_BEFORE, now)
    clashing = queries_changes.clashing_rows(shift.id, shift.starts_at, shift.ends_at)
    words = {}
    for row in rows:
        if row.offered_until:
            row.offered_until = min(row.offered_until, closing)
        asked = row.state == SignupState.CONFIRMED and (
            wanted.people == People.ASK or row.id in clashing
        )
        if wanted.people == People.LEAVE or (asked and not is_open):
            if (row.state, "release") in rules.STEPS:
                words[row.id] = "shift_released"
                _let_go(row, actor=actor, now=now)
        elif asked:
            words[row.id] = "shift_ask_again"
            row.offered_until = until
            moves.step(row, "ask_again", actor=actor, now=now)
    return words


def make_room(
    places: Sequence[Place],
    rows: Sequence[Signup],
    capacities: Mapping[str, int],
    over: Over | None,
    *,
    actor: Actor,
    now: datetime,
) -> dict[int, str]:
    """Give each place its capacity; return what those are told for whom there is none any more."""
    words: dict[int, str] = {}
    for place in places:
        db.session.refresh(place)
        capacity = capacities[str(place.id)]
        if capacity == place.capacity:
            continue
        own = [row for row in rows if row.place_id == place.id]
        out = rules_changes.pushed_out(own, capacity, place.taken)
        verb = "call_off" if over == Over.CALL_OFF else "put_back"
        for row in out:
            moves.step(row, verb, actor=actor, now=now)
            words[row.id] = "place_called_off" if verb == "call_off" else "put_back"
        if verb == "put_back" and out:
            _put_in_front(own, out)
        db.session.flush()
        _set_capacity(place, capacity, len(out))
    return words


# --- parts ---------------------------------------------------------------------------------------


def _let_go(row: Signup, *, actor: Actor, now: datetime) -> None:
    held = row.state in HOLDING
    moves.step(row, "release", actor=actor, now=now)
    db.session.flush()
    if held:
        moves.free_place(row.place_id)


def _put_in_front(own: Sequence[Signup], out: Sequence[Signup]) -> None:
    """Let who is put back wait before all others, in the order in which they came."""
    others = [row for row in own if row.state == SignupState.WAITLISTED and row not in out]
    behind = sorted(others, key=lambda row: (row.rank is None, row.rank or 0, row.id))
    for row in out:
        row.party_id = None
    for rank, row in enumerate([*reversed(out), *behind], start=1):
        row.rank = rank


def _set_capacity(place: Place, capacity: int, freed: int) -> None:
    """Set the capacity by one guarded statement. Raises Refused(`came_already`)."""
    fits = update(Place).where(Place.id == place.id, Place.taken - freed <= capacity)
    values = {"capacity": capacity, "taken": Place.taken - freed}
    done = db.session.execute(fits.values(values).returning(Place.id)).first()
    if done is None:
        raise Refused(Reason("came_already", _("已经到场的人比新的名额多，名额不能这么少。")))
    db.session.refresh(place)
