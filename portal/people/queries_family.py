"""Selects over families: whom a person may act for, and who may act for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from portal.core import tokens
from portal.core.db import db
from portal.people import queries as people
from portal.people.models import Account, Person
from portal.people.models_family import FamilyCode, FamilyMember

CODE_PURPOSE = "family-code"


def _live() -> Select[tuple[FamilyMember]]:
    return (
        select(FamilyMember)
        .join(FamilyMember.person)
        .options(contains_eager(FamilyMember.person))
        .where(
            FamilyMember.removed_at.is_(None),
            Person.merged_into_id.is_(None),
            Person.erased_at.is_(None),
        )
    )


_OF_HOLDER = _live().where(FamilyMember.holder_id == bindparam("holder_id"))


def members_of(holder_id: int) -> Sequence[FamilyMember]:
    """Return whom the person may act for, in the order added."""
    query = _OF_HOLDER.order_by(FamilyMember.id)
    return db.session.scalars(query, {"holder_id": holder_id}).all()


def member_by_id(public_id: str) -> FamilyMember | None:
    """Return the live member of a public id."""
    query = _live().options(joinedload(FamilyMember.holder))
    return db.session.scalars(query.where(FamilyMember.public_id == public_id)).first()


def held_by(person_id: int) -> Sequence[FamilyMember]:
    """Return by whom the person agreed to be signed up, with the holder."""
    query = _live().options(joinedload(FamilyMember.holder))
    own = FamilyMember.person_id.in_(people.selves(person_id))
    return db.session.scalars(query.where(own).order_by(FamilyMember.id)).all()


def holders_of(person_id: int) -> frozenset[int]:
    """Return the ids of who may act for the person."""
    query = select(FamilyMember.holder_id).where(
        FamilyMember.person_id == person_id, FamilyMember.removed_at.is_(None)
    )
    return frozenset(db.session.scalars(query))


_TO_TELL = (
    select(FamilyMember.holder_id)
    .outerjoin(Account, Account.person_id == FamilyMember.person_id)
    .where(
        FamilyMember.person_id == bindparam("person_id"),
        FamilyMember.removed_at.is_(None),
        Account.person_id.is_(None),
    )
)


def to_tell_for(person_id: int) -> frozenset[int]:
    """Return who is told what concerns somebody without an account."""
    return frozenset(db.session.scalars(_TO_TELL, {"person_id": person_id}))


def only_held_by(holder_id: int) -> Sequence[int]:
    """Return whom nobody but the holder speaks for: without an account, in no other family."""
    other = aliased(FamilyMember)
    elsewhere = select(other.id).where(
        other.person_id == FamilyMember.person_id,
        other.holder_id != holder_id,
        other.removed_at.is_(None),
    )
    has_account = select(Account.person_id).where(Account.person_id == FamilyMember.person_id)
    query = select(FamilyMember.person_id).where(
        FamilyMember.holder_id.in_(people.selves(holder_id)),
        FamilyMember.is_linked.is_(False),
        FamilyMember.removed_at.is_(None),
        ~elsewhere.exists(),
        ~has_account.exists(),
    )
    return db.session.scalars(query.order_by(FamilyMember.person_id)).all()


def count_members(holder_id: int) -> int:
    """Return how many the person may act for."""
    query = select(func.count()).where(
        FamilyMember.holder_id == holder_id, FamilyMember.removed_at.is_(None)
    )
    return int(db.session.scalar(query) or 0)


def same_member(holder_id: int, person: Person) -> FamilyMember | None:
    """Return the holder's live member of exactly this name and birth date."""
    query = _OF_HOLDER.where(Person.name == person.name, Person.birth_on == person.birth_on)
    return db.session.scalars(query, {"holder_id": holder_id}).first()


@dataclass(frozen=True, slots=True)
class OpenCode:
    """A code that can still be used, and who made it."""

    row: FamilyCode
    holder: Person


def open_code(typed: str, now: datetime) -> OpenCode | None:
    """Return the unused, unexpired code that was typed."""
    query = (
        select(FamilyCode)
        .options(joinedload(FamilyCode.holder))
        .where(
            FamilyCode.code_hash == tokens.keyed_hash(CODE_PURPOSE, typed),
            FamilyCode.used_at.is_(None),
            FamilyCode.expires_at > now,
        )
    )
    row = db.session.scalars(query).first()
    return OpenCode(row, row.holder) if row else None
