"""Selects over make-ups and corrections."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from portal.core.db import db
from portal.core.ref import Ref
from portal.corrections.models import (
    OPEN,
    Correction,
    CorrectionEvidence,
    CorrectionKind,
    CorrectionState,
)
from portal.corrections.rules import HAND_VERBS
from portal.hours.models import LedgerEntry
from portal.hours.queries import is_live
from portal.people.queries import own_ids, selves
from portal.records import notes
from portal.records.files import StoredFile
from portal.records.steps import Step
from portal.shifts.models import Offering, Shift

KIND = "correction"
WAITS = Correction.state == CorrectionState.SUBMITTED


def ref(row: Correction) -> Ref:
    """Return how steps, notes, notices and the ledger name a request."""
    return Ref(KIND, row.id)


def whole() -> Select[tuple[Correction]]:
    return select(Correction).options(
        joinedload(Correction.person),
        joinedload(Correction.author),
        joinedload(Correction.station),
        joinedload(Correction.term),
        joinedload(Correction.entry),
        joinedload(Correction.shift).joinedload(Shift.offering).joinedload(Offering.station),
    )


def correction_by_id(public_id: str) -> Correction | None:
    """Return the request of a public id with all that its page shows."""
    return db.session.scalars(whole().where(Correction.public_id == public_id)).first()


def by_form(key: str) -> Correction | None:
    """Return what was filed with this form already."""
    return db.session.scalars(whole().where(Correction.form_key == key)).first()


def of_person(person_id: int) -> Sequence[Correction]:
    """Return the requests about the person's hours, the newest first."""
    query = whole().where(Correction.person_id.in_(selves(person_id)))
    return db.session.scalars(query.order_by(Correction.id.desc())).all()


def open_of(
    person_id: int, *, shift_id: int | None = None, entry_id: int | None = None
) -> Correction | None:
    """Return the open request about a shift or an entry of the person."""
    about = Correction.entry_id == entry_id if entry_id else Correction.shift_id == shift_id
    query = whole().where(
        Correction.person_id.in_(selves(person_id)), Correction.state.in_(OPEN), about
    )
    return db.session.scalars(query.order_by(Correction.id).limit(1)).first()


def titles(rows: Iterable[Correction]) -> Mapping[int, str]:
    """Return what each was: the title of its shift, or what was said of unplanned service."""
    found = list(rows)
    bare = [_named_by(row) for row in found if row.shift is None]
    said = notes.latest_of(bare, "title") if bare else {}
    return {
        row.id: row.shift.offering.title if row.shift else said.get(_named_by(row), "")
        for row in found
    }


def entry_titles(rows: Iterable[LedgerEntry]) -> list[tuple[LedgerEntry, str]]:
    """Return records, each with what it was: its shift's title, or what a note says of its source."""
    found = list(rows)
    bare = [Ref(row.source_kind, row.source_id) for row in found if row.shift is None]
    said = notes.latest_of(bare, "title") if bare else {}
    return [
        (
            row,
            row.shift.offering.title
            if row.shift
            else said.get(Ref(row.source_kind, row.source_id), ""),
        )
        for row in found
    ]


def _named_by(row: Correction) -> Ref:
    """Return whose note says what it was: a correction's is that of what earned the entry."""
    if row.entry is None:
        return ref(row)
    return Ref(row.entry.source_kind, row.entry.source_id)


def made_up(person_id: int, first: date, last: date, but_id: int = 0) -> int:
    """Return the live minutes that were made up for the person on these days."""
    query = (
        select(func.coalesce(func.sum(LedgerEntry.minutes), 0))
        .join(Correction, Correction.id == LedgerEntry.source_id)
        .where(
            LedgerEntry.source_kind == KIND,
            LedgerEntry.person_id.in_(selves(person_id)),
            LedgerEntry.day.between(first, last),
            Correction.kind == CorrectionKind.MAKE_UP,
            Correction.id != but_id,
            is_live(),
        )
    )
    return int(db.session.scalar(query) or 0)


# --- the second person ---------------------------------------------------------------------------


def hands(row: Correction) -> frozenset[int]:
    """Return all records of the volunteer, and of everybody who had a hand in what is claimed."""
    actors = select(Step.actor_id).where(
        Step.subject_kind == KIND, Step.subject_id == row.id, Step.verb.in_(HAND_VERBS)
    )
    given = {one for one in db.session.scalars(actors) if one}
    return records_of({*given, row.person_id, row.author_id})


def records_of(person_ids: Collection[int]) -> frozenset[int]:
    """Return the ids of all records of these persons, merged ones included."""
    return frozenset(one for person_id in person_ids for one in own_ids(person_id))


# --- evidence ------------------------------------------------------------------------------------


def evidence_by_id(public_id: str) -> CorrectionEvidence | None:
    """Return the evidence of a public id with its request."""
    query = select(CorrectionEvidence).options(
        joinedload(CorrectionEvidence.correction).joinedload(Correction.person)
    )
    return db.session.scalars(query.where(CorrectionEvidence.public_id == public_id)).first()


def evidence_of(correction_ids: Collection[int]) -> Sequence[CorrectionEvidence]:
    """Return the evidence of these requests, the oldest first; without the bytes."""
    query = (
        select(CorrectionEvidence)
        .join(CorrectionEvidence.file)
        .options(
            contains_eager(CorrectionEvidence.file).load_only(
                StoredFile.media_type, StoredFile.size
            )
        )
        .where(CorrectionEvidence.correction_id.in_(correction_ids))
    )
    return db.session.scalars(query.order_by(CorrectionEvidence.id)).all()


def answered_with_evidence(before: datetime) -> Sequence[int]:
    """Return the ids of requests that were answered before an instant and still hold evidence."""
    query = (
        select(Correction.id)
        .join(CorrectionEvidence, CorrectionEvidence.correction_id == Correction.id)
        .where(Correction.answered_at < before)
        .distinct()
    )
    return db.session.scalars(query.order_by(Correction.id).limit(200)).all()


# --- deadlines and the check ---------------------------------------------------------------------


def overdue_untold(today: date) -> Sequence[int]:
    """Return what is overdue and nobody was told of yet."""
    query = select(Correction.id).where(
        WAITS, Correction.due_on < today, Correction.overdue_told_at.is_(None)
    )
    return db.session.scalars(query.order_by(Correction.due_on).limit(500)).all()


def open_due_from(since: date) -> Sequence[Correction]:
    """Return what waits for an answer until a day from `since` on."""
    return db.session.scalars(select(Correction).where(WAITS, Correction.due_on >= since)).all()


def last_sent(row: Correction) -> datetime:
    """Return since when it waits: it was asked, or sent once more."""
    query = select(func.max(Step.at)).where(
        Step.subject_kind == KIND, Step.subject_id == row.id, Step.verb == "submit"
    )
    return db.session.scalar(query) or row.filed_at
