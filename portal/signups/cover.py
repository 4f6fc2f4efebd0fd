"""Handing a place to somebody else: cover ("who can take my duty?") and the swap of two duties.

The place stays with the giver until somebody accepts. Accepting moves it in one transaction, so that
`Place.taken` stays as it is: the giver's row is withdrawn, the taker's confirmed. Locks: both people
by id, then the places by id, then the request.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import update

from portal.core.access import Actor
from portal.core.db import append, db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.steps import next_state
from portal.notices.actions import tell
from portal.records import audit, steps
from portal.shifts import queries as shifts
from portal.shifts.models import Place, PlaceRole, Shift, ShiftState
from portal.signups import asking, queries, queries_cover, rules, rules_cover, waiting
from portal.signups.asking import Asks
from portal.signups.models import ParticipantKind, Signup, SignupState
from portal.signups.models_cover import CoverRequest, CoverState, HandOver
from portal.signups.rules_cover import Given


def ask(
    signup_id: int, wanted_shift_id: int | None, *, actor: Actor, now: datetime
) -> CoverRequest:
    """Ask others to take a duty, or (with a wanted shift) to swap it for one of theirs.

    Asking twice returns the open request. Raises Refused with all reasons.
    """
    row = db.session.get_one(Signup, signup_id)
    asking.lock_person(row.person_id)
    locked(Place, row.place_id)
    db.session.refresh(row)
    reasons = rules_cover.may_ask(_given(row), now)
    reasons += _against_wanted(row, wanted_shift_id, now)
    if reasons:
        raise Refused(*reasons)
    before = queries_cover.open_for(row.id)
    if before:
        return before
    request = CoverRequest(
        signup_id=row.id,
        shift_id=row.shift_id,
        person_id=row.person_id,
        wanted_shift_id=wanted_shift_id,
        state=CoverState.OPEN,
        asked_at=now,
    )
    db.session.add(request)
    db.session.flush()
    _record(request, "", "ask", actor=actor, now=now)
    if wanted_shift_id:
        for person_id in queries_cover.holders(wanted_shift_id):
            tell(person_id, "cover_asked", Ref("shift", row.shift_id), now=now)
    return request


def take_back(request_id: int, *, actor: Actor, now: datetime) -> CoverRequest:
    """Take a request back: the giver comes after all. Twice is harmless; too late is refused."""
    request = cast(CoverRequest, locked(CoverRequest, request_id))
    if request.state == CoverState.ACCEPTED:
        raise Refused(Reason("accepted", _("这一班刚刚有人接了，不能再收回。")))
    if request.state == CoverState.OPEN:
        _close(request, "take_back", actor=actor, now=now)
    return request


def lapse(request_id: int, *, actor: Actor, now: datetime) -> None:
    """Close a request that nobody can accept any more."""
    request = cast(CoverRequest, locked(CoverRequest, request_id))
    shift = shifts.shift(request.shift_id)
    row = db.session.get_one(Signup, request.signup_id)
    is_over = now >= shift.starts_at or shift.state != ShiftState.PLANNED
    if request.state == CoverState.OPEN and (is_over or row.state != SignupState.CONFIRMED):
        _close(request, "lapse", actor=actor, now=now)


def accept(request_id: int, person_id: int, *, actor: Actor, now: datetime) -> Signup:
    """Take the duty of a request; for a swap, the own place on the wanted shift goes the other way.

    The first to accept has it; accepting twice returns the same sign-up. The same rules as for
    signing up are asked of whoever takes a place. Raises Refused with all reasons.
    """
    request = db.session.get_one(CoverRequest, request_id)
    for one in sorted({request.person_id, person_id}):
        asking.lock_person(one)
    moves = _moves(request, person_id)
    for place_id in sorted({move.row.place_id for move in moves if move.row}):
        locked(Place, place_id)
    for move in moves:
        if move.row:  # whoever calls a shift off holds its places, not its people
            db.session.refresh(move.row)
    link = queries_cover.accepted_link(request.id, person_id)
    if link:
        return db.session.get_one(Signup, link.to_signup_id)
    if not _win(request, now):
        raise Refused(Reason("taken", _("这一班刚刚有人接了，或者不用接了。看看还有没有别的班。")))
    reasons = [reason for move in moves for reason in _against_move(move, now)]
    if reasons:
        raise Refused(*reasons)
    taken = _move_all(request, moves, actor=actor, now=now)
    _record(request, CoverState.OPEN, "accept", actor=actor, now=now)
    for move in moves:  # whoever took over may have waited with others, who are fewer now
        if move.row:
            shift = shifts.shift(move.shift_id)
            waiting.offer_free(move.row.place_id, shift, actor=actor, now=now)
    tell(request.person_id, "cover_given", Ref("shift", request.shift_id), now=now)
    tell(person_id, "cover_taken", Ref("shift", request.shift_id), now=now)
    return taken


# --- parts of accepting --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Move:
    """One place that goes from its holder (`row`, None when they hold none) to another person."""

    row: Signup | None
    shift_id: int
    to_id: int


def _moves(request: CoverRequest, taker_id: int) -> list[_Move]:
    """Return what changes hands; the request's own place first."""
    given = db.session.get_one(Signup, request.signup_id)
    moves = [_Move(given, request.shift_id, taker_id)]
    if request.wanted_shift_id:
        own = queries.live(request.wanted_shift_id, taker_id)
        moves.append(_Move(own, request.wanted_shift_id, request.person_id))
    return moves


