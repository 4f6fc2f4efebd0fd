"""The waiting list: offers in strict order, their answers, and moves by hand.

Whoever waits together is one group: it is offered places all at once, or it stands and nobody passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from portal.core.access import SYSTEM, Actor
from portal.core.db import db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.notices.actions import tell
from portal.records import notes, settings
from portal.shifts import queries as shifts
from portal.shifts.models import Place, Shift, ShiftState
from portal.signups import asking, moves, queries, queries_teams, queries_waiting, rules
from portal.signups.asking import Asks, Case
from portal.signups.models import QueueClosing, Signup, SignupState
from portal.signups.rules import Night
from portal.signups.rules_eligibility import LASTING


@dataclass(frozen=True, slots=True)
class Told:
    """By which change people are told of a shift, and how long their notices wait."""

    change_id: int
    wait: timedelta | None = None

    def tell(self, row: Signup, kind: str, *, now: datetime, **payload: str) -> None:
        """Tell the person of a sign-up about its shift, until the change is undone."""
        key = Ref("change", self.change_id)
        subject = Ref("shift", row.shift_id)
        tell(row.person_id, kind, subject, now=now, wait=self.wait, recalled_by=key, **payload)


# --- offers --------------------------------------------------------------------------------------


def pass_on(place_id: int, shift: Shift, *, actor: Actor, now: datetime) -> None:
    """Free a place, and in the same transaction offer it to who waits first."""
    db.session.flush()
    moves.free_place(place_id)
    offer_free(place_id, shift, actor=actor, now=now)


def offer_free(
    place_id: int, shift: Shift, *, actor: Actor, now: datetime, told: Told | None = None
) -> None:
    """Offer every free place to those who wait, in order; a group that does not fit stops it."""
    db.session.flush()
    while shift.state == ShiftState.PLANNED and rules.queue_is_open(shift.starts_at, now):
        group = _next_group(place_id, now)
        if not group or not moves.take_place(place_id, len(group)):
            break
        for row in group:
            _offer(row, shift, told, actor=actor, now=now)
    db.session.refresh(db.session.get_one(Place, place_id))


def _next_group(place_id: int, now: datetime) -> Sequence[Signup]:
    """Return who has waited longest and may still have places.

    Who may not any more (a guardian took the consent back, a training has run out) is told and
    waits no longer: nobody would ever pass them.
    """
    while group := queries_waiting.first_group(place_id):
        barred = [row for row in group if _drop_barred(row, now)]
        if not barred:
            return group
        db.session.flush()
    return ()


def _drop_barred(row: Signup, now: datetime) -> bool:
    asks, case = _asked(row, actor=SYSTEM, now=now)
    reasons = asking.still_against(asks, case, actor=SYSTEM, now=now)
    lasting = [one for one in reasons if one.code in LASTING]
    if lasting:
        moves.step(row, "withdraw", actor=SYSTEM, now=now, reason=lasting[0].code)
        tell(row.person_id, "offer_missed", Ref("shift", row.shift_id), now=now)
    return bool(lasting)


def _asked(row: Signup, *, actor: Actor, now: datetime) -> tuple[Asks, Case]:
    asks = asking.again(row, queries_teams.team_of(row.id))
    return asks, asking.case(asks, actor=actor, now=now)


def offer_what_is_free(place_id: int, *, actor: Actor, now: datetime) -> None:
    """Do so for a place that check-data would complain about: the tick heals it."""
    place = locked(Place, place_id)
    if place:
        offer_free(place_id, shifts.shift(place.shift_id), actor=actor, now=now)


def deadline(shift: Shift, now: datetime) -> datetime:
    """Return until when an offer made now holds."""
    return rules.offer_deadline(shift.starts_at, settings.get("offer_hours"), now, night())


def night() -> Night:
    """Return the district's night, whose hours do not count: nobody is asked to answer in it."""
    return Night(settings.get("quiet_from_hour"), settings.get("quiet_until_hour"))


def _offer(row: Signup, shift: Shift, told: Told | None, *, actor: Actor, now: datetime) -> None:
    row.offered_until = deadline(shift, now)
    moves.step(row, "offer", actor=actor, now=now)
    db.session.flush()
    moves.note("signup.offer", row, shift.station_id, actor=actor, now=now)
    until = row.offered_until.isoformat()
    if told:
        told.tell(row, "offer", now=now, until=until)
    else:
        tell(row.person_id, "offer", Ref("shift", shift.id), now=now, until=until)


# --- answers -------------------------------------------------------------------------------------


def accept(signup_id: int, *, actor: Actor, now: datetime) -> Signup:
    """Take the place that was offered. Twice is harmless; too late is refused."""
    return accept_all([signup_id], actor=actor, now=now)[0]


def accept_all(signup_ids: Sequence[int], *, actor: Actor, now: datetime) -> list[Signup]:
    """Take the places that were offered to people of one party: all of them, or none."""
    rows, shift = moves.lock_all(signup_ids)
    open_ones = [row for row in rows if row.state != SignupState.CONFIRMED]
    asked = {row.id: _asked(row, actor=actor, now=now) for row in open_ones}
    reasons = [
        reason
        for row in open_ones
        for reason in _against_accepting(row, *asked[row.id], actor=actor, now=now)
    ]
    if reasons:
        raise Refused(*reasons)
    for row in open_ones:
        asking.note_guardian(*asked[row.id], actor=actor, now=now)
        moves.step(row, "accept", actor=actor, now=now)
        moves.note("signup.accept", row, shift.station_id, actor=actor, now=now)
    return rows


