"""Verbs on scans and visits. A refused scan is a fact: it is written down and returned."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.attendance import judging, queries, rules, settling, visits
from portal.attendance.judging import Case
from portal.attendance.models import Direction, Pending, Scan, ScanVerdict, Visit, VisitState, Way
from portal.attendance.models_devices import ScanDevice
from portal.attendance.rules import DESK_WAYS, Judgement, ScanReason
from portal.attendance.rules_stays import Mark, derive, told_by
from portal.core.access import Actor
from portal.core.db import append, db, is_sqlite
from portal.core.errors import Reason
from portal.core.ref import Ref
from portal.notices.actions import tell
from portal.people.models import Person
from portal.records import audit, settings
from portal.shifts import queries as shifts
from portal.shifts.models import Shift
from portal.shifts.queries import Terms
from portal.signups import actions as signup_actions
from portal.signups import queries as signups
from portal.signups.models import SignupState
from portal.signups.queries import Live


@dataclass(frozen=True, slots=True)
class ScanInput:
    """One scan as it reached us. `refusal` is what was wrong with its code already.

    `is_own` scans, made by the person themselves, are limited to some a minute. `said_at` is when
    it was said, for what counts only once somebody confirmed it: it is judged as if then.
    """

    person_id: int | None
    shift_id: int | None
    direction: Direction
    way: Way
    occurred_at: datetime
    scan_id: str | None = None
    refusal: ScanReason | None = None
    is_own: bool = False
    skew_seconds: int | None = None
    # What the browser of an own scan is known by today; empty when it came another way.
    device: str = ""
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a scan. `first` is the verdict given when a `duplicate` came first.

    `shift` is there for the words of a refusal.
    """

    verdict: str
    reason: ScanReason
    direction: Direction
    visit: Visit | None = None
    shift: Shift | None = None
    beside: Shift | None = None
    first: str | None = None
    # Since when the code that was shown is an old one.
    replaced_at: datetime | None = None
    # Of somebody without a sign-up: why they cannot sign up here and now; empty when they can.
    against: tuple[Reason, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether the person is where the scan wanted them: a repeat is harmless."""
        repeated = self.reason in {ScanReason.ALREADY_IN, ScanReason.ALREADY_OUT}
        return self.verdict == ScanVerdict.STORED or (repeated and self.visit is not None)


def record_scan(scan: ScanInput, *, actor: Actor, now: datetime) -> Verdict:
    """Judge a scan, write it down, and let visits, sign-up and hours follow.

    Everybody's way in: board code, digits, desk and hand. The person's row is locked first, so
    that repeats, however parallel, are judged one after another. Raises TooFast for an own scan
    beyond the limit, which leaves nothing behind.
    """
    if scan.person_id is not None:
        hold(scan.person_id)
    shift = shifts.terms(scan.shift_id) if scan.shift_id is not None else None
    return _record(scan, shift, actor=actor, now=now)


def check_in_by_key(key: str, scan: ScanInput, *, actor: Actor, now: datetime) -> Verdict | None:
    """Record a scan of the board of the shift with this check-in key; None when there is none."""
    if scan.person_id is not None:
        hold(scan.person_id)
    shift = shifts.terms_by_key(key)
    if shift is None:
        return None
    return _record(replace(scan, shift_id=shift.id), shift, actor=actor, now=now)


def hold(person_id: int) -> None:
    """Lock the person's row without reading it; SQLite's one writer needs no lock of a row."""
    if not is_sqlite():
        db.session.execute(select(Person.id).where(Person.id == person_id).with_for_update())


def _record(scan: ScanInput, shift: Terms | None, *, actor: Actor, now: datetime) -> Verdict:
    occurred_at = rules.set_right(scan.occurred_at, scan.skew_seconds)
    if now < occurred_at <= now + rules.TOLERANCE:
        occurred_at = now
    case: Case | None = None
    marks: list[Mark] = []
    judged: Judgement = (ScanVerdict.REJECTED, scan.refusal or ScanReason.MALFORMED)
    if shift is not None and scan.person_id is not None:
        marks = judging.marks(scan.person_id, shift.id, now, is_own=scan.is_own)
        if scan.refusal is None:
            case = judging.case(scan.person_id, scan.direction, shift, marks, occurred_at)
            known_at = scan.said_at or now
            judged = rules.judge(scan.direction, scan.way, occurred_at, known_at, case.facts)
            said = [*marks, Mark(scan.direction, scan.way, occurred_at, told_by(scan.scan_id))]
            # Out of turn, because another phone's scans came first; but it tells something new.
            if judged[1] in rules.OUT_OF_TURN and derive(said) != case.facts.stays:
                judged = rules.ACCEPTED
            judged = rules.flagged(judged, scan.skew_seconds)
    store(scan, occurred_at, judged, actor=actor, now=now)
    verdict, reason = judged
    if verdict != ScanVerdict.STORED:
        refused = _refused(judged, scan, shift, case, marks)
        return replace(refused, against=judging.against(scan.person_id, shift, reason, actor, now))
    visit = None
    if shift is not None and case is not None and case.signup is not None:
        marks.append(Mark(scan.direction, scan.way, occurred_at, told_by(scan.scan_id)))
        visit = let_follow(shift, case.signup, marks, actor=actor, now=now)
    return Verdict(verdict, reason, scan.direction, visit)


def _refused(
    judged: Judgement, scan: ScanInput, shift: Terms | None, case: Case | None, marks: list[Mark]
) -> Verdict:
    """Return the verdict with what its words name: visit so far, this shift, and the right one."""
    visit = None
    if shift and case and case.signup and marks:
        visit = next(reversed(queries.visits_at(shift.id, case.signup.person_id)), None)
    here = shifts.shift_by_id(shift.public_id) if shift else None
    return Verdict(*judged, scan.direction, visit, here, case.beside if case else None)


def store(
    scan: ScanInput, occurred_at: datetime, judged: Judgement, *, actor: Actor, now: datetime
) -> None:
    """Write a scan down with what became of it."""
    verdict, reason = judged
    row_id = append(
        Scan,
        scan_id=scan.scan_id,
        shift_id=scan.shift_id,
        person_id=scan.person_id,
        direction=scan.direction,
        way=scan.way,
        occurred_at=occurred_at,
        at=now,
        verdict=verdict,
        reason=reason,
        actor_id=actor.person_id,
        skew_seconds=scan.skew_seconds,
    )
    if scan.device:
        append(ScanDevice, scan_id=row_id, device=scan.device, at=now)
    if scan.way in DESK_WAYS:
        audit.record(
            "scan.record",
            Ref("scan", row_id),
            actor=actor,
            now=now,
            person=scan.person_id,
            shift=scan.shift_id,
            direction=scan.direction,
            reason=reason,
        )


def let_follow(
    shift: Terms, signup: Live, marks: list[Mark], *, actor: Actor, now: datetime
) -> Visit:
    """Let visits, hours and the sign-up follow the accepted scans; return the last visit."""
    rows = visits.follow(shift, signup, marks, actor=actor, now=now)
    if signup.state != SignupState.ATTENDED:
        signup_actions.mark(signup.id, SignupState.ATTENDED, actor=actor, now=now)
    db.session.flush()
    return rows[-1]


# --- settling ------------------------------------------------------------------------------------


def close_by_rule(visit_id: int, *, actor: Actor, now: datetime) -> Visit:
    """Close a forgotten visit at the planned end (product rule 4). Twice is harmless.

    A volunteer's becomes provisional and they are told; an attendee's has nothing to settle.
    """
    visit, shift = _lock(visit_id)
    late = timedelta(minutes=settings.get("check_out_late_minutes"))
    if visit.state != VisitState.OPEN or now < shift.ends_at + late:
        return visit
    end = rules.planned_end(shift.ends_at, shift.called_off_at, visit.in_at)
    visit = add_mark(visit, shift, Way.RULE, end, actor=actor, now=now)
    audit.record(
        "visit.close", Ref("visit", visit.id), actor=actor, now=now, station_id=shift.station_id
    )
    if visit.pending == Pending.NO_CHECK_OUT:
        tell(visit.person_id, "visit_provisional", Ref("visit", visit.id), now=now)
    return visit


def confirm(visit_id: int, *, actor: Actor, now: datetime, at: datetime | None = None) -> Visit:
    """Settle a visit that waits for somebody's word: its minutes become a record.

    `at` is when the person left, where it is not as proposed. Twice is harmless. Raises
    what `settling.must_wait` and `settling.leaving` raise.
    """
    visit, shift = _lock(visit_id)
    if visit.state == VisitState.CLOSED or visit.pending == Pending.NOT_REGISTERED:
        return visit
    settling.must_wait(visit, shift, actor)
    left_at = settling.leaving(visit, shift, actor, at)
    visit = add_mark(visit, shift, Way.CONFIRMED, left_at, actor=actor, now=now)
    audit.record(
        "visit.confirm", Ref("visit", visit.id), actor=actor, now=now, station_id=shift.station_id
    )
    return visit


def lapse(visit_id: int, *, actor: Actor, now: datetime) -> Visit:
    """Let a visit that nobody confirmed in time count nothing, and tell the person."""
    visit, shift = _lock(visit_id)
    if visit.pending not in settling.WAITING or visit.out_at is None:
        return visit
    visit = add_mark(visit, shift, Way.LAPSED, visit.out_at, actor=actor, now=now)
    tell(visit.person_id, "visit_lapsed", Ref("visit", visit.id), now=now)
    return visit


def settle_registered(person_id: int, *, actor: Actor, now: datetime) -> int:
    """Credit what waited for the person's registration; return how many visits were settled."""
    hold(person_id)
    waiting = queries.waiting_for_registration(person_id)
    for visit_id in waiting:
        visit, shift = _lock(visit_id)
        _again(visit, shift, actor=actor, now=now)
    return len(waiting)


def take_back(visit_id: int) -> None:
    """Let a visit be worth nothing once its credit was reversed: what counts stands elsewhere now.

    A part of other verbs, which hold the person's lock.
    """
    db.session.get_one(Visit, visit_id, populate_existing=True).minutes = 0


def _lock(visit_id: int) -> tuple[Visit, Terms]:
    """Lock the person, then read the visit as it is under the lock."""
    hold(db.session.get_one(Visit, visit_id).person_id)
    visit = db.session.get_one(Visit, visit_id, populate_existing=True)
    return visit, shifts.terms(visit.shift_id)


def add_mark(
    visit: Visit, shift: Terms, way: Way, at: datetime, *, actor: Actor, now: datetime
) -> Visit:
    """Write a scan that no phone made, and let the visit follow."""
    scan = ScanInput(visit.person_id, shift.id, Direction.OUT, way, at)
    put_down(scan, at, actor=actor, now=now)
    return _again(visit, shift, actor=actor, now=now)


def put_down(scan: ScanInput, at: datetime, *, actor: Actor, now: datetime) -> None:
    """Write down what holds by rule or by somebody's word."""
    store(scan, at, rules.ACCEPTED, actor=actor, now=now)


def say(scan: ScanInput, shift: Terms, signup: Live, *, actor: Actor, now: datetime) -> Visit:
    """Write down that somebody was there by somebody's word; visit, sign-up and hours follow."""
    put_down(scan, scan.occurred_at, actor=actor, now=now)
    marks = queries.marks(shift.id, signup.person_id)
    return let_follow(shift, signup, marks, actor=actor, now=now)


def _again(visit: Visit, shift: Terms, *, actor: Actor, now: datetime) -> Visit:
    if visit.signup_id is None:
        raise ValueError(f"visit {visit.id} has no sign-up")
    signup = signups.columns(visit.signup_id)
    marks = queries.marks(shift.id, visit.person_id)
    rows = visits.follow(shift, signup, marks, actor=actor, now=now)
    db.session.flush()
    return next(row for row in rows if row.pair == visit.pair)
