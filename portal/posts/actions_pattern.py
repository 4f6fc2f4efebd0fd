"""Changing the weekly grid: what it would do, and doing it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import update

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.steps import next_state
from portal.posts import filling, queries, queries_duty, rules
from portal.posts.models import DutyShift, ServicePost
from portal.posts.rules import Altered, Change, Existing, Pattern
from portal.records import audit
from portal.shifts import queries as shifts
from portal.shifts import rules as offering_rules
from portal.shifts.models import OfferingState, PlaceRole
from portal.signups import actions as signup_actions


class Others(StrEnum):
    """What becomes of shifts that people have signed up for and that the new grid does not hold."""

    KEEP = "keep"
    FOLLOW = "follow"


def propose(row: ServicePost, pattern: Pattern, *, now: datetime) -> Change:
    """Return what a new grid would do to the shifts to come; nothing is changed."""
    existing = queries_duty.existing(row.id, now)
    if row.state != OfferingState.PUBLISHED:
        return Change()
    wanted = filling.wanted(pattern, clock.local_day(now), filling.horizon(now))
    return rules.change(existing, [duty for duty in wanted if duty.starts_at > now])


def set_pattern(
    post_id: int, pattern: Pattern, others: Others, *, actor: Actor, now: datetime
) -> Change:
    """Let the grid be another one. Shifts that nobody has signed up for follow at once.

    The others stay as they are, or follow too: called off or moved, and their people are told.
    Raises Invalid when two cells overlap.
    """
    if rules.overlapping(pattern.cells):
        raise Invalid("cells", _("同一天有两段时间重叠了。"))
    row = filling.lock(post_id)
    if row.state == OfferingState.CALLED_OFF:
        next_state(offering_rules.STEPS, OfferingState(row.state), "set_pattern")
    queries_duty.hold_places(row.id, now)
    change = propose(row, pattern, now=now)
    row.duty_from, row.duty_until = pattern.from_on, pattern.until_on
    row.skips_holidays, row.updated_at = pattern.skips_holidays, now
    filling.put_cells(row, pattern.cells, now=now)
    _relink(row.id, now)
    _apply(change, others, actor=actor, now=now)
    filling.fill_locked(row, actor=actor, now=now)
    audit.record(
        "post.set_pattern", Ref("post", row.id), actor=actor, now=now, station_id=row.station_id,
        dropped=len(change.dropped), altered=len(change.altered), others=others,
        asked=len(change.unwanted) + len(change.different),
    )  # fmt: skip
    return change


def _apply(change: Change, others: Others, *, actor: Actor, now: datetime) -> None:
    for shift in change.dropped:
        _drop(shift, actor=actor, now=now)
    for altered in change.altered:
        _alter(altered, actor=actor, now=now)
    if others == Others.KEEP:
        return
    for shift in change.unwanted:
        _drop(shift, actor=actor, now=now)
    for altered in change.different:
        _alter(altered, actor=actor, now=now)


def _drop(shift: Existing, *, actor: Actor, now: datetime) -> None:
    """Call a duty off; should the grid hold it again one day, it is made anew."""
    signup_actions.call_off(shift.shift_id, str(_("排班调整")), actor=actor, now=now)
    dropped = update(DutyShift).where(DutyShift.shift_id == shift.shift_id)
    db.session.execute(dropped.values(is_dropped=True))


def _alter(altered: Altered, *, actor: Actor, now: datetime) -> None:
    """Give a shift its new end and number of places, never fewer than are taken."""
    shift = altered.shift
    if altered.ends_at != shift.ends_at:
        signup_actions.move(shift.shift_id, shift.starts_at, altered.ends_at, actor=actor, now=now)
    place = shifts.place_of(shift.shift_id, PlaceRole.VOLUNTEER)
    if place and place.capacity != altered.capacity:
        capacity = max(altered.capacity, place.taken)
        signup_actions.set_capacity(place.id, capacity, actor=actor, now=now)


def _relink(post_id: int, now: datetime) -> None:
    """Let kept shifts of a cell that has come back belong to its new row."""
    slots: Mapping[tuple[int, int], int] = {
        (slot.weekday, slot.starts_minute): slot.id for slot in queries.slots_of(post_id)
    }
    day: date
    for shift_id, (day, starts_minute) in queries_duty.of_retired(post_id, now):
        slot_id = slots.get((day.weekday(), starts_minute))
        if slot_id:
            moved = update(DutyShift).where(DutyShift.shift_id == shift_id)
            db.session.execute(moved.values(slot_id=slot_id))