def _against_accepting(
    row: Signup, asks: Asks, case: Case, *, actor: Actor, now: datetime
) -> list[Reason]:
    """Return what stands against taking an offered place: the one place where it is asked."""
    if row.state != SignupState.OFFERED or (row.offered_until and row.offered_until <= now):
        return [_too_late()]
    return asking.still_against(asks, case, actor=actor, now=now)


def decline(signup_id: int, *, actor: Actor, now: datetime) -> Signup:
    """Give back a place that was offered; it passes on. Twice is harmless."""
    return decline_all([signup_id], actor=actor, now=now)[0]


def decline_all(signup_ids: Sequence[int], *, actor: Actor, now: datetime) -> list[Signup]:
    """Give back the places that were offered to people of one party."""
    rows, shift = moves.lock_all(signup_ids)
    if any(row.state not in {SignupState.OFFERED, SignupState.WITHDRAWN} for row in rows):
        raise Refused(Reason("wrong_state", _("现在不能这样做：这一项已经变了。请刷新页面再看。")))
    for row in rows:
        if row.state == SignupState.OFFERED:
            moves.step(row, "decline", actor=actor, now=now)
            moves.note("signup.decline", row, shift.station_id, actor=actor, now=now)
            pass_on(row.place_id, shift, actor=actor, now=now)
    return rows


def lapse(signup_id: int, *, actor: Actor, now: datetime) -> None:
    """Let an offer lapse whose deadline has passed, and offer the place to the next."""
    row, shift = moves.lock(signup_id)
    if row.state != SignupState.OFFERED or row.offered_until is None or row.offered_until > now:
        return
    moves.step(row, "lapse", actor=actor, now=now, reason="deadline")
    moves.note("signup.lapse", row, shift.station_id, actor=actor, now=now)
    tell(row.person_id, "offer_lapsed", Ref("shift", shift.id), now=now)
    pass_on(row.place_id, shift, actor=actor, now=now)


def split(signup_id: int, *, actor: Actor, now: datetime) -> Signup:
    """Let a party that waits together wait one by one, where it stands. Twice is harmless."""
    row, shift = moves.lock(signup_id)
    if row.state != SignupState.WAITLISTED or row.party_id is None:
        return row
    for one in queries_waiting.party_of(row):
        if one.state == SignupState.WAITLISTED:
            one.party_id = None
            moves.step(one, "split", actor=actor, now=now)
            moves.note("signup.split", one, shift.station_id, actor=actor, now=now)
    offer_free(row.place_id, shift, actor=actor, now=now)
    return row


def close_queue(shift_id: int, *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Tell those who wait that the queue is closed; once for each shift."""
    if db.session.get(QueueClosing, shift_id):
        return
    db.session.add(QueueClosing(shift_id=shift_id, at=now))
    for row in queries.on_shift(shift_id):
        if row.state == SignupState.WAITLISTED:
            tell(row.person_id, "queue_closed", Ref("shift", shift_id), now=now)


# --- by hand -------------------------------------------------------------------------------------


def move_by_hand(
    signup_id: int, where: rules.Hand, reason: str, *, actor: Actor, now: datetime
) -> Signup:
    """Put a waiting group elsewhere in the queue, or give it places out of turn; it is told why.

    Raises Refused: `wrong_state`, `queue_closed`, `full` when there is no place to give.
    """
    row, shift = moves.lock(signup_id)
    if row.state != SignupState.WAITLISTED or shift.state != ShiftState.PLANNED:
        raise Refused(Reason("wrong_state", _("这个人已经不在候补名单里了。请刷新页面再看。")))
    if not rules.queue_is_open(shift.starts_at, now):
        message = _("离开始不到 2 小时，候补已经关了。有空位可以直接替本人报名。")
        raise Refused(Reason("queue_closed", message))
    groups = queries_waiting.groups(row.place_id)
    group = next(one for one in groups if row in one)
    # The log says why before it says what follows from it.
    for one in group:
        moves.step(one, where.value, actor=actor, now=now, reason="by_hand")
        notes.put(Ref("signup", one.id), "by_hand", reason, actor=actor, now=now)
        moves.note("signup.move_by_hand", one, shift.station_id, actor=actor, now=now)
        tell(one.person_id, "queue_moved", Ref("shift", shift.id), now=now)
    if where == rules.Hand.GIVE:
        _give(group, shift, actor=actor, now=now)
    else:
        ordered = chain.from_iterable(rules.reordered(groups, group, where))
        for rank, one in enumerate(ordered, start=1):
            one.rank = rank
        offer_free(row.place_id, shift, actor=actor, now=now)
    return row


def _give(group: Sequence[Signup], shift: Shift, *, actor: Actor, now: datetime) -> None:
    db.session.flush()
    if not moves.take_place(group[0].place_id, len(group)):
        message = _("没有 %(n)d 个空名额可以给。请先增加名额，或者等有人取消。", n=len(group))
        raise Refused(Reason("full", message))
    for one in group:
        _offer(one, shift, None, actor=actor, now=now)
    db.session.refresh(db.session.get_one(Place, group[0].place_id))


def _too_late() -> Reason:
    return Reason("lapsed", _("这个名额没有在期限前确认，已经让给下一位。可以重新报名。"))
