"""Selects over sheets and what is typed of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import joinedload

from portal.arrivals.models_paper import BatchState, PaperBatch, PaperEntry
from portal.attendance.models import Scan, ScanVerdict
from portal.attendance.models_sheets import PaperSheet
from portal.attendance.rules_stays import Mark, told_by
from portal.core.db import db
from portal.hours.models import LedgerEntry
from portal.hours.queries import is_live
from portal.hours.rules import Span
from portal.people.models import Person
from portal.shifts.models import Offering, Shift, ShiftState


def open_batch(sheet_id: int) -> PaperBatch | None:
    """Return the batch of a sheet that is not released yet."""
    query = select(PaperBatch).where(
        PaperBatch.sheet_id == sheet_id, PaperBatch.state != BatchState.RELEASED
    )
    return db.session.scalars(query.execution_options(populate_existing=True)).first()


def batches_of(sheet_id: int) -> Sequence[PaperBatch]:
    """Return the batches of a sheet, the oldest first."""
    query = select(PaperBatch).where(PaperBatch.sheet_id == sheet_id)
    return db.session.scalars(query.order_by(PaperBatch.id)).all()


def entries_of(batch_ids: Collection[int]) -> Sequence[PaperEntry]:
    """Return the typed rows of batches, in the order of the sheet."""
    query = select(PaperEntry).where(PaperEntry.batch_id.in_(batch_ids))
    return db.session.scalars(query.order_by(PaperEntry.number)).all()


def marks_on(shift_id: int) -> Mapping[int, list[Mark]]:
    """Return the accepted scans of everybody at a shift, by person, in the order stored."""
    query = select(Scan.person_id, Scan.direction, Scan.way, Scan.occurred_at, Scan.scan_id).where(
        Scan.shift_id == shift_id,
        Scan.verdict == ScanVerdict.STORED,
        Scan.person_id.is_not(None),
    )
    found: dict[int, list[Mark]] = {}
    for row in db.session.execute(query.order_by(Scan.id)):
        mark = Mark(row[1], row[2], row[3], told_by(row.scan_id))
        found.setdefault(row[0], []).append(mark)
    return found


def kept_ids(person_ids: Collection[int]) -> frozenset[int]:
    """Return the records that these are kept under now."""
    query = select(func.coalesce(Person.merged_into_id, Person.id))
    return frozenset(db.session.scalars(query.where(Person.id.in_(person_ids))))


def found_person(name: str, phone_end: str) -> int | None:
    """Return the one person of exactly this name whose number ends so; None when unsure."""
    query = select(Person.id).where(
        Person.name == name,
        Person.phone.like(f"%{phone_end}"),
        Person.merged_into_id.is_(None),
        Person.erased_at.is_(None),
    )
    found = db.session.scalars(query.limit(2)).all()
    return found[0] if len(found) == 1 else None


def entries_of_person(person_ids: Collection[int]) -> Sequence[PaperEntry]:
    """Return the typed rows by hand in which somebody was found."""
    query = select(PaperEntry).where(PaperEntry.person_id.in_(person_ids))
    return db.session.scalars(query).all()


# --- the list ------------------------------------------------------------------------------------


def listed(
    station_ids: Collection[int], state: str, now: datetime, ended_after: datetime
) -> Select[Any]:
    """Return the select of sheets with the newest batch: `state` is one of batches, or `none`.

    Sheets of which nothing was typed are listed while they can still be: of shifts that ended since.
    """
    newest = (
        select(PaperBatch.sheet_id, func.max(PaperBatch.id).label("batch_id"))
        .group_by(PaperBatch.sheet_id)
        .subquery()
    )
    query = (
        select(PaperSheet, PaperBatch)
        .join(Shift, Shift.id == PaperSheet.shift_id)
        .outerjoin(newest, newest.c.sheet_id == PaperSheet.id)
        .outerjoin(PaperBatch, PaperBatch.id == newest.c.batch_id)
        .options(
            joinedload(PaperSheet.shift).joinedload(Shift.offering).joinedload(Offering.station)
        )
        .where(
            Shift.station_id.in_(station_ids),
            Shift.state == ShiftState.PLANNED,
            Shift.starts_at <= now,
        )
    )
    if state == "none":
        return query.where(PaperBatch.id.is_(None), Shift.ends_at >= ended_after)
    if state:
        return query.where(PaperBatch.state == state)
    return query.where((PaperBatch.id.is_not(None)) | (Shift.ends_at >= ended_after))


def page_of(query: Select[Any], number: int, size: int) -> tuple[Sequence[Row[Any]], int]:
    """Return one page of the list, the newest shift first, and how many there are in all."""
    total = int(db.session.scalar(select(func.count()).select_from(query.subquery())) or 0)
    ordered = query.order_by(Shift.starts_at.desc(), PaperSheet.number.desc(), PaperSheet.id)
    return db.session.execute(ordered.offset((number - 1) * size).limit(size)).all(), total


def counts(station_ids: Collection[int]) -> Mapping[str, int]:
    """Return how many batches wait for what at these stations."""
    query = (
        select(PaperBatch.state, func.count())
        .join(PaperSheet, PaperSheet.id == PaperBatch.sheet_id)
        .join(Shift, Shift.id == PaperSheet.shift_id)
        .where(Shift.station_id.in_(station_ids), PaperBatch.state != BatchState.RELEASED)
        .group_by(PaperBatch.state)
    )
    return dict(db.session.execute(query).tuples().all())


def sheets_with_batches(shift_id: int) -> Sequence[Row[Any]]:
    """Return the sheets of a shift with the newest batch of each, the newest sheet first."""
    newest = (
        select(PaperBatch.sheet_id, func.max(PaperBatch.id).label("batch_id"))
        .group_by(PaperBatch.sheet_id)
        .subquery()
    )
    query = (
        select(PaperSheet, PaperBatch)
        .outerjoin(newest, newest.c.sheet_id == PaperSheet.id)
        .outerjoin(PaperBatch, PaperBatch.id == newest.c.batch_id)
        .where(PaperSheet.shift_id == shift_id)
    )
    return db.session.execute(query.order_by(PaperSheet.number.desc())).all()


def beside(
    person_ids: Collection[int], shift_id: int, after: datetime, before: datetime
) -> Mapping[int, list[Span]]:
    """Return what these persons have on record elsewhere in a span, by person."""
    query = select(LedgerEntry.person_id, LedgerEntry.starts_at, LedgerEntry.ends_at).where(
        LedgerEntry.person_id.in_(person_ids),
        LedgerEntry.shift_id.is_distinct_from(shift_id),
        LedgerEntry.starts_at < before,
        LedgerEntry.ends_at > after,
        is_live(),
    )
    found: dict[int, list[Span]] = {}
    for person_id, starts_at, ends_at in db.session.execute(query):
        found.setdefault(person_id, []).append(Span(starts_at, ends_at))
    return found


def names_left(ended_before: datetime) -> Sequence[int]:
    """Return batches never released, of shifts long over, that still hold names written by hand."""
    query = (
        select(PaperEntry.batch_id.distinct())
        .join(PaperBatch, PaperBatch.id == PaperEntry.batch_id)
        .join(PaperSheet, PaperSheet.id == PaperBatch.sheet_id)
        .join(Shift, Shift.id == PaperSheet.shift_id)
        .where(PaperEntry.name != "", Shift.ends_at < ended_before)
    )
    return db.session.scalars(query.limit(200)).all()
