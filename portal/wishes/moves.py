"""How wishes and pledges move: under locks, with step, audit and notice.

Locks: persons by id, then the wish, then its pledges.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.ref import Ref
from portal.core.steps import next_state
from portal.notices.actions import tell
from portal.records import audit, search, steps
from portal.wishes import rules
from portal.wishes.models import Filer, Wish, WishState
from portal.wishes.models_pledges import Pledge, PledgeState

# Moves of a wish that a verb on a pledge brings about; the log names that verb.
_BY_PLEDGE = frozenset({"pledge", "release", "fulfil"})


def lock(wish_id: int) -> Wish:
    """Lock the wish and read it afresh."""
    row = locked(Wish, wish_id)
    if row is None:  # pragma: no cover  rows are never deleted
        raise LookupError(wish_id)
    return row


def lock_pledge(pledge_id: int) -> tuple[Pledge, Wish]:
    """Lock the wish, then the pledge."""
    wish = lock(db.session.get_one(Pledge, pledge_id).wish_id)
    row = locked(Pledge, pledge_id)
    if row is None:  # pragma: no cover  rows are never deleted
        raise LookupError(pledge_id)
    return row, wish


def ref(row: Wish) -> Ref:
    """Return how steps, notes and notices name a wish."""
    return Ref("wish", row.id)


def pledge_ref(row: Pledge) -> Ref:
    """Return how steps and notes name a pledge."""
    return Ref("pledge", row.id)


def move(
    row: Wish, verb: str, *, actor: Actor, now: datetime, reason: str = "", **details: Any
) -> Wish:
    """Go one step. Raises Refused(`wrong_state`) when it is none."""
    before = WishState(row.state)
    row.state = next_state(rules.STEPS, before, verb)
    if row.state in rules.ENDS:
        row.closed_at = now
    record(row, before, verb, actor=actor, now=now, reason=reason, **details)
    if rules.is_public(before) and not rules.is_public(WishState(row.state)):
        search.drop(ref(row))
    return row


def record(
    row: Wish,
    before: str,
    verb: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    **details: Any,
) -> None:
    """Write down a move that was made."""
    steps.record(ref(row), before, verb, row.state, actor=actor, now=now, reason=reason)
    if verb not in _BY_PLEDGE:
        audit.record(
            f"wish.{verb}", ref(row), actor=actor, now=now, station_id=row.station_id, **details
        )


def move_pledge(
    row: Pledge, wish: Wish, verb: str, *, actor: Actor, now: datetime, reason: str = ""
) -> Pledge:
    """Go one step of a pledge. Raises Refused(`wrong_state`) when it is none."""
    before = PledgeState(row.state)
    row.state = next_state(rules.PLEDGE_STEPS, before, verb)
    row.ended_at = None if row.state == PledgeState.ACTIVE else now
    record_pledge(row, wish, before, verb, actor=actor, now=now, reason=reason)
    return row


def record_pledge(  # noqa: PLR0913  a move has these parts
    row: Pledge,
    wish: Wish,
    before: str,
    verb: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> None:
    """Write down a move of a pledge that was made; what a verb on the wish did is logged there."""
    steps.record(pledge_ref(row), before, verb, row.state, actor=actor, now=now, reason=reason)
    if verb != "reopen":
        audit.record(
            f"pledge.{verb}",
            pledge_ref(row),
            actor=actor,
            now=now,
            station_id=wish.station_id,
            person=row.person_id,
            wish=wish.id,
        )


def release(row: Wish, *, actor: Actor, now: datetime) -> None:
    """Put a part of the wish back on the wall."""
    row.taken -= 1
    row.wall_since = now
    if row.state == WishState.PLEDGED:
        move(row, "release", actor=actor, now=now)


def tell_wisher(row: Wish, kind: str, *, now: datetime) -> None:
    """Tell the wisher, or the relative who filed for them, if they have a record here."""
    by_relative = row.filed_by_id if row.filer == Filer.RELATIVE else None
    for person_id in {row.wisher_id, by_relative} - {None}:
        tell(person_id or 0, kind, ref(row), now=now)
