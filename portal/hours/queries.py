"""Selects over the ledger. An entry counts unless it was reversed; a reversal never counts itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, Row, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from portal.core.copies import kept
from portal.core.db import UtcDateTime, db, execute
from portal.core.ref import Ref
from portal.hours import rules
from portal.hours.models import REF_LENGTH, LedgerEntry, Source
from portal.hours.models_rules import CreditRule
from portal.hours.rules import Terms
from portal.people import queries as people
from portal.people.models import Person

# What held before a district wrote a version of its own.
FIRST_DAY = date(2000, 1, 1)
_FIGURES = ("grace", "rounding", "step", "day_cap", "minimum_share", "short_stays", "break_after",
            "break_minutes", "version")  # fmt: skip
_VERSIONS = select(
    CreditRule.valid_from, *(getattr(CreditRule, name) for name in _FIGURES)
).order_by(CreditRule.version)


@kept
def versions() -> tuple[tuple[date, Terms], ...]:
    """Return every version of the rules with its first day, the oldest first; never none."""
    rows = [
        (row.valid_from, Terms(**{name: getattr(row, name) for name in _FIGURES}))
        for row in execute(_VERSIONS)
    ]
    if not any(terms.version == 1 for _day, terms in rows):
        rows.insert(0, (FIRST_DAY, Terms()))
    return tuple(rows)


def terms(day: date) -> Terms:
    """Return the figures by which shifts of a local day are judged."""
    return rules.valid_on(versions(), day)


def written_versions() -> Sequence[CreditRule]:
    """Return the versions as they were written, the newest first."""
    return db.session.scalars(select(CreditRule).order_by(CreditRule.version.desc())).all()


def is_live() -> ColumnElement[bool]:
    """Return the clause: a credit that was not reversed."""
    reversal = aliased(LedgerEntry)
    reversed_by = select(reversal.id).where(reversal.reverses_id == LedgerEntry.id)
    return LedgerEntry.reverses_id.is_(None) & ~reversed_by.exists()


def entry(entry_id: int) -> LedgerEntry | None:
    """Return an entry by internal id."""
    return db.session.get(LedgerEntry, entry_id)


def live_by_ref(person_id: int, ref: str) -> LedgerEntry | None:
    """Return the person's live credit that addresses name so; not one of anybody else."""
    if len(ref) != REF_LENGTH:
        return None
    query = select(LedgerEntry).where(
        LedgerEntry.person_id.in_(people.selves(person_id)),
        func.substr(LedgerEntry.digest, 1, REF_LENGTH) == ref,
        is_live(),
    )
    return db.session.scalars(query).first()


def made_up_on(shift_id: int) -> dict[int, int]:
    """Return the live minutes of a shift that were made up, by person (not by merged record)."""
    somebody = func.coalesce(Person.merged_into_id, Person.id)
    query = (
        select(somebody, func.sum(LedgerEntry.minutes))
        .join(Person, Person.id == LedgerEntry.person_id)
        .where(LedgerEntry.shift_id == shift_id, LedgerEntry.source == Source.MAKE_UP, is_live())
    )
    rows = db.session.execute(query.group_by(somebody))
    return {person_id: int(minutes) for person_id, minutes in rows}


def entries_of(person_id: int) -> Sequence[LedgerEntry]:
    """Return all entries of a person, credits and reversals, the oldest first.

    A record merged into the person keeps its own entries; they are the person's too.
    """
    query = select(LedgerEntry).where(LedgerEntry.person_id.in_(people.selves(person_id)))
    return db.session.scalars(query.order_by(LedgerEntry.person_id, LedgerEntry.seq)).all()


_SELVES = people.selves(bindparam("person_id", type_=Integer))
_TOTAL = select(func.coalesce(func.sum(LedgerEntry.minutes), 0)).where(
    LedgerEntry.person_id.in_(_SELVES)
)


def total(person_id: int) -> int:
    """Return the minutes that count now."""
    return int(db.session.scalar(_TOTAL, {"person_id": person_id}) or 0)


_LIVE_AROUND = select(LedgerEntry).where(
    LedgerEntry.person_id.in_(_SELVES),
    or_(
        LedgerEntry.day == bindparam("day", type_=Date),
        (LedgerEntry.starts_at < bindparam("ends_at", type_=UtcDateTime()))
        & (LedgerEntry.ends_at > bindparam("starts_at", type_=UtcDateTime())),
    ),
    is_live(),
)


def live_around(
    person_id: int, day: date, starts_at: datetime, ends_at: datetime
) -> Sequence[LedgerEntry]:
    """Return the live credits of a person on the day, or overlapping the span."""
    values = {"person_id": person_id, "day": day, "starts_at": starts_at, "ends_at": ends_at}
    return db.session.scalars(_LIVE_AROUND, values).all()


def live_of(record_id: int) -> Sequence[LedgerEntry]:
    """Return the live credits of one record, without those of records merged into it."""
    query = select(LedgerEntry).where(LedgerEntry.person_id == record_id, is_live())
    return db.session.scalars(query.order_by(LedgerEntry.seq)).all()


def latest_of_source(source: Ref) -> LedgerEntry | None:
    """Return the newest entry that a thing earned, or that took it back."""
    query = select(LedgerEntry).where(
        LedgerEntry.source_kind == source.kind, LedgerEntry.source_id == source.id
    )
    return db.session.scalars(query.order_by(LedgerEntry.source_round.desc()).limit(1)).first()


def last_of(person_id: int) -> LedgerEntry | None:
    """Return the end of a person's chain."""
    query = select(LedgerEntry).where(LedgerEntry.person_id == person_id)
    return db.session.scalars(query.order_by(LedgerEntry.seq.desc()).limit(1)).first()


def all_in_chain_order() -> Iterator[Row[Any]]:
    """Return the columns of every entry by person and number, without holding them all in memory."""
    table = LedgerEntry.__table__
    query = select(table).order_by(table.c.person_id, table.c.seq)
    yield from db.session.execute(query.execution_options(yield_per=2000))


def totals() -> dict[int, int]:
    """Return the sum of all entries of each person."""
    query = select(LedgerEntry.person_id, func.sum(LedgerEntry.minutes))
    rows = db.session.execute(query.group_by(LedgerEntry.person_id))
    return {person_id: int(minutes) for person_id, minutes in rows}
