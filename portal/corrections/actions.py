"""Verbs on make-ups and corrections: ask, add evidence, send back, decide, withdraw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from portal.core.access import Actor
from portal.core.db import db
from portal.core.ref import Ref
from portal.core.steps import next_state
from portal.corrections import moves, queries, rules
from portal.corrections.judging import Claim
from portal.corrections.models import (
    Correction,
    CorrectionKind,
    CorrectionState,
)
from portal.hours import queries as ledger
from portal.hours.given import lock_givers
from portal.hours.models import LedgerEntry
from portal.notices.actions import tell
from portal.records import notes
from portal.records.files import Keepable
from portal.shifts import queries as shifts


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a request: why; and of unplanned service what it was, where, and its story."""

    reason: str
    title: str = ""
    place: str = ""
    story: str = ""


def ask(
    claim: Claim,
    said: Said,
    given: Sequence[Keepable],
    form_key: str,
    *,
    actor: Actor,
    now: datetime,
) -> Correction:
    """Ask for a record that is missing, or for one to be put right; by the person or the leader.

    The same form sent twice is filed once. Raises Refused with all reasons why it cannot be, and
    Invalid(`evidence`) for too many files.
    """
    lock_givers([claim.person_id])
    known = queries.by_form(form_key)
    if known is not None:
        return known
    moves.judge(claim, len(given), now=now, asked_at=now)
    entry = ledger.entry(claim.entry_id) if claim.entry_id else None
    shift = shifts.terms(claim.shift_id) if claim.shift_id else None
    row = Correction(
        form_key=form_key,
        kind=CorrectionKind.CORRECTION if entry else CorrectionKind.MAKE_UP,
        state=CorrectionState.SUBMITTED,
        person_id=claim.person_id,
        station_id=(entry or shift or claim).station_id,
        kind_id=(entry or shift or claim).kind_id,
        shift_id=entry.shift_id if entry else claim.shift_id,
        entry_id=claim.entry_id,
        starts_at=claim.starts_at,
        ends_at=claim.ends_at,
        minutes=claim.minutes,
        author_id=actor.person_id,
        filed_at=now,
        due_on=moves.due_on(now),
    )
    db.session.add(row)
    db.session.flush()
    moves.keep(row, given, actor=actor, now=now)
    _describe(row, _as_before(entry, said), actor=actor, now=now)
    moves.record(row, "", rules.ASK, said.reason, actor=actor, now=now)
    if actor.person_id not in queries.records_of([row.person_id]):
        tell(row.person_id, "correction_filed_for", queries.ref(row), now=now)
    return row


def submit(
    correction_id: int,
    claim: Claim,
    said: Said,
    given: Sequence[Keepable],
    *,
    actor: Actor,
    now: datetime,
) -> Correction:
    """Send a returned request once more, with other times, words or more evidence."""
    row = moves.lock(correction_id)
    if row.state == CorrectionState.SUBMITTED:
        return row
    following = next_state(rules.STEPS, CorrectionState(row.state), "submit")
    count = len(queries.evidence_of([row.id])) + len(given)
    moves.judge(claim, count, now=now, asked_at=row.filed_at, correction_id=row.id)
    row.starts_at, row.ends_at, row.minutes = claim.starts_at, claim.ends_at, claim.minutes
    if row.shift_id is None and row.entry_id is None:
        row.station_id, row.kind_id = claim.station_id, claim.kind_id
    row.due_on, row.overdue_told_at = moves.due_on(now), None
    moves.keep(row, given, actor=actor, now=now)
    _describe(row, said, actor=actor, now=now)
    return moves.move(row, following, "submit", said.reason, actor=actor, now=now)


def add_evidence(
    correction_id: int, given: Sequence[Keepable], *, actor: Actor, now: datetime
) -> Correction:
    """Add files while it is open. Whoever does has a hand in it from then on."""
    row = moves.lock(correction_id)
    following = next_state(rules.STEPS, CorrectionState(row.state), "add_evidence")
    moves.keep(row, given, actor=actor, now=now)
    return moves.move(row, following, "add_evidence", "", actor=actor, now=now)


def withdraw(correction_id: int, *, actor: Actor, now: datetime) -> Correction:
    """Take it back; twice is harmless."""
    row = moves.lock(correction_id)
    if row.state == CorrectionState.WITHDRAWN:
        return row
    following = next_state(rules.STEPS, CorrectionState(row.state), "withdraw")
    return moves.move(row, following, "withdraw", "", actor=actor, now=now)


def _as_before(entry: LedgerEntry | None, said: Said) -> Said:
    """Return the words with those of the record that is put right, where no shift names it."""
    if entry is None or entry.shift_id is not None:
        return said
    source = Ref(entry.source_kind, entry.source_id)
    known = {kind: notes.latest(source, kind) for kind in ("title", "place", "story")}
    return replace(said, **known)


def _describe(row: Correction, said: Said, *, actor: Actor, now: datetime) -> None:
    for kind, text in (("title", said.title), ("place", said.place), ("story", said.story)):
        if text and text != notes.latest(queries.ref(row), kind):
            notes.put(queries.ref(row), kind, text, actor=actor, now=now)
