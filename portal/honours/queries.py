"""Selects over honours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, extract, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from portal.core import clock
from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.honours.models import PERSONAL, Honour, Honoured
from portal.people import queries as people
from portal.people.models import Person
from portal.people.models_consents import Consent, ConsentKind
from portal.people.models_family import FamilyMember
from portal.people.rules import ADULT_AGE

_KEPT = aliased(Person)
_KEPT_ID = func.coalesce(Person.merged_into_id, Person.id)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of honours shows. `station_ids` None: of all stations."""

    station_ids: Select[tuple[int]] | frozenset[int] | None = None
    kind: Honoured | None = None
    level_id: int | None = None
    year: int | None = None
    withdrawn: bool = False
    is_public: bool = False


def honour_by_id(public_id: str) -> Honour | None:
    """Return the honour of a public id."""
    query = _whole().where(Honour.public_id == public_id)
    return db.session.scalars(query).first()


def _whole() -> Select[tuple[Honour]]:
    return select(Honour).options(joinedload(Honour.level), joinedload(Honour.station))


def listed(wanted: Filter, number: int) -> Page[Honour]:
    """Return a page of honours, the newest first."""
    where = _conditions(wanted)
    total = db.session.scalar(select(func.count(Honour.id)).where(*where)) or 0
    number = min(number, -(-total // PAGE_SIZE) or 1)
    query = _whole().where(*where).order_by(Honour.given_on.desc(), Honour.id.desc())
    rows = db.session.scalars(query.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).all()
    return Page(rows, number, total)


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    gone = Honour.withdrawn_at.is_not(None) if wanted.withdrawn else Honour.withdrawn_at.is_(None)
    found: list[ColumnElement[bool]] = [gone]
    if wanted.station_ids is not None:
        found.append(Honour.station_id.in_(wanted.station_ids))
    if wanted.kind is not None:
        found.append(Honour.subject_kind == wanted.kind)
    if wanted.level_id is not None:
        found.append(Honour.level_id == wanted.level_id)
    if wanted.year is not None:
        found.append(extract("year", Honour.given_on) == wanted.year)
    if wanted.is_public:
        found.append(_is_public())
    return found


def _is_public() -> ColumnElement[bool]:
    """Honours that name a person are shown only while that person, an adult, agrees to it."""
    # Merged records are one person: their newest word holds, under whichever it was said.
    newest = (
        select(func.max(Consent.id))
        .join(Person, Person.id == Consent.person_id)
        .where(Consent.kind == ConsentKind.PUBLICATION)
        .group_by(_KEPT_ID)
    )
    agreed = (
        select(_KEPT_ID)
        .join_from(Consent, Person, Person.id == Consent.person_id)
        .where(Consent.id.in_(newest), Consent.given)
    )
    today = clock.today()
    # A minor's name is not published, whoever agrees.
    grown = date(today.year - ADULT_AGE, today.month, min(today.day, 28))
    named = (
        select(Person.id)
        .join(_KEPT, _KEPT.id == _KEPT_ID)
        .where(
            _KEPT.id.in_(agreed),
            _KEPT.erased_at.is_(None),
            or_(_KEPT.birth_on.is_(None), _KEPT.birth_on <= grown),
        )
    )
    return or_(Honour.subject_kind.not_in(PERSONAL), Honour.subject_id.in_(named))


def of(kind: Honoured, subject_id: int) -> Sequence[Honour]:
    """Return the honours of a thing that has a public page, the newest first."""
    query = _whole().where(
        Honour.subject_kind == kind, Honour.subject_id == subject_id, Honour.withdrawn_at.is_(None)
    )
    return db.session.scalars(query.order_by(Honour.given_on.desc(), Honour.id.desc())).all()


def of_person(person_id: int, *, with_family: bool = True) -> Sequence[Honour]:
    """Return a person's honours, withdrawn ones included, and those of the family they are in."""
    own = people.selves(person_id)
    mine: ColumnElement[bool] = (Honour.subject_kind == Honoured.PERSON) & Honour.subject_id.in_(
        own
    )
    if with_family:
        family = (Honour.subject_kind == Honoured.FAMILY) & or_(
            Honour.subject_id.in_(own), Honour.subject_id.in_(_holders(own))
        )
        mine = or_(mine, family)
    query = _whole().where(mine)
    return db.session.scalars(query.order_by(Honour.given_on.desc(), Honour.id.desc())).all()


def _holders(own: Select[tuple[int]]) -> Select[tuple[int]]:
    return select(FamilyMember.holder_id).where(
        FamilyMember.person_id.in_(own), FamilyMember.removed_at.is_(None)
    )


def family_of(person_id: int) -> frozenset[int]:
    """Return the ids of who is in one family with the person: whom they hold, and who holds them."""
    rows = db.session.execute(
        select(FamilyMember.holder_id, FamilyMember.person_id).where(
            FamilyMember.removed_at.is_(None),
            or_(FamilyMember.holder_id == person_id, FamilyMember.person_id == person_id),
        )
    )
    return frozenset(one for row in rows for one in row) - {person_id}


def same(kind: Honoured, subject_id: int, title: str, given_on: date) -> Honour | None:
    """Return the live honour that says the same."""
    query = select(Honour).where(
        Honour.subject_kind == kind,
        Honour.subject_id == subject_id,
        Honour.title == title,
        Honour.given_on == given_on,
        Honour.withdrawn_at.is_(None),
    )
    return db.session.scalars(query).first()
