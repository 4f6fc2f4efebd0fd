"""The parts of every verb on a request: lock, judge, keep files, move and write down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Invalid, Refused
from portal.core.i18n import gettext as _
from portal.corrections import judging, queries, rules, words
from portal.corrections.judging import Claim
from portal.corrections.models import OPEN, Correction, CorrectionEvidence, CorrectionState
from portal.hours.given import lock_givers
from portal.notices.actions import tell
from portal.org.queries import add_working_days
from portal.people import queries as people
from portal.records import audit, files, limits, notes, settings, steps
from portal.records.files import Keepable

_NOTICES = {
    "approve": "correction_approved",
    "return": "correction_returned",
    "refuse": "correction_refused",
}


def lock(correction_id: int) -> Correction:
    """Lock the person, and whom they became, before the request: the order everywhere."""
    lock_givers([db.session.get_one(Correction, correction_id).person_id])
    row = locked(Correction, correction_id)
    if row is None:  # pragma: no cover  rows are never deleted
        raise LookupError(correction_id)
    return row


def due_on(now: datetime) -> date:
    """Return by when it is to be answered."""
    return add_working_days(clock.local_day(now), settings.get("record_working_days"))


def judge(
    claim: Claim,
    count: int,
    *,
    now: datetime,
    asked_at: datetime,
    correction_id: int | None = None,
) -> None:
    """Hold a claim with so many files against everything. Raises Refused with all reasons."""
    held = judging.bounds(claim, now=now, asked_at=asked_at, correction_id=correction_id)
    found = rules.faults(claim.span, claim.minutes, held, count)
    if found:
        raise Refused(*(words.reason(one, held) for one in found))


def keep(row: Correction, given: Sequence[Keepable], *, actor: Actor, now: datetime) -> None:
    """Keep files with the request. Raises Invalid(`evidence`) for too many."""
    if len(queries.evidence_of([row.id])) + len(given) > rules.MOST_FILES:
        raise Invalid("evidence", _("最多放 %(n)d 个文件。", n=rules.MOST_FILES))
    for one in given:
        limits.count(limits.EVIDENCE_PERSON, actor.public_id, now=now)
        kept = files.put(one, now=now)
        db.session.add(
            CorrectionEvidence(
                correction_id=row.id, file_id=kept.id, added_at=now, added_by_id=actor.person_id
            )
        )
    db.session.flush()


def seconds_to_wait(actor: Actor, now: datetime) -> int:
    """Return how long somebody waits before they may send more files; 0 when they may now."""
    return limits.seconds_to_wait(limits.EVIDENCE_PERSON, actor.public_id, now=now)


def move(
    row: Correction,
    following: CorrectionState,
    verb: str,
    note: str,
    *,
    actor: Actor,
    now: datetime,
) -> Correction:
    """Let it be in the following state, write that down, and tell whom an answer concerns."""
    before, row.state = row.state, following
    if following not in OPEN:
        row.answered_at = now
    if verb in _NOTICES:
        row.decided_by_id = actor.person_id if following not in OPEN else None
        for person_id in {people.kept_id(one) for one in (row.person_id, row.author_id)}:
            tell(person_id, _NOTICES[verb], queries.ref(row), now=now)
    record(row, before, verb, note, actor=actor, now=now)
    return row


def record(
    row: Correction, before: str, verb: str, note: str, *, actor: Actor, now: datetime
) -> None:
    """Write one step, its words and its audit row."""
    subject = queries.ref(row)
    steps.record(subject, before, verb, row.state, actor=actor, now=now)
    notes.put(subject, verb, note, actor=actor, now=now)
    audit.record(
        f"correction.{verb}", subject, actor=actor, now=now,
        station_id=row.station_id, person=row.person_id, minutes=row.minutes,
    )  # fmt: skip
