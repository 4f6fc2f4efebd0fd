"""The grid becomes shifts, weeks ahead, and standing places take them; idempotent, side by side.

Whoever fills a post holds the row of the post; behind it stands a unique (cell, day). Locks: the
people with a standing place by id, then the post, then places.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import cast

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Refused
from portal.core.ref import Ref
from portal.notices.actions import tell
from portal.org import queries as org
from portal.posts import queries, queries_duty, rules
from portal.posts.models import DutyShift, DutySlot, ServicePost, StandingPlace, StandingTurn
from portal.posts.rules import Cell, Duty, Pattern
from portal.records import settings
from portal.shifts import actions as shift_actions
from portal.shifts.actions import NewShift
from portal.shifts.models import OfferingState, Place, PlaceRole, Shift
from portal.signups import actions as signup_actions
from portal.signups import asking
from portal.signups.asking import Asks

ON_LEAVE = "on_leave"
FULL = "full"


def horizon(now: datetime) -> date:
    """Return the last local day that is filled now."""
    return clock.local_day(now) + timedelta(weeks=settings.get("duty_weeks"))


def lock(post_id: int) -> ServicePost:
    """Lock the people with a standing place at the post, then the post; return it as it is now."""
    for person_id in queries.standing_people(post_id):
        asking.lock_person(person_id)
    return cast(ServicePost, locked(ServicePost, post_id))


def fill(post_id: int, *, actor: Actor, now: datetime) -> int:
    """Make the shifts that are missing up to the horizon, let standing places take theirs.

    Returns how many were made. Twice, and side by side, is harmless.
    """
    return fill_locked(lock(post_id), actor=actor, now=now)


def fill_locked(row: ServicePost, *, actor: Actor, now: datetime) -> int:
    """Do the same for a post whose row is held."""
    if row.state != OfferingState.PUBLISHED:
        return 0
    last, slots = horizon(now), queries.slots_of(row.id)
    ids = {(slot.weekday, slot.starts_minute): slot.id for slot in slots}
    made = [
        _make(row, duty, ids[duty.cell.key], actor=actor, now=now)
        for duty in _missing(row, slots, last, now)
    ]
    if row.filled_until is None or row.filled_until < last:
        row.filled_until = last
    db.session.flush()
    seat(queries_duty.untried(row.id, now), actor=actor, now=now)
    return len(made)


def put_cells(row: ServicePost, cells: Iterable[Cell], *, now: datetime) -> None:
    """Let the grid be these cells: a cell keeps its row while weekday and start stay.

    A cell that is gone is retired, and the standing places on it end; their people are told.
    """
    wanted = {cell.key: cell for cell in cells}
    for slot in queries.slots_of(row.id):
        cell = wanted.pop((slot.weekday, slot.starts_minute), None)
        if cell is None:
            slot.retired_at = now
            _end_standing(slot, now)
        else:
            slot.ends_minute, slot.volunteers = cell.ends_minute, cell.volunteers
    db.session.flush()
    add_cells(row, wanted.values())


def add_cells(row: ServicePost, cells: Iterable[Cell]) -> None:
    """Add cells that the grid does not have yet."""
    db.session.add_all(DutySlot(post_id=row.id, **cell._asdict()) for cell in cells)
    db.session.flush()


def pattern_of(row: ServicePost, slots: Sequence[DutySlot]) -> Pattern:
    """Return the grid of a post."""
    cells = tuple(
        Cell(slot.weekday, slot.starts_minute, slot.ends_minute, slot.volunteers) for slot in slots
    )
    return Pattern(cells, row.duty_from, row.duty_until, row.skips_holidays)


def wanted(pattern: Pattern, first: date, last: date) -> list[Duty]:
    """Return what a grid asks for in a span, by the district's calendar."""
    skipped = org.holidays(first, last) if pattern.skips_holidays else {}
    return rules.duties(pattern, first, last, skipped.keys())


# --- standing places -----------------------------------------------------------------------------


def seat(pairs: Sequence[tuple[StandingPlace, Shift]], *, actor: Actor, now: datetime) -> None:
    """Let each standing place take its shift, once; what came of it is written down.

    The people's rows are held. Whoever is away is passed over; whoever may not be there, or finds
    no place, is told of to the manager.
    """
    away = queries_duty.absences_of({standing.person_id for standing, _shift in pairs}, now)
    for standing, shift in pairs:
        day = clock.local_day(shift.starts_at)
        is_away = any(row.first_on <= day <= row.last_on for row in away[standing.person_id])
        turn = StandingTurn(standing_id=standing.id, shift_id=shift.id, at=now)
        if is_away:
            turn.reason = ON_LEAVE
        else:
            _take(turn, standing.person_id, actor=actor, now=now)
            if turn.reason:
                tell_keeper(standing.slot.post, "standing_not_placed", shift.id, now)
        db.session.add(turn)
    db.session.flush()


def _take(turn: StandingTurn, person_id: int, *, actor: Actor, now: datetime) -> None:
    """Take the place, or write down the code of the first reason why not; nobody is made to wait."""
    db.session.flush()
    asks = Asks(turn.shift_id, person_id, PlaceRole.VOLUNTEER)
    asking.lock(asks)
    case = asking.case(asks, actor=actor, now=now)
    place = db.session.get(Place, case.place_id, populate_existing=True) if case.place_id else None
    is_full = place is None or place.taken >= place.capacity
    if case.signup_id is None and (is_full or case.somebody_waits):
        turn.reason = FULL
        return
    try:
        row = signup_actions.sign_up(
            turn.shift_id, person_id, PlaceRole.VOLUNTEER, actor=actor, now=now
        )
    except Refused as refused:
        turn.reason = refused.codes[0]
    else:
        turn.signup_id = row.id


def tell_keeper(post: ServicePost, kind: str, shift_id: int, now: datetime) -> None:
    """Tell whoever leads the post, or else whoever made it, about one of its shifts."""
    keeper = post.leader_id or post.created_by_id
    if keeper:
        tell(keeper, kind, Ref("shift", shift_id), now=now)


# --- parts ---------------------------------------------------------------------------------------


def _missing(row: ServicePost, slots: Sequence[DutySlot], last: date, now: datetime) -> list[Duty]:
    """Return what the grid asks for that has no shift; what was called off singly stays so."""
    asked = wanted(pattern_of(row, slots), clock.local_day(now), last)
    there = {shift.key for shift in queries_duty.made(row.id, clock.local_day(now))}
    return [duty for duty in asked if duty.starts_at > now and duty.key not in there]


def _make(row: ServicePost, duty: Duty, slot_id: int, *, actor: Actor, now: datetime) -> Shift:
    places = ((PlaceRole.VOLUNTEER, duty.cell.volunteers),)
    details = NewShift(duty.starts_at, duty.ends_at, places)
    shift = shift_actions.add_shift(row, details, actor=actor, now=now)
    db.session.add(DutyShift(shift_id=shift.id, slot_id=slot_id, day=duty.day))
    return shift


def _end_standing(slot: DutySlot, now: datetime) -> None:
    for standing in queries.standing_on(slot.id):
        standing.ended_at = now
        tell(standing.person_id, "standing_ended", Ref("post", slot.post_id), now=now)
