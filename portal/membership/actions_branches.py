"""Verbs on the tree of branches, and on who keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.membership import moves, queries
from portal.membership import queries_members as members
from portal.org.models_party import BranchLevel, PartyBranch, PartyBranchTree
from portal.people.locks import lock_person
from portal.people.models_party import BranchSecretary


@dataclass(frozen=True, slots=True)
class BranchDetails:
    """What a branch is made of: at a place, of a unit, or neither."""

    name: str
    level: BranchLevel
    station_id: int | None = None
    unit_id: int | None = None


def create(
    parent_id: int | None, details: BranchDetails, *, actor: Actor, now: datetime
) -> PartyBranch:
    """Make a branch below its parent (None: at the top).

    Raises Invalid(`level`) when a branch of the level may not stand there, Invalid(`name`) when the
    name is taken.
    """
    above = moves.lock_branch(parent_id) if parent_id else None
    if details.level not in queries.levels_below(above):
        raise Invalid("level", _("级别要比上级低"))
    _must_be_free(details.name)
    row = PartyBranch(
        parent_id=parent_id,
        level=details.level,
        name=details.name,
        station_id=details.station_id,
        unit_id=details.unit_id,
    )
    db.session.add(row)
    db.session.flush()
    links = select(PartyBranchTree).where(PartyBranchTree.descendant_id == parent_id)
    for link in db.session.scalars(links).all():
        ancestor_id, depth = link.ancestor_id, link.depth + 1
        db.session.add(PartyBranchTree(ancestor_id=ancestor_id, descendant_id=row.id, depth=depth))
    db.session.add(PartyBranchTree(ancestor_id=row.id, descendant_id=row.id, depth=0))
    db.session.flush()
    moves.record("branch.create", row.id, actor=actor, now=now)
    return row


def change(branch_id: int, details: BranchDetails, *, actor: Actor, now: datetime) -> PartyBranch:
    """Change name, place and unit; its place in the tree and its level stay."""
    row = moves.lock_branch(branch_id)
    if row.name != details.name:
        _must_be_free(details.name)
    row.name = details.name
    row.station_id, row.unit_id = details.station_id, details.unit_id
    moves.record("branch.change", row.id, actor=actor, now=now)
    return row


def close(branch_id: int, *, actor: Actor, now: datetime) -> None:
    """Close a branch that nobody is in and that has none below. Twice is harmless."""
    row = locked(PartyBranch, branch_id)
    if row is None or row.closed_at is not None:
        return
    reasons = []
    if queries.has_open_below(branch_id):
        reasons.append(Reason("has_below", _("下面还有党组织，请先关闭下面的。")))
    if members.has_members(branch_id):
        message = _("名单还没有清空。请负责人先把名单转出，再关闭。")
        reasons.append(Reason("has_members", message))
    if reasons:
        raise Refused(*reasons)
    row.closed_at = now
    for grant in queries.secretaries_of([branch_id]).get(branch_id, []):
        _end(grant, actor=actor, now=now)
    moves.record("branch.close", branch_id, actor=actor, now=now)


def grant(branch_id: int, person_id: int, *, actor: Actor, now: datetime) -> BranchSecretary:
    """Let a person keep a branch and all below. Twice returns the first grant."""
    lock_person(person_id)
    moves.lock_branch(branch_id)
    live = queries.secretaries_of([branch_id]).get(branch_id, [])
    before = next((one for one in live if one.person_id == person_id), None)
    if before is not None:
        return before
    row = BranchSecretary(
        branch_id=branch_id, person_id=person_id, granted_at=now, granted_by_id=actor.person_id
    )
    db.session.add(row)
    db.session.flush()
    moves.record("branch.grant", branch_id, actor=actor, now=now, person_id=person_id)
    return row


def revoke(grant_id: int, *, actor: Actor, now: datetime) -> None:
    """Take a grant back; it bites on the next request. Twice is harmless."""
    row = locked(BranchSecretary, grant_id)
    if row is not None and row.revoked_at is None:
        _end(row, actor=actor, now=now)


def _end(row: BranchSecretary, *, actor: Actor, now: datetime) -> None:
    row.revoked_at = now
    moves.record("branch.revoke", row.branch_id, actor=actor, now=now, person_id=row.person_id)


def _must_be_free(name: str) -> None:
    if queries.branch_named(name) is not None:
        raise Invalid("name", _("已经有叫这个名称的党组织了，请换一个"))
