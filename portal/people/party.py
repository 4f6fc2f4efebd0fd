"""Who is a Party member, and who keeps which branches. Sensitive: ask no more than is needed."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from portal.core.db import db
from portal.org.models_party import PartyBranchTree
from portal.people.models_party import BranchSecretary, PartyMember


def membership_of(person_id: int) -> PartyMember | None:
    """Return the person's present membership with its branch, or None."""
    query = (
        select(PartyMember)
        .options(joinedload(PartyMember.branch))
        .where(PartyMember.person_id == person_id, PartyMember.ended_on.is_(None))
    )
    return db.session.scalars(query).first()


def members() -> Select[tuple[int]]:
    """Return a select of the ids of the persons who are members now."""
    return select(PartyMember.person_id).where(PartyMember.ended_on.is_(None))


def branches_kept_by(person_id: int) -> frozenset[int]:
    """Return the ids of the branches a secretary keeps: their own and every one below."""
    query = (
        select(PartyBranchTree.descendant_id)
        .join(BranchSecretary, BranchSecretary.branch_id == PartyBranchTree.ancestor_id)
        .where(BranchSecretary.person_id == person_id, BranchSecretary.revoked_at.is_(None))
    )
    return frozenset(db.session.scalars(query))
