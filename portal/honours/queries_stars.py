"""Selects over star levels: where a person stands, and who waits for a recognition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, Subquery, case, func, literal, select
from sqlalchemy.orm import aliased, joinedload

from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.honours import rules
from portal.honours.models_stars import StarRecognition
from portal.honours.rules import Recognised, Standing
from portal.hours import queries as ledger
from portal.hours.models import LedgerEntry
from portal.org.models import Station
from portal.people import queries as people
from portal.people.models import Person, Volunteer, VolunteerState
from portal.records import settings

_NUMBERED = (VolunteerState.REGISTERED, VolunteerState.PAUSED)


@dataclass(frozen=True, slots=True)
class Row:
    """A volunteer of the list of levels: what they reached, what is recognised."""

    volunteer: Volunteer
    minutes: int
    reached: int
    recognised: int


def hours() -> tuple[int, ...]:
    """Return the hours of each level that hold now."""
    return rules.thresholds(settings.get("star_hours"))


def standing(person_id: int) -> Standing:
    """Return where a person stands, computed from the ledger."""
    entries = sorted(ledger.entries_of(person_id), key=lambda row: (row.at, row.id))
    return rules.standing(
        [row.minutes for row in entries],
        hours(),
        [Recognised(row.level, row.hours) for row in live_of(person_id)],
        needs_approval=settings.get("star_approval"),
    )


def live_of(person_id: int) -> Sequence[StarRecognition]:
    """Return the levels recognised to a person, the lowest first."""
    query = select(StarRecognition).where(
        StarRecognition.person_id.in_(people.selves(person_id)),
        StarRecognition.withdrawn_at.is_(None),
    )
    return db.session.scalars(query.order_by(StarRecognition.level)).all()


def star_by_id(public_id: str) -> StarRecognition | None:
    """Return the recognition of a public id with its person."""
    query = select(StarRecognition).options(joinedload(StarRecognition.person))
    return db.session.scalars(query.where(StarRecognition.public_id == public_id)).first()


def waiting(station_ids: frozenset[int], number: int) -> Page[Row]:
    """Return who reached a level that is not recognised yet, by their numbers; no ranking."""
    sums, held = _sums(station_ids), _held()
    reached = _level(sums.c.minutes)
    recognised = func.coalesce(held.c.level, 0)
    query = (
        select(Volunteer, sums.c.minutes, reached, recognised)
        .join(sums, sums.c.person_id == Volunteer.person_id)
        .outerjoin(held, held.c.person_id == Volunteer.person_id)
        .join(Volunteer.station)
        .where(Volunteer.state.in_(_NUMBERED), reached > recognised)
        .options(joinedload(Volunteer.person), joinedload(Volunteer.station))
    )
    return _page(query, number)


def lost(station_ids: frozenset[int]) -> Sequence[tuple[StarRecognition, int]]:
    """Return what was recognised and is no longer reached, with the minutes that are left."""
    sums = _sums(station_ids)
    kept = aliased(Person)
    query = (
        select(StarRecognition, sums.c.minutes)
        .join(StarRecognition.person)
        .join(kept, kept.id == func.coalesce(Person.merged_into_id, Person.id))
        .join(sums, sums.c.person_id == kept.id)
        .options(joinedload(StarRecognition.person))
        .where(StarRecognition.withdrawn_at.is_(None), sums.c.minutes < StarRecognition.hours * 60)
    )
    rows = db.session.execute(query.order_by(StarRecognition.id)).tuples().all()
    return [(row, int(minutes)) for row, minutes in rows]


def _sums(station_ids: frozenset[int]) -> Subquery:
    """Return the minutes of each person whose home is at these stations, merged records together."""
    kept_id = func.coalesce(Person.merged_into_id, Person.id)
    at_home = select(Volunteer.person_id).where(Volunteer.station_id.in_(station_ids))
    query = (
        select(kept_id.label("person_id"), func.sum(LedgerEntry.minutes).label("minutes"))
        .join_from(LedgerEntry, Person, Person.id == LedgerEntry.person_id)
        .where(kept_id.in_(at_home))
        .group_by(kept_id)
    )
    return query.subquery()


def _held() -> Subquery:
    kept_id = func.coalesce(Person.merged_into_id, Person.id)
    query = (
        select(kept_id.label("person_id"), func.max(StarRecognition.level).label("level"))
        .join_from(StarRecognition, Person, Person.id == StarRecognition.person_id)
        .where(StarRecognition.withdrawn_at.is_(None))
        .group_by(kept_id)
    )
    return query.subquery()


def _level(minutes: ColumnElement[int]) -> ColumnElement[int]:
    found = [(minutes >= one * 60, n) for n, one in reversed(list(enumerate(hours(), start=1)))]
    return case(*found, else_=literal(0))


def _page(query: Select[tuple[Volunteer, int, int, int]], number: int) -> Page[Row]:
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    number = min(number, -(-total // PAGE_SIZE) or 1)
    order = (Station.position, Station.id, Volunteer.volunteer_no)
    found = query.order_by(*order).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    rows = [Row(one, int(had), level, held) for one, had, level, held in db.session.execute(found)]
    return Page(rows, number, total)
