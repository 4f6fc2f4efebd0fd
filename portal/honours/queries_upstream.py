"""Selects over what the national system has not got yet, and over the batches made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.honours.models_upstream import UpstreamBatch, UpstreamEntry
from portal.hours.models import LedgerEntry
from portal.hours.queries import is_live
from portal.org import queries as org
from portal.org.models import Station, Term
from portal.people.models import Person, Volunteer
from portal.shifts.models import Offering, Shift


@dataclass(frozen=True, slots=True)
class Asked:
    """Which records: of a station and all below it, of these days."""

    station_id: int
    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True)
class Line:
    """One record for the national system; `volunteer_no` may be missing."""

    entry: LedgerEntry
    person_id: int
    name: str
    volunteer_no: str | None
    is_erased: bool
    birth_on: date | None
    title: str
    place: str
    kind: str
    station: str

    @property
    def is_correction(self) -> bool:
        """Whether it takes back what was entered before."""
        return self.entry.reverses_id is not None

    @property
    def is_complete(self) -> bool:
        """Whether the national system can take it: it knows people by name and number."""
        return self.volunteer_no is not None and not self.is_erased


@dataclass(frozen=True, slots=True)
class Sums:
    """What the whole of a preview comes to."""

    entries: int
    corrections: int
    missing: int
    persons: int
    minutes: int

    @property
    def ready(self) -> int:
        """How many rows the batch will have."""
        return self.entries + self.corrections


_KEPT = aliased(Person)
_IN_BATCH = (
    select(UpstreamEntry.entry_id)
    .where(UpstreamEntry.entry_id == LedgerEntry.id, UpstreamEntry.released_at.is_(None))
    .correlate(LedgerEntry)
)
_BEFORE = aliased(UpstreamEntry)
_ENTERED_BEFORE = (
    select(_BEFORE.entry_id)
    .where(_BEFORE.entry_id == LedgerEntry.reverses_id, _BEFORE.released_at.is_(None))
    .correlate(LedgerEntry)
)
_COMPLETE = and_(Volunteer.volunteer_no.is_not(None), _KEPT.erased_at.is_(None))


def _lines() -> Select[Any]:
    """Return the select of lines; a merged record goes by the name and number of the one kept."""
    return (
        select(
            LedgerEntry,
            _KEPT.id,
            _KEPT.name,
            Volunteer.volunteer_no,
            _KEPT.erased_at.is_not(None),
            _KEPT.birth_on,
            Offering.title,
            Offering.place,
            Term.name_zh,
            Station.name,
        )
        .join_from(LedgerEntry, Person, Person.id == LedgerEntry.person_id)
        .join(_KEPT, _KEPT.id == func.coalesce(Person.merged_into_id, Person.id))
        .join(Station, Station.id == LedgerEntry.station_id)
        .join(Term, Term.id == LedgerEntry.kind_id)
        .outerjoin(Volunteer, Volunteer.person_id == _KEPT.id)
        .outerjoin(Shift, Shift.id == LedgerEntry.shift_id)
        .outerjoin(Offering, Offering.id == Shift.offering_id)
    )


def _open(asked: Asked) -> list[ColumnElement[bool]]:
    """Credits of the days that count and are in no batch; corrections of whatever was entered."""
    new = and_(
        LedgerEntry.day.between(asked.first_on, asked.last_on),
        LedgerEntry.minutes > 0,
        is_live(),
    )
    correction = and_(LedgerEntry.reverses_id.is_not(None), _ENTERED_BEFORE.exists())
    return [
        LedgerEntry.station_id.in_(org.subtree(asked.station_id)),
        ~_IN_BATCH.exists(),
        or_(new, correction),
    ]


_ORDER = (LedgerEntry.day, LedgerEntry.id)


def ready(asked: Asked, most: int) -> Sequence[Line]:
    """Return the complete lines that no batch holds yet, at most so many, the oldest first."""
    query = _lines().where(*_open(asked), _COMPLETE).order_by(*_ORDER)
    return [Line(*row) for row in db.session.execute(query.limit(most))]


def preview(asked: Asked, number: int, *, missing: bool) -> Page[Line]:
    """Return a page of the lines: those that are complete, or those where something is missing."""
    which = ~_COMPLETE if missing else _COMPLETE
    query = _lines().where(*_open(asked), which)
    counted = select(func.count()).select_from(query.with_only_columns(LedgerEntry.id).subquery())
    total = db.session.scalar(counted) or 0
    number = min(number, -(-total // PAGE_SIZE) or 1)
    shown = query.order_by(*_ORDER).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    return Page([Line(*row) for row in db.session.execute(shown)], number, total)


def sums(asked: Asked) -> Sums:
    """Return what all lines come to, in one statement."""
    is_new = LedgerEntry.reverses_id.is_(None)
    query = (
        _lines()
        .where(*_open(asked))
        .with_only_columns(
            func.coalesce(func.sum(case((and_(_COMPLETE, is_new), 1), else_=0)), 0),
            func.coalesce(func.sum(case((and_(_COMPLETE, ~is_new), 1), else_=0)), 0),
            func.coalesce(func.sum(case((_COMPLETE, 0), else_=1)), 0),
            func.count(case((_COMPLETE, _KEPT.id)).distinct()),
            func.coalesce(func.sum(case((_COMPLETE, LedgerEntry.minutes), else_=0)), 0),
        )
    )
    return Sums(*(int(one) for one in db.session.execute(query).one()))


def lines_of(batch_id: int) -> Sequence[Line]:
    """Return the lines of a batch as it was made, in the order of its file."""
    mine = select(UpstreamEntry.entry_id).where(UpstreamEntry.batch_id == batch_id)
    query = _lines().where(LedgerEntry.id.in_(mine)).order_by(*_ORDER)
    return [Line(*row) for row in db.session.execute(query)]


def batch_by_id(public_id: str) -> UpstreamBatch | None:
    """Return the batch of a public id with its station."""
    query = select(UpstreamBatch).options(joinedload(UpstreamBatch.station))
    return db.session.scalars(query.where(UpstreamBatch.public_id == public_id)).first()


def batches(station_ids: frozenset[int], number: int, state: str = "") -> Page[UpstreamBatch]:
    """Return a page of the batches at these stations, the newest first."""
    where: list[ColumnElement[bool]] = [UpstreamBatch.station_id.in_(station_ids)]
    if state:
        where.append(UpstreamBatch.state == state)
    total = db.session.scalar(select(func.count(UpstreamBatch.id)).where(*where)) or 0
    number = min(number, -(-total // PAGE_SIZE) or 1)
    query = select(UpstreamBatch).options(joinedload(UpstreamBatch.station)).where(*where)
    ordered = query.order_by(UpstreamBatch.id.desc())
    rows = db.session.scalars(ordered.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).all()
    return Page(rows, number, total)


def corrected_later(batch_id: int) -> bool:
    """Return whether another live batch corrects what stands in this one."""
    mine = aliased(UpstreamEntry)
    query = (
        select(UpstreamEntry.entry_id)
        .join(LedgerEntry, LedgerEntry.id == UpstreamEntry.entry_id)
        .join(mine, mine.entry_id == LedgerEntry.reverses_id)
        .where(
            mine.batch_id == batch_id,
            UpstreamEntry.batch_id != batch_id,
            UpstreamEntry.released_at.is_(None),
        )
    )
    return db.session.scalars(query.limit(1)).first() is not None


def entered_minutes(person_ids: Select[tuple[int]]) -> int:
    """Return how many minutes of these records the national system has, as far as we know."""
    query = (
        select(func.coalesce(func.sum(LedgerEntry.minutes), 0))
        .join(UpstreamEntry, UpstreamEntry.entry_id == LedgerEntry.id)
        .join(UpstreamBatch, UpstreamBatch.id == UpstreamEntry.batch_id)
        .where(
            LedgerEntry.person_id.in_(person_ids),
            UpstreamEntry.released_at.is_(None),
            UpstreamBatch.confirmed_on.is_not(None),
        )
    )
    return int(db.session.scalar(query) or 0)


def corrections_of_nothing() -> Sequence[int]:
    """Return the reversals in live batches whose credit is in none: there is nothing to take back."""
    query = (
        select(LedgerEntry.id)
        .join(UpstreamEntry, UpstreamEntry.entry_id == LedgerEntry.id)
        .where(
            LedgerEntry.reverses_id.is_not(None),
            UpstreamEntry.released_at.is_(None),
            ~_ENTERED_BEFORE.exists(),
        )
    )
    return db.session.scalars(query.order_by(LedgerEntry.id)).all()


def wrong_counts() -> Sequence[tuple[int, int, int]]:
    """Return (batch, rows said, rows there) of each batch whose rows do not add up."""
    held = func.count(UpstreamEntry.entry_id)
    said = UpstreamBatch.entries + UpstreamBatch.corrections
    query = (
        select(UpstreamBatch.id, said, held)
        .outerjoin(UpstreamEntry, UpstreamEntry.batch_id == UpstreamBatch.id)
        .group_by(UpstreamBatch.id, said)
        .having(said != held)
    )
    return db.session.execute(query).tuples().all()
