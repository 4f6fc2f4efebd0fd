"""The check of requests against the ledger: each approved one has its entry, and none is without."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, or_, select

from portal.core.db import db
from portal.corrections import queries
from portal.corrections.models import Correction, CorrectionKind, CorrectionState
from portal.corrections.queries import KIND
from portal.hours.models import LedgerEntry, Source
from portal.records.steps import Step


def check() -> list[str]:
    """Return one line for each thing that does not hold together."""
    return [*_wrong_states(), *_approved(), *_stray_entries()]


def _wrong_states() -> Iterator[str]:
    last = (
        select(Step.subject_id, func.max(Step.id).label("step_id"))
        .where(Step.subject_kind == KIND)
        .group_by(Step.subject_id)
        .subquery()
    )
    query = (
        select(Correction.id, Correction.state, Step.to_state)
        .outerjoin(last, last.c.subject_id == Correction.id)
        .outerjoin(Step, Step.id == last.c.step_id)
        .where(or_(Step.to_state.is_(None), Step.to_state != Correction.state))
        .order_by(Correction.id)
    )
    for row_id, state, step in db.session.execute(query):
        yield f"correction {row_id}: is {state}, its last step led to {step or 'nowhere'}"


def _approved() -> Iterator[str]:
    """Walk what was approved: credited, what it replaces reversed, and by a second person."""
    query = select(Correction).where(Correction.state == CorrectionState.APPROVED)
    rows = db.session.scalars(query.order_by(Correction.id)).all()
    entries = select(LedgerEntry).where(
        LedgerEntry.source_kind == KIND, LedgerEntry.source_round == 0
    )
    first = {row.source_id: row for row in db.session.scalars(entries)}
    reversed_ids = set(
        db.session.scalars(
            select(LedgerEntry.reverses_id).where(LedgerEntry.reverses_id.is_not(None))
        )
    )
    for row in rows:
        entry = first.get(row.id)
        if (entry is None) != (row.minutes == 0):
            yield f"correction {row.id}: claims {row.minutes} minutes, the ledger does not have it so"
        elif entry is not None and entry.minutes > row.minutes:
            yield f"correction {row.id}: the ledger has more than was approved"
        if row.kind == CorrectionKind.CORRECTION and row.entry_id not in reversed_ids:
            yield f"correction {row.id}: entry {row.entry_id} stands still"
        if row.decided_by_id is None or row.decided_by_id in queries.hands(row):
            yield f"correction {row.id}: was not decided by a second person"


def _stray_entries() -> Iterator[str]:
    """Find make-ups in the ledger that nobody approved, and what was approved under another name."""
    approved = select(Correction.id).where(Correction.state == CorrectionState.APPROVED)
    of_requests = LedgerEntry.source_kind == KIND
    is_make_up = LedgerEntry.source == Source.MAKE_UP
    query = select(LedgerEntry.id).where(
        or_(
            of_requests & LedgerEntry.source_id.not_in(approved),
            of_requests & ~is_make_up,
            ~of_requests & is_make_up,
        )
    )
    for entry_id in db.session.scalars(query.order_by(LedgerEntry.id)):
        yield f"ledger entry {entry_id}: is no make-up that was approved"
