"""Selects over findings and the records behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from portal.anomalies.models import (
    OPEN,
    Anomaly,
    AnomalyKind,
    AnomalyRecord,
    AnomalyRun,
    AnomalyState,
    RecordKind,
)
from portal.attendance.models import Scan
from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.hours.models import LedgerEntry
from portal.org.models import Station
from portal.people.queries import selves
from portal.records.steps import Step
from portal.shifts.models import Offering, Shift

# So many records of one finding are shown.
MOST_SHOWN = 200


def _whole() -> Select[tuple[Anomaly]]:
    return select(Anomaly).options(joinedload(Anomaly.station), joinedload(Anomaly.person))


def anomaly_by_id(public_id: str) -> Anomaly | None:
    """Return the finding of a public id."""
    return db.session.scalars(_whole().where(Anomaly.public_id == public_id)).first()


@dataclass(frozen=True, slots=True)
class Filter:
    """What the list shows: of these stations; of these states, a kind and a stretch, if asked."""

    station_ids: frozenset[int]
    states: tuple[AnomalyState, ...] = ()
    kind: AnomalyKind | None = None
    first: date | None = None
    last: date | None = None


def listed(wanted: Filter, number: int) -> Page[Anomaly]:
    """Return a page, the latest day first: the order says nothing about weight."""
    clauses = _clauses(wanted)
    total = db.session.scalar(select(func.count(Anomaly.id)).where(*clauses)) or 0
    query = _whole().where(*clauses).order_by(Anomaly.day.desc(), Anomaly.id.desc())
    rows = db.session.scalars(query.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).all()
    return Page(rows, number, total)


def _clauses(wanted: Filter) -> list[Any]:
    clauses: list[Any] = [Anomaly.station_id.in_(wanted.station_ids)]
    if wanted.states:
        clauses.append(Anomaly.state.in_(wanted.states))
    if wanted.kind:
        clauses.append(Anomaly.kind == wanted.kind)
    if wanted.first:
        clauses.append(Anomaly.day >= wanted.first)
    if wanted.last:
        clauses.append(Anomaly.day <= wanted.last)
    return clauses


def count_open(station_ids: Iterable[int]) -> int:
    """Return how many findings of these stations somebody still has to look into."""
    query = select(func.count(Anomaly.id)).where(
        Anomaly.station_id.in_(list(station_ids)), Anomaly.state.in_(OPEN)
    )
    return db.session.scalar(query) or 0


# --- the records behind ------------------------------------------------------------------------------


def _recorded(anomaly_id: int, kind: RecordKind) -> Select[tuple[int]]:
    return select(AnomalyRecord.record_id).where(
        AnomalyRecord.anomaly_id == anomaly_id, AnomalyRecord.kind == kind
    )


_WHERE = (
    Shift.public_id.label("shift"),
    Offering.title,
    Offering.type,
    Offering.public_id.label("offering"),
    Station.name.label("station"),
)


def scans_of(anomaly_id: int) -> Sequence[Any]:
    """Return the scans behind a finding in the order they happened, and where they did."""
    query = (
        select(Scan, *_WHERE)
        .join(Shift, Shift.id == Scan.shift_id)
        .join(Offering, Offering.id == Shift.offering_id)
        .join(Station, Station.id == Shift.station_id)
        .where(Scan.id.in_(_recorded(anomaly_id, RecordKind.SCAN)))
        .order_by(Scan.occurred_at, Scan.id)
    )
    return db.session.execute(query.limit(MOST_SHOWN)).all()


def entries_of(anomaly_id: int) -> Sequence[Any]:
    """Return the entries behind a finding by the day they count for, and what they were for."""
    query = (
        select(LedgerEntry, *_WHERE)
        .outerjoin(Shift, Shift.id == LedgerEntry.shift_id)
        .outerjoin(Offering, Offering.id == Shift.offering_id)
        .join(Station, Station.id == LedgerEntry.station_id)
        .where(LedgerEntry.id.in_(_recorded(anomaly_id, RecordKind.ENTRY)))
        .order_by(LedgerEntry.starts_at, LedgerEntry.id)
    )
    return db.session.execute(query.limit(MOST_SHOWN)).all()


def count_records(anomaly_id: int) -> int:
    """Return how many records are behind a finding."""
    query = select(func.count()).select_from(AnomalyRecord)
    return db.session.scalar(query.where(AnomalyRecord.anomaly_id == anomaly_id)) or 0


def concerns(anomaly_id: int, person_id: int) -> bool:
    """Return whether a finding is about the person: their hand, or a record of theirs."""
    query = _about(person_id).where(Anomaly.id == anomaly_id)
    return db.session.scalar(query.limit(1)) is not None


def about(person_id: int) -> Sequence[Anomaly]:
    """Return the findings about a person, the oldest first."""
    ids = _about(person_id)
    return db.session.scalars(_whole().where(Anomaly.id.in_(ids)).order_by(Anomaly.id)).all()


def _about(person_id: int) -> Select[tuple[int]]:
    own = selves(person_id)
    scans = select(Scan.id).where(or_(Scan.person_id.in_(own), Scan.actor_id.in_(own)))
    entries = select(LedgerEntry.id).where(LedgerEntry.person_id.in_(own))
    seen_in = select(AnomalyRecord.anomaly_id).where(
        or_(
            (AnomalyRecord.kind == RecordKind.SCAN) & AnomalyRecord.record_id.in_(scans),
            (AnomalyRecord.kind == RecordKind.ENTRY) & AnomalyRecord.record_id.in_(entries),
        )
    )
    return select(Anomaly.id).where(or_(Anomaly.person_id.in_(own), Anomaly.id.in_(seen_in)))


# --- looking through ---------------------------------------------------------------------------------


def was_looked_through(day: date) -> bool:
    """Return whether the records up to this day were looked through."""
    return db.session.get(AnomalyRun, day) is not None


def last_run() -> datetime | None:
    """Return when the records were looked through last."""
    return db.session.scalar(select(func.max(AnomalyRun.at)))


def by_keys(keys: Sequence[str]) -> dict[str, Anomaly]:
    """Return the findings with these keys."""
    found: dict[str, Anomaly] = {}
    for start in range(0, len(keys), 500):
        query = select(Anomaly).where(Anomaly.key.in_(keys[start : start + 500]))
        found.update((row.key, row) for row in db.session.scalars(query))
    return found


def records_of(anomaly_ids: Sequence[int]) -> dict[int, set[tuple[str, int]]]:
    """Return the records behind these findings, as (kind, id)."""
    found: dict[int, set[tuple[str, int]]] = {}
    for start in range(0, len(anomaly_ids), 500):
        chosen = AnomalyRecord.anomaly_id.in_(anomaly_ids[start : start + 500])
        columns = (AnomalyRecord.anomaly_id, AnomalyRecord.kind, AnomalyRecord.record_id)
        for anomaly_id, kind, record_id in db.session.execute(select(*columns).where(chosen)):
            found.setdefault(anomaly_id, set()).add((str(kind), record_id))
    return found


def wrong_states() -> Sequence[tuple[int, str, str | None]]:
    """Return (id, state, state by the last step) where the two differ."""
    last = (
        select(Step.subject_id, func.max(Step.id).label("step_id"))
        .where(Step.subject_kind == "anomaly")
        .group_by(Step.subject_id)
        .subquery()
    )
    query = (
        select(Anomaly.id, Anomaly.state, Step.to_state)
        .outerjoin(last, last.c.subject_id == Anomaly.id)
        .outerjoin(Step, Step.id == last.c.step_id)
        .where(or_(Step.to_state.is_(None), Step.to_state != Anomaly.state))
        .order_by(Anomaly.id)
    )
    return [(row_id, state, step) for row_id, state, step in db.session.execute(query)]


def empty_ones() -> Sequence[int]:
    """Return the findings of entries of which an entry is not in the ledger."""
    query = (
        select(AnomalyRecord.anomaly_id)
        .outerjoin(LedgerEntry, LedgerEntry.id == AnomalyRecord.record_id)
        .where(AnomalyRecord.kind == RecordKind.ENTRY, LedgerEntry.id.is_(None))
    )
    return db.session.scalars(query.distinct().order_by(AnomalyRecord.anomaly_id)).all()
