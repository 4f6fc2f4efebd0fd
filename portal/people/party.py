"""Who is a Party member, and who keeps which branches. Sensitive: ask no more than is needed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Select, select, update
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


def join(kept_id: int, merged_id: int, today: date) -> None:
    """Let two records hold as one: one live membership stays, and every branch is kept on."""
    other = membership_of(merged_id)
    if other is not None and membership_of(kept_id) is None:
        other.person_id = kept_id
    elif other is not None:
        other.ended_on = max(other.since_on, today)
    live = BranchSecretary.revoked_at.is_(None)
    own = select(BranchSecretary.branch_id).where(BranchSecretary.person_id == kept_id, live)
    moved = update(BranchSecretary).where(
        BranchSecretary.person_id == merged_id, live, BranchSecretary.branch_id.not_in(own)
    )
    db.session.execute(moved.values(person_id=kept_id))