def _win(request: CoverRequest, now: datetime) -> bool:
    """Close the request by one guarded statement: of many at once, one gets it."""
    won = update(CoverRequest).where(
        CoverRequest.id == request.id, CoverRequest.state == CoverState.OPEN
    )
    values = {"state": CoverState.ACCEPTED, "closed_at": now}
    done = db.session.execute(won.values(values).returning(CoverRequest.id)).first()
    db.session.refresh(request)
    return done is not None


def _against_move(move: _Move, now: datetime) -> list[Reason]:
    if move.row is None:
        message = _("对方想换的那一班，您没有名额，不能换。看看还有没有别的班。")
        return [Reason("no_duty_to_swap", message)]
    own = queries.live(move.shift_id, move.to_id)
    first = queries.first_waiting(move.row.place_id)
    return rules_cover.may_accept(
        _given(move.row),
        now,
        own=move.row.person_id == move.to_id,
        taken_as=SignupState(own.state) if own else None,
        is_first=first is not None and first.person_id == move.to_id,
    )


def _move_all(
    request: CoverRequest,
    moves: list[_Move],
    *,
    actor: Actor,
    now: datetime,
) -> Signup:
    """Let go of all places first, so that what is swapped does not clash with itself; then take."""
    for move in moves:
        if move.row:
            _step(move.row, "hand_over", actor=actor, now=now)
    db.session.flush()
    taken = [_take(move, actor=actor, now=now) for move in moves if move.row]
    for move, row in zip(moves, taken, strict=True):
        if move.row:
            _link(request, move.row, row, actor=actor, now=now)
    return taken[0]


def _take(move: _Move, *, actor: Actor, now: datetime) -> Signup:
    """Confirm the person on the place that was let go, if the rules of signing up allow it."""
    place_id = cast(Signup, move.row).place_id
    asks = Asks(move.shift_id, move.to_id, PlaceRole.VOLUNTEER)
    case = asking.case(asks, actor=actor, now=now)
    reasons = asking.reasons_against(asks, case, actor=actor, now=now)
    if reasons and move.to_id != actor.person_id:
        # Why somebody else cannot is theirs to know.
        raise Refused(Reason("giver_cannot", _("对方现在不能换到您的这一班，没有换成。")))
    if reasons:
        raise Refused(*reasons)
    row = queries.live(move.shift_id, move.to_id)
    if row:
        row.place_id, row.role = place_id, PlaceRole.VOLUNTEER
        row.participant = ParticipantKind.VOLUNTEER
        _step(row, "take_over", actor=actor, now=now)
    else:
        row = _new(move, place_id, actor=actor, now=now)
    audit.record(
        "signup.sign_up", Ref("signup", row.id), actor=actor, now=now,
        station_id=case.shift.station_id, person=row.person_id, shift=row.shift_id,
    )  # fmt: skip
    return row


