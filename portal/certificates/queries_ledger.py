"""What of the ledger can be certified, and what stands behind a certificate that was issued."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased, joinedload

from portal.attendance.models import Visit, VisitState
from portal.certificates.models import Certificate, CertificateHead
from portal.certificates.rules import Behind, Scope, digest_of
from portal.core import clock
from portal.core.db import db
from portal.hours.models import LedgerEntry
from portal.hours.queries import is_live, last_of
from portal.org.models import Level, Station, StationTree, Term
from portal.people.queries import own_ids, selves
from portal.shifts.models import Shift

# Whoever is told that a record was corrected is told within the month.
TOLD_WITHIN = timedelta(days=31)


# --- what can be certified -----------------------------------------------------------------------


class Given(NamedTuple):
    """A record that counts, with the unit where it was recorded, and its kind."""

    entry: LedgerEntry
    unit: str
    kind: str


def _in_scope(scope: Scope) -> ColumnElement[bool]:
    below = select(StationTree.descendant_id).where(StationTree.ancestor_id == scope.station_id)
    within = LedgerEntry.day.between(scope.from_on, scope.to_on)
    return within & LedgerEntry.station_id.in_(below)


def given(person_id: int, scope: Scope) -> Sequence[Given]:
    """Return the person's records that count now, in the order of their days."""
    query = (
        select(LedgerEntry, Station.name, Term.name_zh)
        .join(Station, Station.id == LedgerEntry.station_id)
        .join(Term, Term.id == LedgerEntry.kind_id)
        .options(joinedload(LedgerEntry.shift).joinedload(Shift.offering))
        .where(
            LedgerEntry.person_id.in_(selves(person_id)),
            _in_scope(scope),
            LedgerEntry.minutes > 0,
            is_live(),
        )
        .order_by(LedgerEntry.day, LedgerEntry.starts_at, LedgerEntry.id)
    )
    return [Given(*row) for row in db.session.execute(query).unique()]


def provisional_minutes(person_id: int, scope: Scope) -> int:
    """Return what waits for a confirmation in the scope, and so is on no certificate."""
    starts, ends = clock.day_span(scope.from_on, scope.to_on)
    below = select(StationTree.descendant_id).where(StationTree.ancestor_id == scope.station_id)
    query = (
        select(func.coalesce(func.sum(Visit.minutes), 0))
        .join(Shift, Shift.id == Visit.shift_id)
        .where(
            Visit.person_id.in_(selves(person_id)),
            Visit.state == VisitState.PROVISIONAL,
            Visit.in_at >= starts,
            Visit.in_at < ends,
            Shift.station_id.in_(below),
        )
    )
    return int(db.session.execute(query).scalar_one())


def minutes_since(row: Certificate) -> int:
    """Return what has been recorded in the scope since the issue of a certificate that holds."""
    scope = Scope(row.station_id, row.from_on, row.to_on)
    query = select(func.coalesce(func.sum(LedgerEntry.minutes), 0)).where(
        LedgerEntry.person_id.in_(selves(row.person_id)), _in_scope(scope)
    )
    return int(db.session.execute(query).scalar_one()) - row.minutes


def units_of(person_id: int) -> Sequence[Station]:
    """Return the stations where the person has records, and those above, from the centre down."""
    own = select(LedgerEntry.station_id).where(LedgerEntry.person_id.in_(selves(person_id)))
    above = select(StationTree.ancestor_id).where(StationTree.descendant_id.in_(own))
    rows = db.session.scalars(select(Station).where(Station.id.in_(above))).all()
    levels = list(Level)
    return sorted(rows, key=lambda row: (levels.index(Level(row.level)), row.position, row.id))


def first_day(person_id: int) -> date | None:
    """Return the day of the person's first record."""
    query = select(func.min(LedgerEntry.day)).where(LedgerEntry.person_id.in_(selves(person_id)))
    return db.session.execute(query).scalar_one()


def heads_of(person_id: int) -> Iterator[LedgerEntry]:
    """Yield the last entry of each of the person's chains."""
    for one in own_ids(person_id):
        last = last_of(one)
        if last is not None:
            yield last


def chains_of(person_id: int) -> Iterator[Sequence[Any]]:
    """Yield each of the person's chains: the columns of its entries in their order."""
    table = LedgerEntry.__table__
    for one in own_ids(person_id):
        query = select(table).where(table.c.person_id == one).order_by(table.c.seq)
        yield db.session.execute(query).all()


