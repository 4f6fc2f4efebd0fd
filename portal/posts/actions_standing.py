"""Verbs on standing places and absences. Locks: the person first, then the post."""

from __future__ import annotations

from datetime import date, datetime
from typing import cast

from sqlalchemy import update

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.notices.actions import tell
from portal.people import queries as people
from portal.posts import filling, queries, queries_duty
from portal.posts.models import Absence, DutySlot, ServicePost, StandingPlace
from portal.records import audit
from portal.shifts import queries as shifts
from portal.shifts.models import OfferingState
from portal.signups import actions as signup_actions
from portal.signups import asking, takable
from portal.signups.rules_eligibility import LASTING


def give(slot_id: int, person_id: int, *, actor: Actor, now: datetime) -> StandingPlace:
    """Let a person take a cell of the grid every week, beginning with the shifts there are.

    Giving twice returns the first. Raises Refused with the reason: not a volunteer, the cell is
    full or gone, or another standing place is at the same time.
    """
    asking.lock_person(person_id)
    slot = db.session.get_one(DutySlot, slot_id)
    post = cast(ServicePost, locked(ServicePost, slot.post_id))
    db.session.refresh(slot)
    rows = queries.standing_on(slot.id)
    before = next((row for row in rows if row.person_id == person_id), None)
    if before:
        return before
    reasons = _reasons_against(slot, post, person_id, len(rows))
    reasons += _not_fit(post, person_id, {one.code for one in reasons}, actor=actor, now=now)
    if reasons:
        raise Refused(*reasons)
    row = StandingPlace(
        slot_id=slot.id, person_id=person_id, given_at=now, given_by_id=actor.person_id
    )
    db.session.add(row)
    db.session.flush()
    _audit("standing.give", row, actor=actor, now=now)
    tell(person_id, "standing_given", Ref("post", post.id), now=now)
    filling.seat(queries_duty.untried(post.id, now, person_id), actor=actor, now=now)
    return row


def end(standing_id: int, *, frees: bool, actor: Actor, now: datetime) -> StandingPlace:
    """End a standing place; what it took already stays, or is freed too. Twice is harmless."""
    row = db.session.get_one(StandingPlace, standing_id)
    asking.lock_person(row.person_id)
    db.session.refresh(row)
    if row.ended_at is not None:
        return row
    row.ended_at = now
    _audit("standing.end", row, actor=actor, now=now)
    if frees:
        for turn, shift in queries_duty.held_turns(row.person_id, now):
            if turn.standing_id == row.id and shift.starts_at > now and turn.signup_id:
                signup_actions.withdraw(turn.signup_id, "", actor=actor, now=now)
    if row.person_id != actor.person_id:
        tell(row.person_id, "standing_ended", Ref("post", row.slot.post_id), now=now)
    return row


def record_absence(
    person_id: int, first_on: date, last_on: date, *, actor: Actor, now: datetime
) -> Absence:
    """Write down that a volunteer is away: standing places pass over these days and free them.

    Places they took themselves stay theirs: they withdraw, or ask for cover. The same days twice
    are one absence.
    """
    asking.lock_person(person_id)
    before = queries_duty.absence(person_id, first_on, last_on)
    if before:
        return before
    row = Absence(
        person_id=person_id, first_on=first_on, last_on=last_on, recorded_at=now,
        recorded_by_id=actor.person_id,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("absence.record", Ref("absence", row.id), actor=actor, now=now, person=person_id)
    for turn, shift in queries_duty.held_turns(person_id, now):
        if first_on <= clock.local_day(shift.starts_at) <= last_on and turn.signup_id:
            signup_actions.withdraw(turn.signup_id, str(_("请假")), actor=actor, now=now)
            turn.signup_id, turn.reason = None, filling.ON_LEAVE
            filling.tell_keeper(turn.standing.slot.post, "absence_freed", shift.id, now)
    db.session.flush()
    return row


def end_absence(absence_id: int, *, actor: Actor, now: datetime) -> None:
    """Take an absence back: standing places try again what is still free. Twice is harmless."""
    row = db.session.get(Absence, absence_id)
    if row is None:
        return
    person_id, subject = row.person_id, Ref("absence", row.id)
    asking.lock_person(person_id)
    db.session.delete(row)
    db.session.flush()
    audit.record("absence.end", subject, actor=actor, now=now, person=person_id)
    others = queries_duty.absences_of({person_id}, now)[person_id]
    for turn, shift in queries_duty.leave_turns(person_id, now):
        day = clock.local_day(shift.starts_at)
        if not any(one.first_on <= day <= one.last_on for one in others):
            db.session.delete(turn)
    db.session.flush()
    filling.seat(queries_duty.untried_of(person_id, now), actor=actor, now=now)


def forget_absences(person_id: int) -> None:
    """Delete all absences of a person whose record is erased."""
    for row in queries_duty.all_absences_of(person_id):
        db.session.delete(row)


def move_to(survivor_id: int, duplicate_id: int, *, now: datetime) -> None:
    """Let standing places and absences go over to the record another one is merged into."""
    own = {row.slot_id for row in queries.standing_with(survivor_id)}
    for row in queries.standing_with(duplicate_id):
        if row.slot_id in own:
            row.ended_at = now
    db.session.flush()
    for table in (StandingPlace, Absence):
        db.session.execute(
            update(table).where(table.person_id == duplicate_id).values(person_id=survivor_id)
        )


# --- parts ---------------------------------------------------------------------------------------


def _reasons_against(slot: DutySlot, post: ServicePost, person_id: int, there: int) -> list[Reason]:
    reasons = []
    if slot.retired_at is not None or post.state == OfferingState.CALLED_OFF:
        message = _("这一段已经不排班了。请刷新页面再选。")
        reasons.append(Reason("closed", message, _("看排班"), post.desk_path))
    if there >= slot.volunteers:
        message = _("这一段的固定岗已经排满了。可以先加人数。")
        reasons.append(Reason("full", message, _("改排班"), f"{post.desk_path}/pattern"))
    if not people.is_registered(person_id):
        message = _("固定岗只能安排注册志愿者。可以先替本人登记。")
        way = "/desk/volunteers/new"
        reasons.append(Reason("not_volunteer", message, _("代办志愿者登记"), way))
    if any(_overlap(slot, other) for other in queries.slots_taken_by(person_id)):
        message = _("本人在这个时间已经有别的固定岗。")
        reasons.append(Reason("clash", message, _("选别的时间"), f"{post.desk_path}/standing"))
    return reasons


def _not_fit(
    post: ServicePost, person_id: int, said: set[str], *, actor: Actor, now: datetime
) -> list[Reason]:
    """Return what of who may sign up stands against every week: ages, trainings, the community."""
    found = takable.lasting_against(person_id, post.id, actor=actor, now=now)
    registration = {"not_volunteer", "wrong_state"} if "not_volunteer" in said else set()
    return [one for one in found if one.code in LASTING - registration]


def _overlap(one: DutySlot, other: DutySlot) -> bool:
    return (
        one.weekday == other.weekday
        and one.starts_minute < other.ends_minute
        and other.starts_minute < one.ends_minute
    )


def _audit(verb: str, row: StandingPlace, *, actor: Actor, now: datetime) -> None:
    post = shifts.offering(row.slot.post_id)
    audit.record(
        verb, Ref("standing", row.id), actor=actor, now=now, station_id=post.station_id,
        person=row.person_id, post=post.id,
    )  # fmt: skip