def _new(move: _Move, place_id: int, *, actor: Actor, now: datetime) -> Signup:
    row = Signup(
        shift_id=move.shift_id,
        place_id=place_id,
        person_id=move.to_id,
        role=PlaceRole.VOLUNTEER,
        participant=ParticipantKind.VOLUNTEER,
        state=SignupState.CONFIRMED,
        created_at=now,
        updated_at=now,
        actor_id=move.to_id,
    )
    db.session.add(row)
    db.session.flush()
    steps.record(Ref("signup", row.id), "", "take_over", row.state, actor=actor, now=now)
    return row


def _link(
    request: CoverRequest, given: Signup, taken: Signup, *, actor: Actor, now: datetime
) -> None:
    """Write the link of the chain; what was asked for the place that is gone falls away."""
    append(
        HandOver,
        request_id=request.id,
        shift_id=given.shift_id,
        from_signup_id=given.id,
        to_signup_id=taken.id,
        from_person_id=given.person_id,
        to_person_id=taken.person_id,
        actor_id=actor.person_id,
        at=now,
    )
    other = queries_cover.open_for(given.id)
    if other:
        _close(other, "lapse", actor=actor, now=now)


# --- parts ---------------------------------------------------------------------------------------


def _given(row: Signup) -> Given:
    shift = shifts.shift(row.shift_id)
    return Given(
        state=SignupState(row.state),
        role=PlaceRole(row.role),
        starts_at=shift.starts_at,
        is_planned=shift.state == ShiftState.PLANNED,
        somebody_waits=queries.first_waiting(row.place_id) is not None,
    )


def _against_wanted(row: Signup, wanted_shift_id: int | None, now: datetime) -> list[Reason]:
    """A swap is for another shift of the same post that is still to come."""
    if wanted_shift_id is None:
        return []
    wanted = db.session.get(Shift, wanted_shift_id)
    here = shifts.shift(row.shift_id)
    fits = (
        wanted is not None
        and wanted.id != here.id
        and wanted.offering_id == here.offering_id
        and wanted.state == ShiftState.PLANNED
        and wanted.starts_at > now
    )
    return [] if fits else [Reason("no_such_shift", _("想换的那一班不行。请刷新页面再选。"))]


def _step(row: Signup, verb: str, *, actor: Actor, now: datetime) -> None:
    before = SignupState(row.state)
    row.state = next_state(rules.STEPS, before, verb)
    row.updated_at, row.offered_until = now, None
    steps.record(Ref("signup", row.id), before, verb, row.state, actor=actor, now=now)


def _close(request: CoverRequest, verb: str, *, actor: Actor, now: datetime) -> None:
    before = CoverState(request.state)
    request.state = next_state(rules_cover.STEPS, before, verb)
    request.closed_at = now
    db.session.flush()
    _record(request, before, verb, actor=actor, now=now)


def _record(request: CoverRequest, before: str, verb: str, *, actor: Actor, now: datetime) -> None:
    subject, shift = Ref("cover", request.id), shifts.shift(request.shift_id)
    steps.record(subject, before, verb, request.state, actor=actor, now=now)
    audit.record(
        f"cover.{verb}", subject, actor=actor, now=now, station_id=shift.station_id,
        person=request.person_id, shift=request.shift_id,
    )  # fmt: skip
