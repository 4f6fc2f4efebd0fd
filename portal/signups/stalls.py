"""Stalls (摊位): several places of one role on a shift, each with its own capacity and queue."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.records import audit
from portal.shifts import actions as shift_actions
from portal.shifts import queries as shifts
from portal.shifts.actions import NewPlace
from portal.shifts.models import Place, PlaceRole
from portal.signups import actions, asking, moves, queries, waiting
from portal.signups.models import HOLDING, Signup, SignupState

MOST_STALLS = 40


def change_place(signup_id: int, label: str, *, actor: Actor, now: datetime) -> Signup:
    """Go to another stall of the same role, if it has a free place that nobody waits for.

    The place left goes to who waits there. Twice is harmless. Raises Refused: `wrong_state`,
    `no_such_place`, `full`, `closed`.
    """
    row = db.session.get_one(Signup, signup_id)
    asking.lock_person(row.person_id)
    wanted = shifts.place_named(row.shift_id, PlaceRole(row.role), label)
    if wanted is None:
        raise Refused(Reason("no_such_place", _("这一场没有这个摊位。请刷新页面再选。")))
    for place_id in sorted({row.place_id, wanted.id}):
        locked(Place, place_id)
    row = cast(Signup, locked(Signup, signup_id))
    if row.place_id == wanted.id:
        return row
    if row.state not in {SignupState.CONFIRMED, SignupState.WAITLISTED}:
        raise Refused(Reason("wrong_state", _("这个报名现在不能换摊位。")))
    shift = shifts.shift(row.shift_id)
    if now >= shift.ends_at:
        raise Refused(Reason("closed", _("这一场已经结束，不能再改。")))
    return _change(row, wanted, shift.station_id, actor=actor, now=now)


def _change(row: Signup, wanted: Place, station_id: int, *, actor: Actor, now: datetime) -> Signup:
    """Take the one place, then give the other back; who waited may have a place at once."""
    if queries.first_waiting(wanted.id) or not moves.take_place(wanted.id):
        raise Refused(Reason("full", _("这个摊位的名额满了。可以选别的摊位。")))
    left, held = row.place_id, row.state in HOLDING
    row.place_id, row.updated_at = wanted.id, now
    if not held:
        moves.step(row, "confirm", actor=actor, now=now)
    db.session.flush()
    audit.record(
        "signup.change_place", Ref("signup", row.id), actor=actor, now=now,
        station_id=station_id, person=row.person_id, shift=row.shift_id, place=wanted.id,
    )  # fmt: skip
    if held:
        waiting.pass_on(left, shifts.shift(row.shift_id), actor=actor, now=now)
    return row


def set_places(
    shift_id: int, wanted: list[tuple[int | None, NewPlace]], *, actor: Actor, now: datetime
) -> None:
    """Let a shift have these places: (id of one that is there, or None; role, capacity, label).

    A place that people hold, or wait for, is never taken away and never smaller than they are.
    Raises Invalid(`places`) with the sentence.
    """
    shift = shift_actions.must_be_planned(shift_id, now)
    there = {place.id: place for place in moves.lock_places(shift_id)}
    _must_be_distinct([one for _id, one in wanted])
    if shifts.offering(shift.offering_id).is_course and any(
        one.role == PlaceRole.ATTENDEE and (not place_id or one.label) for place_id, one in wanted
    ):
        raise Invalid("places", _("课程的名额整门一起改，不能分摊位。"))
    named = {place_id: one for place_id, one in wanted if place_id in there}
    for kept_id, place in there.items():
        if kept_id not in named:
            _remove(place)
    db.session.flush()
    for kept_id, place in there.items():
        if kept_id in named:
            _change_to(place, named[kept_id], actor=actor, now=now)
    new = [one for place_id, one in wanted if place_id not in there]
    db.session.add_all(Place(shift_id=shift_id, **one._asdict()) for one in new)
    shift_actions.touch(shift, now)
    subject = Ref("shift", shift_id)
    audit.record("shift.set_places", subject, actor=actor, now=now, station_id=shift.station_id)


def _must_be_distinct(wanted: list[NewPlace]) -> None:
    if not wanted:
        raise Invalid("places", _("至少要留一种名额。"))
    if len({(one.role, one.label) for one in wanted}) < len(wanted):
        raise Invalid("places", _("有两个摊位的名字一样。请改一个。"))


def _change_to(place: Place, wanted: NewPlace, *, actor: Actor, now: datetime) -> None:
    place.label = wanted.label
    if place.capacity != wanted.capacity:
        actions.set_capacity(place.id, wanted.capacity, actor=actor, now=now)


def _remove(place: Place) -> None:
    if queries.was_signed_up(place.id):
        message = _(
            "“%(name)s”有人报过名，不能去掉。可以改名字或者名额。", name=place.label or _("名额")
        )
        raise Invalid("places", message)
    db.session.delete(place)
