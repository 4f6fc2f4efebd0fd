"""Changing a shift that people have signed up for: time, place, places, calling it off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select

from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.records import audit, notes
from portal.shifts import actions as shift_actions
from portal.shifts import queries as shifts
from portal.shifts.models import Place, Shift, ShiftState
from portal.signups import moves, queries_changes, rules, rules_changes, treating, waiting
from portal.signups.models import HOLDING, LIVE, QueueClosing, Signup
from portal.signups.models_changes import ChangeKind, ChangeRow, ShiftChange
from portal.signups.rules_changes import Over, People, Wanted
from portal.signups.waiting import Told

Snapshot = Mapping[int, dict[str, Any]]


def change(shift_id: int, wanted: Wanted, *, actor: Actor, now: datetime) -> ShiftChange | None:
    """Let a shift be what is wanted, and tell everybody concerned; None when it is so already.

    Raises Refused: `called_off`, `closed`, `queue_closed`, `too_near` (nobody can be asked again),
    `below_taken` (fewer places than people, and nobody said what becomes of them).
    """
    places = moves.lock_everybody(shift_id)
    shift = shift_actions.must_be_planned(shift_id, now)
    before = facts(shift, places)
    if not is_elsewhere(shift, wanted):  # nobody is asked again, or let go, for a place more
        wanted = replace(wanted, people=People.KEEP)
    after = _after(before, wanted, places)
    if before == after:
        return None
    _must_be_possible(wanted, places, now)
    starts_at = min(shift.starts_at, wanted.starts_at)
    row, told = _begin(
        ChangeKind.CHANGE, shift, after, wanted, starts_at, places, actor=actor, now=now
    )
    rows = queries_changes.live_rows(shift_id)
    taken_before = snapshot(rows)
    is_moved = _move(shift, wanted, actor=actor, now=now)
    words = treating.treat(shift, rows, wanted, told, actor=actor, now=now) if is_moved else {}
    words |= treating.make_room(
        places, rows, after["capacities"], wanted.over, actor=actor, now=now
    )
    if rules.queue_is_open(shift.starts_at, now):
        db.session.execute(delete(QueueClosing).where(QueueClosing.shift_id == shift_id))
        for place in places:
            waiting.offer_free(place.id, shift, actor=actor, now=now, told=told)
    _keep_rows(row, rows, taken_before)
    _tell_all(shift, starts_at, rows, words, told, wanted, now=now, is_moved=is_moved)
    return row


def move(
    shift_id: int, starts_at: datetime, ends_at: datetime, *, actor: Actor, now: datetime
) -> Shift:
    """Give a shift another span and tell everybody on it; the sign-ups stay.

    The queue follows: an offer never holds past its new closing, and one that is open again goes on.
    """
    change(shift_id, Wanted(starts_at, ends_at), actor=actor, now=now)
    return shifts.shift(shift_id)


def set_capacity(place_id: int, capacity: int, *, actor: Actor, now: datetime) -> Place:
    """Change the number of places; more places are offered to those who wait, in order."""
    place = shift_actions.set_capacity(place_id, capacity)
    db.session.flush()
    waiting.offer_free(place.id, shifts.shift(place.shift_id), actor=actor, now=now)
    return place


def call_off(
    shift_id: int,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
    tell_now: bool = False,
    kind: ChangeKind = ChangeKind.CALL_OFF,
) -> Shift:
    """Call a shift off, with everybody on it, and tell them. The one verb for every offering.

    Twice is harmless. Who came already stays as attended.
    """
    places = moves.lock_places(shift_id)
    shift = shifts.shift(shift_id)
    if shift.state == ShiftState.CALLED_OFF:
        return shift
    after = {**facts(shift, places), "state": ShiftState.CALLED_OFF.value}
    wanted = Wanted(shift.starts_at, shift.ends_at, tell_now=tell_now)
    row, told = _begin(kind, shift, after, wanted, shift.starts_at, places, actor=actor, now=now)
    shift_actions.call_off_shift(shift_id, reason, actor=actor, now=now)
    live = select(Signup).where(Signup.shift_id == shift_id, Signup.state.in_(LIVE))
    rows = db.session.scalars(live.order_by(Signup.id).with_for_update()).all()
    before = snapshot(rows)
    for one in rows:
        if (one.state, "call_off") in rules.STEPS:
            moves.step(one, "call_off", actor=actor, now=now)
            told.tell(one, "shift_called_off", now=now, starts=shift.starts_at.isoformat())
    counted = held(places)
    for place in places:
        place.taken = counted[place.id]
    _keep_rows(row, rows, before)
    return shift


def tell_of_place(offering_id: int, before: str, *, actor: Actor, now: datetime) -> None:
    """Tell everybody on the shifts to come that the offering moved from another place.

    An action of its own for who changes the offering; the next shift carries the change.
    """
    rows = queries_changes.concerned_elsewhere(offering_id, 0, now)
    if not rows:
        return
    shift = min((shifts.shift(one) for one in {row.shift_id for row in rows}), key=lambda s: s.id)
    places = moves.lock_places(shift.id)
    after = facts(shift, places)
    row = ShiftChange(
        shift_id=shift.id, kind=ChangeKind.CHANGE, before={**after, "place": before}, after=after,
        actor_id=actor.person_id, at=now, undo_until=now,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    for one in rows:
        starts_at = shifts.shift(one.shift_id).starts_at
        told = Told(row.id, rules_changes.wait_for(starts_at, now, tell_now=False))
        told.tell(one, "shift_moved", now=now, starts=starts_at.isoformat())


# --- what undoing shares -------------------------------------------------------------------------


def facts(shift: Shift, places: Sequence[Place]) -> dict[str, Any]:
    """Return what a change may change, as it is now."""
    return {
        "starts_at": shift.starts_at.isoformat(),
        "ends_at": shift.ends_at.isoformat(),
        "state": str(shift.state),
        "place": shift.offering.place,
        "capacities": {str(place.id): place.capacity for place in places},
    }


def snapshot(rows: Sequence[Signup]) -> Snapshot:
    """Return what sign-ups are now, by id."""
    return {
        row.id: {
            "state": str(row.state),
            "offered_until": row.offered_until.isoformat() if row.offered_until else None,
            "rank": row.rank,
            "party_id": row.party_id,
        }
        for row in rows
    }


def held(places: Sequence[Place]) -> Mapping[int, int]:
    """Return how many hold each of these places, by place."""
    db.session.flush()
    ids = [place.id for place in places]
    query = (
        select(Signup.place_id, func.count())
        .where(Signup.place_id.in_(ids), Signup.state.in_(HOLDING))
        .group_by(Signup.place_id)
    )
    found = dict(db.session.execute(query).tuples().all())
    return {one: found.get(one, 0) for one in ids}


# --- parts of changing ---------------------------------------------------------------------------


def _after(before: dict[str, Any], wanted: Wanted, places: Sequence[Place]) -> dict[str, Any]:
    capacities = {str(place.id): _capacity(place, wanted) for place in places}
    return {
        **before,
        "starts_at": wanted.starts_at.isoformat(),
        "ends_at": wanted.ends_at.isoformat(),
        "place": before["place"] if wanted.place is None else wanted.place,
        "capacities": capacities,
    }


def _capacity(place: Place, wanted: Wanted) -> int:
    """Return the capacity a place will have: where all are kept, not below those who are there."""
    capacity = wanted.capacities.get(place.id, place.capacity)
    keeps = wanted.over == Over.KEEP and wanted.people != People.LEAVE
    return max(capacity, place.taken) if keeps else capacity


def _must_be_possible(wanted: Wanted, places: Sequence[Place], now: datetime) -> None:
    reasons = []
    if wanted.people == People.ASK and not rules.queue_is_open(wanted.starts_at, now):
        message = _("离开始不到 2 小时，来不及请大家重新确认。可以选“报名都保留”。")
        reasons.append(Reason("too_near", message))
    is_queue_closed = not rules.queue_is_open(wanted.starts_at, now)
    if wanted.over == Over.QUEUE and is_queue_closed and is_below(places, wanted):
        message = _("离开始不到 2 小时，候补已经关了，不能排回候补。请选别的办法。")
        reasons.append(Reason("queue_closed", message))
    if wanted.over is None and wanted.people != People.LEAVE and is_below(places, wanted):
        message = _("名额比已经报名的人少。请先选这些人怎么办。")
        reasons.append(Reason("below_taken", message))
    if reasons:
        raise Refused(*reasons)


def is_elsewhere(shift: Shift, wanted: Wanted) -> bool:
    """Whether the shift is to be at another time or place."""
    is_other_place = wanted.place is not None and wanted.place != shift.offering.place
    return is_other_place or (shift.starts_at, shift.ends_at) != (wanted.starts_at, wanted.ends_at)


def is_below(places: Sequence[Place], wanted: Wanted) -> bool:
    """Whether more people hold places than there are to be."""
    return any(wanted.capacities.get(place.id, place.capacity) < place.taken for place in places)


def _begin(  # noqa: PLR0913  what a change is made of
    kind: ChangeKind,
    shift: Shift,
    after: dict[str, Any],
    wanted: Wanted,
    starts_at: datetime,
    places: Sequence[Place],
    *,
    actor: Actor,
    now: datetime,
) -> tuple[ShiftChange, Told]:
    """Write the change down first: its notices are about it, so that they can be recalled."""
    wait = rules_changes.wait_for(starts_at, now, tell_now=wanted.tell_now)
    moved_from = shift.moved_from_at.isoformat() if shift.moved_from_at else None
    row = ShiftChange(
        shift_id=shift.id,
        kind=kind,
        before={**facts(shift, places), "moved_from_at": moved_from},
        after=after,
        actor_id=actor.person_id,
        at=now,
        undo_until=now + wait,
    )
    db.session.add(row)
    db.session.flush()
    notes.put(Ref("change", row.id), "reason", wanted.reason, actor=actor, now=now)
    return row, Told(row.id, wait)


def _move(shift: Shift, wanted: Wanted, *, actor: Actor, now: datetime) -> bool:
    """Give the shift its span and place; return whether either is another one now."""
    is_other_span = (shift.starts_at, shift.ends_at) != (wanted.starts_at, wanted.ends_at)
    is_other_place = wanted.place is not None and wanted.place != shift.offering.place
    shift_actions.move_shift(shift.id, wanted.starts_at, wanted.ends_at, actor=actor, now=now)
    if is_other_place:
        shift.offering.place = wanted.place or ""
        db.session.flush()
        shift_actions.touch_all(shift.offering_id, now)
        db.session.refresh(shift)
    if not is_other_span:
        audit.record(
            "shift.change", Ref("shift", shift.id), actor=actor, now=now,
            station_id=shift.station_id,
        )  # fmt: skip
    return is_other_span or is_other_place


def _keep_rows(change: ShiftChange, rows: Sequence[Signup], before: Snapshot) -> None:
    """Write down which sign-ups the change moved, and what they were."""
    db.session.flush()
    after = snapshot(rows)
    moved = [
        {"change_id": change.id, "signup_id": one, "before": was, "after": after[one]["state"]}
        for one, was in before.items()
        if after[one] != was
    ]
    if moved:
        db.session.execute(insert(ChangeRow), moved)


def _tell_all(  # noqa: PLR0913  what happened to whom
    shift: Shift,
    starts_at: datetime,
    rows: Sequence[Signup],
    words: Mapping[int, str],
    told: Told,
    wanted: Wanted,
    *,
    now: datetime,
    is_moved: bool,
) -> None:
    usual = "shift_moved" if is_moved else ""
    for row in rows:
        word = words.get(row.id, usual)
        if word:
            told.tell(row, word, now=now, starts=starts_at.isoformat())
    if wanted.place is not None and is_moved:
        for row in queries_changes.concerned_elsewhere(shift.offering_id, shift.id, now):
            told.tell(row, "shift_moved", now=now)
