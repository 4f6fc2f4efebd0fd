"""Undoing a change of a shift while its notices wait: everything is as it was before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db, is_sqlite, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.steps import next_state
from portal.notices.actions import tell
from portal.people.models import Person
from portal.records import audit, outbox, stale, steps
from portal.shifts import actions as shift_actions
from portal.shifts import rules as offering_rules
from portal.shifts.models import Offering, OfferingState, Place, Shift, ShiftState
from portal.signups import changes, moves, queries_changes, waiting
from portal.signups.models import LIVE, Signup
from portal.signups.models_changes import ChangeKind, ChangeRow, ChangeUndone, ShiftChange


def undo(change_id: int, *, actor: Actor, now: datetime) -> ShiftChange:
    """Restore span, place, capacity, state and sign-ups as they were. Twice is harmless.

    Raises Refused with all reasons: `told` when the notices are out, and whatever has happened since
    that stands against it.
    """
    row = db.session.get_one(ShiftChange, change_id)
    _lock_persons(row)
    places = moves.lock_places(row.shift_id)
    shift = locked(Shift, row.shift_id)
    assert shift is not None  # noqa: S101  a foreign key holds it
    if queries_changes.is_undone(row.id):
        return row
    rows = queries_changes.rows_of(row.id)
    signups = queries_changes.signups_of(list(rows))
    for one in signups:
        db.session.refresh(one)
    reasons = list(_against(row, shift, places, rows, signups, now))
    if reasons:
        raise Refused(*reasons)
    _restore_shift(row, shift, places, now)
    for one in signups:
        _restore_signup(one, rows[one.id], actor=actor, now=now)
    _recount(row, places)
    _must_not_clash(shift)
    outbox.recall(Ref("change", row.id))
    db.session.add(ChangeUndone(change_id=row.id, actor_id=actor.person_id, at=now))
    audit.record(
        "shift.undo", Ref("shift", shift.id), actor=actor, now=now, station_id=shift.station_id,
        change=row.id,
    )  # fmt: skip
    _tell_the_new(row, shift, now)
    for place in places:
        waiting.offer_free(place.id, shift, actor=actor, now=now)
    return row


def undo_all(offering_id: int, *, actor: Actor, now: datetime) -> Sequence[ShiftChange]:
    """Undo that an offering was called off with all its shifts. Raises Refused as `undo` does."""
    offering = db.session.get_one(Offering, offering_id, with_for_update=True)
    found = [
        one
        for one in reversed(queries_changes.undoable_of_offering(offering_id, now))
        if one.kind == ChangeKind.CALL_OFF_ALL
    ]
    if offering.state != OfferingState.CALLED_OFF or not found:
        raise Refused(_too_late())
    subject = Ref(offering.type, offering.id)
    before = steps.of(subject)[-1].from_state
    verb = f"undo_{before}"
    offering.state = next_state(offering_rules.STEPS, OfferingState(offering.state), verb)
    offering.updated_at = now
    steps.record(subject, OfferingState.CALLED_OFF, verb, offering.state, actor=actor, now=now)
    return [undo(one.id, actor=actor, now=now) for one in found]


# --- parts ---------------------------------------------------------------------------------------


def _lock_persons(change: ShiftChange) -> None:
    if is_sqlite():
        return
    moved = (
        select(Signup.person_id)
        .outerjoin(ChangeRow, ChangeRow.signup_id == Signup.id)
        .where(
            (ChangeRow.change_id == change.id)
            | ((Signup.shift_id == change.shift_id) & Signup.state.in_(LIVE))
        )
    )
    query = select(Person.id).where(Person.id.in_(moved)).order_by(Person.id)
    db.session.execute(query.with_for_update()).all()


def _against(
    change: ShiftChange,
    shift: Shift,
    places: Sequence[Place],
    rows: Mapping[int, ChangeRow],
    signups: Sequence[Signup],
    now: datetime,
) -> Iterator[Reason]:
    if now >= change.undo_until:
        yield _too_late()
    is_other = changes.facts(shift, places) != change.after
    if is_other or queries_changes.later(change):
        yield Reason("changed_since", _("这一场后来又改过，不能撤销这一次。"))
    with_all = change.kind == ChangeKind.CALL_OFF_ALL
    if shift.offering.state == OfferingState.CALLED_OFF and not with_all:
        yield Reason("offering_called_off", _("这一项已经整个取消了。"))
    since = [one for one in signups if one.state != rows[one.id].after]
    again = {one.person_id for one in signups if one.state not in LIVE}
    since += [one for one in queries_changes.live_rows(shift.id) if one.person_id in again]
    if since:
        message = _("改动以后，有 %(n)d 个人已经自己处理了报名，不能撤销。", n=len(since))
        yield Reason("people_moved", message)


def _restore_shift(
    change: ShiftChange, shift: Shift, places: Sequence[Place], now: datetime
) -> None:
    before = change.before
    moved_from = before["moved_from_at"]
    stale.mark(clock.local_day(shift.starts_at), shift.station_id)
    shift.starts_at = datetime.fromisoformat(before["starts_at"])
    shift.ends_at = datetime.fromisoformat(before["ends_at"])
    shift.moved_from_at = datetime.fromisoformat(moved_from) if moved_from else None
    if change.kind != ChangeKind.CHANGE:
        shift.state, shift.called_off_at, shift.called_off_reason = ShiftState.PLANNED, None, ""
    stale.mark(clock.local_day(shift.starts_at), shift.station_id)
    for place in places:
        # More of them before the people come back; fewer only after they went.
        place.capacity = max(place.capacity, before["capacities"][str(place.id)])
    # A calendar may have fetched the change already: the way back is a change to it as well.
    shift_actions.touch(shift, now)
    db.session.flush()
    if shift.offering.place != before["place"]:
        shift.offering.place = before["place"]
        db.session.flush()
        shift_actions.touch_all(shift.offering_id, now)
        db.session.refresh(shift)


def _restore_signup(row: Signup, was: ChangeRow, *, actor: Actor, now: datetime) -> None:
    before = was.before
    until = before["offered_until"]
    row.offered_until = datetime.fromisoformat(until) if until else None
    row.rank, row.party_id = before["rank"], before["party_id"]
    if row.state != before["state"]:
        moves.step(row, f"undo_{before['state']}", actor=actor, now=now)


def _recount(change: ShiftChange, places: Sequence[Place]) -> None:
    """Let the counters be the rows, and the places as many as before. Raises Refused(`taken`)."""
    held = changes.held(places)
    for place in places:
        capacity = change.before["capacities"][str(place.id)]
        if held[place.id] > capacity:
            message = _("改动以后又有人占了名额，撤销以后就不够了，不能撤销。")
            raise Refused(Reason("taken", message))
        place.taken = min(place.taken, held[place.id])
        db.session.flush()
        place.capacity, place.taken = capacity, held[place.id]
    db.session.flush()


def _must_not_clash(shift: Shift) -> None:
    """Nobody is at two places at once, because of what they took on since."""
    clashing = queries_changes.clashing_rows(shift.id, shift.starts_at, shift.ends_at)
    if clashing and shift.state == ShiftState.PLANNED:
        message = _("有 %(n)d 个人后来报了同一时间的别的场次，不能撤销。", n=len(clashing))
        raise Refused(Reason("clash", message))


def _tell_the_new(change: ShiftChange, shift: Shift, now: datetime) -> None:
    """Whoever signed up in the meantime knew the shift as it was changed."""
    if change.before["starts_at"] == change.after["starts_at"]:
        return
    for row in queries_changes.live_rows(shift.id):
        if row.created_at > change.at:
            tell(row.person_id, "shift_moved", Ref("shift", shift.id), now=now)


def _too_late() -> Reason:
    return Reason("told", _("通知已经发出去了，不能再撤销。可以再改一次。"))