# --- what stands behind --------------------------------------------------------------------------


def _at_issue() -> Select[tuple[int, int, str]]:
    """Select what counted in the ledger up to where it went at the issue: (id, minutes, digest)."""
    back = aliased(LedgerEntry)
    taken_back = select(back.id).where(
        back.reverses_id == LedgerEntry.id, back.seq <= CertificateHead.seq
    )
    return (
        select(Certificate.id, LedgerEntry.minutes, LedgerEntry.digest)
        .join(CertificateHead, CertificateHead.certificate_id == Certificate.id)
        .join(
            LedgerEntry,
            (LedgerEntry.person_id == CertificateHead.person_id)
            & (LedgerEntry.seq <= CertificateHead.seq),
        )
        .join(
            StationTree,
            (StationTree.ancestor_id == Certificate.station_id)
            & (StationTree.descendant_id == LedgerEntry.station_id),
        )
        .where(
            LedgerEntry.day.between(Certificate.from_on, Certificate.to_on),
            LedgerEntry.minutes > 0,
            ~taken_back.exists(),
        )
        .order_by(Certificate.id, LedgerEntry.day, LedgerEntry.starts_at, LedgerEntry.id)
    )


def behind(certificate_id: int) -> Behind:
    """Return what the ledger holds of a certificate, as it went when that was issued."""
    rows = db.session.execute(_at_issue().where(Certificate.id == certificate_id)).all()
    return _behind(rows)


def all_behind() -> Mapping[int, Behind]:
    """Return the same of every certificate."""
    rows = db.session.execute(_at_issue().execution_options(yield_per=2000))
    return {one: _behind(list(found)) for one, found in groupby(rows, key=lambda row: row[0])}


def _behind(rows: Sequence[Any]) -> Behind:
    return Behind(sum(row[1] for row in rows), len(rows), digest_of(row[2] for row in rows))


def _changes() -> Select[tuple[int, datetime]]:
    """Select (id, when) of the first reversal after the issue of a record behind a certificate."""
    back = aliased(LedgerEntry)
    return (
        select(Certificate.id, func.min(back.at))
        .join(CertificateHead, CertificateHead.certificate_id == Certificate.id)
        .join(
            back,
            (back.person_id == CertificateHead.person_id)
            & (back.seq > CertificateHead.seq)
            & back.reverses_id.is_not(None),
        )
        .join(
            LedgerEntry,
            (LedgerEntry.id == back.reverses_id) & (LedgerEntry.seq <= CertificateHead.seq),
        )
        .join(
            StationTree,
            (StationTree.ancestor_id == Certificate.station_id)
            & (StationTree.descendant_id == LedgerEntry.station_id),
        )
        .where(
            LedgerEntry.day.between(Certificate.from_on, Certificate.to_on), LedgerEntry.minutes > 0
        )
        .group_by(Certificate.id)
    )


def changed_since(certificate_ids: Collection[int]) -> dict[int, datetime]:
    """Return when a record behind each of these was first taken back, where one was."""
    query = _changes().where(Certificate.id.in_(certificate_ids))
    return dict(db.session.execute(query).tuples().all()) if certificate_ids else {}


def changed_untold(now: datetime) -> Sequence[int]:
    """Return certificates that a correction ended and whose person was not told of it yet."""
    lately = select(LedgerEntry.person_id).where(
        LedgerEntry.reverses_id.is_not(None), LedgerEntry.at > now - TOLD_WITHIN
    )
    query = _changes().where(
        CertificateHead.person_id.in_(lately),
        Certificate.revoked_at.is_(None),
        Certificate.superseded_at.is_(None),
        Certificate.change_told_at.is_(None),
    )
    return [one for one, _when in db.session.execute(query.order_by(Certificate.id))]


def moved_heads() -> Sequence[int]:
    """Return the certificates whose place in the ledger is gone or holds another digest."""
    query = (
        select(CertificateHead.certificate_id)
        .outerjoin(
            LedgerEntry,
            (LedgerEntry.person_id == CertificateHead.person_id)
            & (LedgerEntry.seq == CertificateHead.seq)
            & (LedgerEntry.digest == CertificateHead.digest),
        )
        .where(LedgerEntry.id.is_(None))
        .order_by(CertificateHead.certificate_id)
    )
    return db.session.scalars(query).all()
