"""Verbs of the desk on make-ups and corrections: decide as a second person, see and forget evidence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.steps import next_state
from portal.corrections import entering, moves, queries, rules
from portal.corrections.judging import Claim
from portal.corrections.models import Correction, CorrectionEvidence, CorrectionState
from portal.notices.actions import tell
from portal.people.queries import nearest_holders
from portal.records import audit, files


def approve(correction_id: int, note: str = "", *, actor: Actor, now: datetime) -> Correction:
    """Let it stand in the ledger, as a second person. Twice, also side by side, is harmless.

    What it is held against is asked anew: nothing overlaps, no day or month goes over its cap.
    """
    row = moves.lock(correction_id)
    if row.state == CorrectionState.APPROVED:
        return row
    following = next_state(rules.STEPS, CorrectionState(row.state), "approve")
    _must_be_second(row, actor)
    claim, count = _claim_of(row), len(queries.evidence_of([row.id]))
    moves.judge(claim, count, now=now, asked_at=row.filed_at, correction_id=row.id)
    entering.enter(row, actor=actor, now=now)
    return moves.move(row, following, "approve", note, actor=actor, now=now)


def send_back(correction_id: int, note: str, *, actor: Actor, now: datetime) -> Correction:
    """Return it for more, and say what is missing. Twice is harmless."""
    return _answer(correction_id, "return", note, actor=actor, now=now)


def refuse(correction_id: int, note: str, *, actor: Actor, now: datetime) -> Correction:
    """Refuse it with the reason, which the person reads. Twice is harmless."""
    return _answer(correction_id, "refuse", note, actor=actor, now=now)


def _answer(correction_id: int, verb: str, note: str, *, actor: Actor, now: datetime) -> Correction:
    row = moves.lock(correction_id)
    if row.state == rules.STEPS[CorrectionState.SUBMITTED, verb]:
        return row
    following = next_state(rules.STEPS, CorrectionState(row.state), verb)
    _must_be_second(row, actor)
    return moves.move(row, following, verb, note, actor=actor, now=now)


def _must_be_second(row: Correction, actor: Actor) -> None:
    own = queries.records_of([actor.person_id or 0])
    if not rules.is_second(own, queries.hands(row)):
        message = _("您是本人，或者参与了登记。要由另一位负责人或者上级来答复。")
        raise Refused(Reason("not_second", message))


def _claim_of(row: Correction) -> Claim:
    """Return what a request claims."""
    return Claim(
        person_id=row.person_id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        minutes=row.minutes,
        shift_id=row.shift_id,
        entry_id=row.entry_id,
        station_id=row.station_id,
        kind_id=row.kind_id,
    )


def tell_overdue(correction_id: int, *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Tell who may answer that somebody waits too long; once."""
    row = moves.lock(correction_id)
    late = rules.is_overdue(CorrectionState(row.state), row.due_on, clock.local_day(now))
    if not late or row.overdue_told_at is not None:
        return
    row.overdue_told_at = now
    hands = queries.hands(row)
    near = [nearest_holders(role, row.station_id) for role in entering.ANSWERERS]
    for person_id in next((one for one in (_without(ids, hands) for ids in near) if one), ()):
        tell(person_id, "correction_overdue", queries.ref(row), now=now)


def _without(person_ids: Sequence[int], hands: frozenset[int]) -> list[int]:
    return [one for one in person_ids if one not in hands]


def note_sight(evidence_id: int, *, actor: Actor, now: datetime) -> None:
    """Write down that staff saw a piece of evidence."""
    found = db.session.get_one(CorrectionEvidence, evidence_id)
    row = found.correction
    audit.record(
        "correction.see_evidence", queries.ref(row), actor=actor, now=now,
        station_id=row.station_id, person=row.person_id,
    )  # fmt: skip


def forget_evidence(correction_id: int) -> None:
    """Delete the evidence of a request with its bytes."""
    rows = queries.evidence_of([correction_id])
    db.session.execute(
        delete(CorrectionEvidence).where(CorrectionEvidence.id.in_([one.id for one in rows]))
    )
    files.remove(one.file_id for one in rows)
