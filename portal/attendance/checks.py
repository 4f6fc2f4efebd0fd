"""The check of all attendance: visits follow from scans, hours from visits, sign-ups from both."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, select
from sqlalchemy.orm import aliased

from portal.attendance import queries, rules
from portal.attendance.models import Scan, Visit, VisitState, Way
from portal.attendance.rules_stays import Mark, Stay, derive, told_by
from portal.core.db import db
from portal.hours.models import LedgerEntry
from portal.hours.queries import is_live
from portal.signups.models import Signup, SignupState

_AT_ONCE = 2000
Key = tuple[int, int]


def check() -> list[str]:
    """Return one line for each thing that does not follow."""
    return [*_visits_against_scans(), *_credits_against_visits(), *_signups_against_visits()]


# --- visits are what the scans make of them ------------------------------------------------------


def _visits_against_scans() -> Iterator[str]:
    return (line for _shift_id, line in _by_shift())


def shifts_that_differ() -> set[int]:
    """Return the shifts of which some visit is not what its scans make of it."""
    return {shift_id for shift_id, _line in _by_shift()}


def _by_shift() -> Iterator[tuple[int, str]]:
    """Walk scans and visits side by side, by shift and person, without holding them all."""
    scans, visits = _grouped(_scan_rows()), _grouped(_visit_rows())
    scan, visit = next(scans, None), next(visits, None)
    while scan is not None or visit is not None:
        key = min(group[0] for group in (scan, visit) if group is not None)
        marks = scan[1] if scan and scan[0] == key else []
        stored = visit[1] if visit and visit[0] == key else []
        yield from ((key[0], line) for line in _differences(key, marks, stored))
        scan = next(scans, None) if scan and scan[0] == key else scan
        visit = next(visits, None) if visit and visit[0] == key else visit


def _scan_rows() -> Iterator[Row[Any]]:
    query = (
        select(
            Scan.shift_id,
            Scan.person_id,
            Scan.direction,
            Scan.way,
            Scan.occurred_at,
            Scan.scan_id,
        )
        .where(queries.says_something(), Scan.shift_id.is_not(None), Scan.person_id.is_not(None))
        .order_by(Scan.shift_id, Scan.person_id, Scan.id)
    )
    yield from db.session.execute(query.execution_options(yield_per=_AT_ONCE))


def _visit_rows() -> Iterator[Row[Any]]:
    query = (
        select(
            Visit.shift_id,
            Visit.person_id,
            Visit.pair,
            Visit.in_at,
            Visit.out_at,
            Visit.state,
            Visit.id,
        )
        # What became a part of another visit is annulled, and stands beside its scans no more.
        .where(Visit.state != VisitState.ANNULLED)
        .order_by(Visit.shift_id, Visit.person_id, Visit.pair)
    )
    yield from db.session.execute(query.execution_options(yield_per=_AT_ONCE))


def _grouped(rows: Iterator[Row[Any]]) -> Iterator[tuple[Key, list[Row[Any]]]]:
    for key, group in groupby(rows, key=lambda row: (row[0], row[1])):
        yield key, list(group)


def _differences(key: Key, marks: list[Row[Any]], stored: list[Row[Any]]) -> Iterator[str]:
    stays = derive(
        Mark(row.direction, row.way, row.occurred_at, told_by(row.scan_id)) for row in marks
    )
    if len(stays) != len(stored):
        shift_id, person_id = key
        yield (
            f"shift {shift_id}, person {person_id}: {len(stored)} visits, "
            f"but the scans make {len(stays)}"
        )
        return
    for stay, row in zip(stays, stored, strict=True):
        if (stay.pair, stay.in_at, stay.out_at) != (row.pair, row.in_at, row.out_at):
            yield f"visit {row.id}: its times are not those of its scans"
        elif row.state not in possible(stay):
            yield f"visit {row.id}: is {row.state}, which does not follow from its scans"


def possible(stay: Stay) -> set[VisitState]:
    """Return the states that a stay can have; registration and role decide between them."""
    if stay.is_open:
        return {VisitState.OPEN}
    if stay.settled == Way.LAPSED:
        return {VisitState.LAPSED, VisitState.CLOSED}
    return {VisitState.PROVISIONAL, VisitState.CLOSED}


# --- hours follow from visits --------------------------------------------------------------------


def _credits_against_visits() -> Iterator[str]:
    credited = (
        select(
            LedgerEntry.source_id,
            func.count().label("credits"),
            func.sum(LedgerEntry.minutes).label("minutes"),
        )
        .where(LedgerEntry.source_kind == "visit", is_live())
        .group_by(LedgerEntry.source_id)
        .subquery()
    )
    query = (
        select(
            Visit.id,
            Visit.state,
            Visit.role,
            Visit.minutes,
            Signup.participant,
            credited.c.credits,
            credited.c.minutes.label("credited"),
            _was_taken_back().label("taken_back"),
        )
        .outerjoin(Signup, Signup.id == Visit.signup_id)
        .outerjoin(credited, credited.c.source_id == Visit.id)
    )
    for row in db.session.execute(query.execution_options(yield_per=_AT_ONCE)):
        serves = rules.earns(row.role, row.participant)
        due = 1 if serves and row.state == VisitState.CLOSED else 0
        if row.taken_back and not row.credits and not row.minutes:
            continue  # a correction stands in its place
        if (row.credits or 0) != due:
            yield f"visit {row.id}: has {row.credits or 0} live credits instead of {due}"
        elif due and row.credited != row.minutes:
            yield f"visit {row.id}: is worth {row.minutes}, the ledger says {row.credited}"


def _was_taken_back() -> ColumnElement[bool]:
    reversal = aliased(LedgerEntry)
    own = (reversal.source_kind == "visit", reversal.source_id == Visit.id)
    return select(reversal.id).where(*own, reversal.reverses_id.is_not(None)).exists()


# --- sign-ups follow from visits -----------------------------------------------------------------


def _signups_against_visits() -> Iterator[str]:
    came = and_(Visit.shift_id == Signup.shift_id, Visit.person_id == Signup.person_id)
    absent = select(Signup.id).where(
        Signup.state == SignupState.ATTENDED, ~select(Visit.id).where(came).exists()
    )
    for signup_id in db.session.scalars(absent):
        yield f"sign-up {signup_id}: is attended, but nobody came"
    unmarked = (
        select(Visit.id)
        .join(Signup, Signup.id == Visit.signup_id)
        .where(Signup.state != SignupState.ATTENDED)
    )
    for visit_id in db.session.scalars(unmarked):
        yield f"visit {visit_id}: its sign-up is not attended"
