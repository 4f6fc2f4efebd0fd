"""Verbs on shifts and places. Calling off and moving for people who signed up: `signups.actions`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, update

from portal.core import clock, ids
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.records import audit, stale
from portal.shifts.models import Offering, Place, PlaceRole, Shift, ShiftState


class NewPlace(NamedTuple):
    """Places to be made; with a label they are those of a stall (摊位)."""

    role: PlaceRole
    capacity: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class NewShift:
    """A span with places: (role, capacity), or (role, capacity, label); where, and who receives."""

    starts_at: datetime
    ends_at: datetime
    places: tuple[tuple[PlaceRole, int] | NewPlace, ...]
    place: str = ""
    host: str = ""


def add_shift(offering: Offering, details: NewShift, *, actor: Actor, now: datetime) -> Shift:  # noqa: ARG001
    """Add a shift with its places to an offering."""
    row = Shift(
        offering_id=offering.id,
        station_id=offering.station_id,
        starts_at=details.starts_at,
        ends_at=details.ends_at,
        state=ShiftState.PLANNED,
        updated_at=now,
        check_in_key=_new_check_in_key(),
        place=details.place,
        host=details.host,
    )
    db.session.add(row)
    db.session.flush()
    for place in details.places:
        db.session.add(Place(shift_id=row.id, **NewPlace(*place)._asdict()))
    db.session.flush()
    stale.mark(clock.local_day(row.starts_at), row.station_id)
    return row


def _new_check_in_key() -> str:
    """Return a key no shift has yet: of six characters, some tens of thousands begin to collide."""
    while True:
        key = ids.check_in_key()
        if db.session.scalars(select(Shift.id).where(Shift.check_in_key == key)).first() is None:
            return key


def move_shift(
    shift_id: int, starts_at: datetime, ends_at: datetime, *, actor: Actor, now: datetime
) -> Shift:
    """Give a shift another span; counts its revision up and remembers the old start."""
    row = must_be_planned(shift_id, now)
    if (row.starts_at, row.ends_at) == (starts_at, ends_at):
        return row
    stale.mark(clock.local_day(row.starts_at), row.station_id)
    row.moved_from_at = row.starts_at
    row.starts_at, row.ends_at = starts_at, ends_at
    touch(row, now)
    stale.mark(clock.local_day(starts_at), row.station_id)
    audit.record(
        "shift.change", Ref("shift", row.id), actor=actor, now=now, station_id=row.station_id
    )
    return row


def set_capacity(place_id: int, capacity: int) -> Place:
    """Set the capacity of a place. Raises Invalid when more people hold places already."""
    row = locked(Place, place_id)
    if row is None:
        raise Invalid("capacity", _("没有这种名额"))
    if capacity < row.taken:
        message = _("已经有 %(taken)d 人占了名额，不能少于这个数。", taken=row.taken)
        raise Invalid("capacity", message)
    row.capacity = capacity
    return row


def call_off_shift(shift_id: int, reason: str, *, actor: Actor, now: datetime) -> Shift:
    """Call a shift off; the people on it are the concern of `signups.actions.call_off`."""
    row = must_be_planned(shift_id, now)
    row.state = ShiftState.CALLED_OFF
    row.called_off_at, row.called_off_reason = now, reason
    touch(row, now)
    stale.mark(clock.local_day(row.starts_at), row.station_id)
    audit.record(
        "shift.call_off", Ref("shift", row.id), actor=actor, now=now, station_id=row.station_id
    )
    return row


def must_be_planned(shift_id: int, now: datetime) -> Shift:
    """Lock a shift that takes place. Raises Refused: `called_off`, or `closed` when it is over."""
    row = locked(Shift, shift_id)
    if row is None or row.state != ShiftState.PLANNED:
        raise Refused(Reason("called_off", _("这一场已经取消了。")))
    if now >= row.ends_at:
        raise Refused(Reason("closed", _("这一场已经结束，不能再改时间或者取消。")))
    return row


def touch(row: Shift, now: datetime) -> None:
    """Count the revision up: calendars take it as SEQUENCE."""
    row.revision += 1
    row.updated_at = now


def touch_all(offering_id: int, now: datetime) -> None:
    """Count all revisions of an offering up (its title or place changed)."""
    changed = update(Shift).where(Shift.offering_id == offering_id)
    db.session.execute(changed.values(revision=Shift.revision + 1, updated_at=now))


def mark_days(offering_id: int) -> None:
    """Mark the days of all its shifts: with the offering changed what is counted on them."""
    columns = select(Shift.starts_at, Shift.station_id).where(Shift.offering_id == offering_id)
    for starts_at, station_id in db.session.execute(columns).all():
        stale.mark(clock.local_day(starts_at), station_id)
