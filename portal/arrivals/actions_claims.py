"""Verbs on claims: somebody says they are here or leaving, and somebody else confirms it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, cast

from portal.arrivals import queries_claims as queries
from portal.arrivals.models_claims import Claim, ClaimState
from portal.arrivals.rules_claims import STEPS
from portal.attendance import actions as attendance
from portal.attendance import judging, words
from portal.attendance import rules as scans
from portal.attendance.actions import ScanInput, Verdict
from portal.attendance.models import Direction, ScanVerdict, Way
from portal.attendance.rules import ScanReason
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.steps import next_state
from portal.notices.actions import tell
from portal.org.queries import add_working_days
from portal.people import queries as people
from portal.records import audit, limits, settings, steps
from portal.shifts import queries as shifts
from portal.shifts.models import Shift


class Said(NamedTuple):
    """What somebody says at a post, on which phone."""

    shift_id: int
    direction: Direction
    device: str = ""


class Confirmed(NamedTuple):
    """What became of several claims at once: how many count, and of the others whose and why."""

    done: int
    refused: Sequence[tuple[int, str]]


def ref(row: Claim) -> Ref:
    """Return what the steps and audit rows of a claim hang on."""
    return Ref("claim", row.id)


def claim(said: Said, *, actor: Actor, now: datetime) -> Claim:
    """Write down that the actor says so. It counts nothing. The same again returns the first.

    Raises Refused when a scan would be refused as well, or somebody does it too often.
    """
    person_id = actor.person_id or 0
    attendance.hold(person_id)
    before = queries.waiting(said.shift_id, person_id, said.direction)
    if before is not None:
        return before
    _must_not_hurry(person_id, now)
    shift = shifts.shift(said.shift_id)
    _must_make_sense(said, person_id, now)
    is_first = not queries.waiting_on(shift.id)
    days = settings.get("claim_working_days")
    row = Claim(
        shift_id=shift.id,
        person_id=person_id,
        direction=said.direction,
        at=now,
        device=said.device,
        state=ClaimState.WAITING,
        settle_by_on=add_working_days(clock.local_day(shift.ends_at), days),
    )
    db.session.add(row)
    db.session.flush()
    steps.record(ref(row), "", "claim", row.state, actor=actor, now=now)
    _note("make", row, shift, actor=actor, now=now)
    leader_id = shift.offering.leader_id
    if is_first and leader_id is not None and leader_id != person_id:
        tell(leader_id, "claim_waiting", Ref("shift_claims", shift.id), now=now)
    return row


def confirm(shift_id: int, claim_ids: Sequence[str], *, actor: Actor, now: datetime) -> Confirmed:
    """Confirm claims of a shift: only now they become scans, each judged as of when it was said.

    Nobody confirms their own. What was settled meanwhile is left alone: twice is harmless. One that
    cannot be recorded is refused with the reason of the scan, and its person is told.
    """
    shift = shifts.shift(shift_id)
    done, refused = 0, []
    for row in _chosen(shift_id, claim_ids):
        if people.kept_id(row.person_id) == actor.person_id:
            refused.append((row.person_id, _("自己的到岗要由别人确认。")))
            continue
        scan = ScanInput(
            row.person_id, shift_id, Direction(row.direction), Way.CLAIM, row.at,
            scan_id=f"claim-{row.public_id}", said_at=row.at,
        )  # fmt: skip
        verdict = attendance.record_scan(scan, actor=actor, now=now)
        if verdict.is_done:
            done += 1
            _settle(row, "confirm", shift, actor=actor, now=now)
        else:
            refused.append((row.person_id, words.sentence(verdict)))
            row.reason = verdict.reason
            _refuse(row, shift, actor=actor, now=now)
    return Confirmed(done, refused)


def refuse(shift_id: int, claim_ids: Sequence[str], *, actor: Actor, now: datetime) -> int:
    """Refuse claims of a shift; their persons are told. Return how many."""
    shift = shifts.shift(shift_id)
    rows = _chosen(shift_id, claim_ids)
    for row in rows:
        _refuse(row, shift, actor=actor, now=now)
    return len(rows)


def lapse(claim_id: int, *, actor: Actor, now: datetime) -> None:
    """Let a claim that nobody confirmed in time count nothing, and tell the person."""
    row = cast(Claim, locked(Claim, claim_id))
    if row.state == ClaimState.WAITING:
        _settle(row, "lapse", shifts.shift(row.shift_id), actor=actor, now=now)
        _tell("claim_lapsed", row, now)


# --- parts ---------------------------------------------------------------------------------------


def _must_not_hurry(person_id: int, now: datetime) -> None:
    wait = limits.seconds_to_wait(limits.CLAIM_PERSON, str(person_id), now=now)
    if wait:
        message = _("点得太多了。请过 %(n)d 分钟再试，或者找现场负责人。", n=-(-wait // 60))
        raise Refused(Reason("too_often", message))
    limits.count(limits.CLAIM_PERSON, str(person_id), now=now)


def _must_make_sense(said: Said, person_id: int, now: datetime) -> None:
    """Refuse what a scan would be refused for: no sign-up, not the time, there already."""
    terms = shifts.terms(said.shift_id)
    known = judging.marks(person_id, said.shift_id, now, is_own=False)
    case = judging.case(person_id, said.direction, terms, known, now)
    verdict, reason = scans.judge(said.direction, Way.CLAIM, now, now, case.facts)
    if verdict == ScanVerdict.STORED:
        return
    came = queries.waiting(said.shift_id, person_id, Direction.IN)
    if said.direction == Direction.OUT and reason == ScanReason.ALREADY_OUT and came is not None:
        return
    refused = Verdict(
        verdict, reason, said.direction, shift=shifts.shift(said.shift_id), beside=case.beside
    )
    raise Refused(words.refusal(refused))


def _chosen(shift_id: int, claim_ids: Sequence[str]) -> list[Claim]:
    """Return those that wait, in the order said, with their persons locked in one order."""
    wanted = set(claim_ids)
    rows = [row for row in queries.waiting_on(shift_id) if row.public_id in wanted]
    for person_id in sorted({row.person_id for row in rows}):
        attendance.hold(person_id)
    found = [cast(Claim, locked(Claim, row.id)) for row in rows]
    return [row for row in found if row.state == ClaimState.WAITING]


def _refuse(row: Claim, shift: Shift, *, actor: Actor, now: datetime) -> None:
    _settle(row, "refuse", shift, actor=actor, now=now)
    _tell("claim_refused", row, now)


def _tell(kind: str, row: Claim, now: datetime) -> None:
    """Tell the person; the notice names the shift, and hangs on the claim alone."""
    tell(row.person_id, kind, Ref("shift", row.shift_id), now=now, recalled_by=ref(row))


def _settle(row: Claim, verb: str, shift: Shift, *, actor: Actor, now: datetime) -> None:
    before = ClaimState(row.state)
    row.state = next_state(STEPS, before, verb)
    row.decided_at, row.decided_by_id = now, actor.person_id
    steps.record(ref(row), before, verb, row.state, actor=actor, now=now)
    _note(verb, row, shift, actor=actor, now=now)


def _note(verb: str, row: Claim, shift: Shift, *, actor: Actor, now: datetime) -> None:
    audit.record(
        f"claim.{verb}", ref(row), actor=actor, now=now, station_id=shift.station_id,
        person=row.person_id, shift=shift.id, direction=row.direction,
    )  # fmt: skip
