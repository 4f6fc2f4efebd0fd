"""Selects over branches: the tree, who keeps which, where each lies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from portal.core.access import Actor, Role
from portal.core.db import db
from portal.membership.policy import Arranged, Kept
from portal.org.models import Station
from portal.org.models_party import BRANCH_LEVELS, BranchLevel, PartyBranch, PartyBranchTree
from portal.org.models_units import CivilizedUnit
from portal.people.models import Person
from portal.people.models_party import BranchSecretary
from portal.records.audit import AuditEntry

SUBJECT = "party_branch"
LOG_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Node:
    """A branch in the order of the tree, so many steps below the first of its list."""

    row: PartyBranch
    depth: int
    has_below: bool


def branch(branch_id: int) -> PartyBranch:
    """Return a branch by internal id, which must exist."""
    return db.session.get_one(PartyBranch, branch_id)


def branch_by_id(public_id: str) -> PartyBranch | None:
    """Return the open branch of a public id."""
    query = (
        select(PartyBranch)
        .options(joinedload(PartyBranch.unit), joinedload(PartyBranch.station))
        .where(PartyBranch.public_id == public_id, PartyBranch.closed_at.is_(None))
    )
    return db.session.scalars(query).first()


def branch_named(name: str) -> PartyBranch | None:
    """Return the branch of a name, open or closed."""
    return db.session.scalars(select(PartyBranch).where(PartyBranch.name == name)).first()


def kept_branch(public_id: str) -> Kept | None:
    """Return an open branch with who keeps it, and what lies below."""
    row = branch_by_id(public_id)
    if row is None:
        return None
    return Kept(row, keepers_of(row.id), below(row.id))


def keepers_of(branch_id: int) -> frozenset[int]:
    """Return the ids of the secretaries of a branch and of those above."""
    query = (
        select(BranchSecretary.person_id)
        .join(PartyBranchTree, PartyBranchTree.ancestor_id == BranchSecretary.branch_id)
        .where(PartyBranchTree.descendant_id == branch_id, BranchSecretary.revoked_at.is_(None))
    )
    return frozenset(db.session.scalars(query))


def nearest_keepers(branch_id: int) -> Sequence[int]:
    """Return the ids of the secretaries of the branch, else of the nearest above that has some."""
    query = (
        select(PartyBranchTree.depth, BranchSecretary.person_id)
        .join(BranchSecretary, PartyBranchTree.ancestor_id == BranchSecretary.branch_id)
        .where(PartyBranchTree.descendant_id == branch_id, BranchSecretary.revoked_at.is_(None))
    )
    rows = db.session.execute(query.order_by(PartyBranchTree.depth)).all()
    return [person_id for depth, person_id in rows if depth == rows[0][0]]


def below(branch_id: int) -> frozenset[int]:
    """Return the ids of the branch and of every one below."""
    query = select(PartyBranchTree.descendant_id).where(PartyBranchTree.ancestor_id == branch_id)
    return frozenset(db.session.scalars(query))


def all_branches() -> list[Node]:
    """Return the open branches in the order of the tree, those of one above by their making."""
    query = (
        select(PartyBranch)
        .options(joinedload(PartyBranch.unit), joinedload(PartyBranch.station))
        .where(PartyBranch.closed_at.is_(None))
    )
    return in_tree_order(db.session.scalars(query.order_by(PartyBranch.id)).all())


def in_tree_order(rows: Sequence[PartyBranch]) -> list[Node]:
    """Return rows as nodes; a row whose parent is not among them stands at the top."""
    known = {row.id for row in rows}
    children: dict[int | None, list[PartyBranch]] = {}
    for row in rows:
        above = row.parent_id if row.parent_id in known else None
        children.setdefault(above, []).append(row)
    ordered: list[Node] = []

    def walk(above: int | None, depth: int) -> None:
        for row in children.get(above, ()):
            ordered.append(Node(row, depth, row.id in children))
            walk(row.id, depth + 1)

    walk(None, 0)
    return ordered


def kept_nodes(branch_ids: Iterable[int]) -> list[Node]:
    """Return these branches, as far as they are open, in the order of the tree."""
    ids = set(branch_ids)
    return in_tree_order([node.row for node in all_branches() if node.row.id in ids])


def unit_names(nodes: Sequence[Node]) -> dict[int, str]:
    """Return the unit each branch belongs to, its own or that of the nearest above."""
    found: dict[int, str] = {}
    for node in nodes:
        own = node.row.unit.name if node.row.unit else ""
        found[node.row.id] = own or found.get(node.row.parent_id or 0, "")
    return found


def unit_above(branch_id: int) -> str:
    """Return the unit of a branch, its own or that of the nearest above; empty when there is none."""
    query = (
        select(CivilizedUnit.name)
        .join(PartyBranch, PartyBranch.unit_id == CivilizedUnit.id)
        .join(PartyBranchTree, PartyBranchTree.ancestor_id == PartyBranch.id)
        .where(PartyBranchTree.descendant_id == branch_id)
    )
    return db.session.scalars(query.order_by(PartyBranchTree.depth).limit(1)).first() or ""


# --- administration ------------------------------------------------------------------------------


def arranged_branch(public_id: str) -> Arranged | None:
    """Return an open branch with the station at which it lies."""
    row = branch_by_id(public_id)
    return Arranged(row, station_of(row.id)) if row else None


def station_of(branch_id: int) -> int | None:
    """Return the station of a branch, its own or that of the nearest above."""
    query = (
        select(PartyBranch.station_id)
        .join(PartyBranchTree, PartyBranchTree.ancestor_id == PartyBranch.id)
        .where(PartyBranchTree.descendant_id == branch_id, PartyBranch.station_id.is_not(None))
    )
    return db.session.scalars(query.order_by(PartyBranchTree.depth).limit(1)).first()


def arranged_by(actor: Actor) -> list[Node]:
    """Return the branches that an administrator may arrange."""
    own = actor.stations(Role.ADMINISTRATOR)
    at: dict[int, int | None] = {}
    rows = []
    for node in all_branches():
        row = node.row
        at[row.id] = row.station_id or at.get(row.parent_id or 0)
        if at[row.id] is None or at[row.id] in own:
            rows.append(row)
    return in_tree_order(rows)


def levels_below(row: PartyBranch | None) -> list[BranchLevel]:
    """Return the levels that a branch below this one may have."""
    if row is None:
        return list(BRANCH_LEVELS)
    return list(BRANCH_LEVELS[BRANCH_LEVELS.index(BranchLevel(row.level)) + 1 :])


def secretaries_of(branch_ids: Iterable[int]) -> dict[int, list[BranchSecretary]]:
    """Return who keeps each branch itself, with the persons."""
    query = (
        select(BranchSecretary)
        .options(joinedload(BranchSecretary.person))
        .where(BranchSecretary.branch_id.in_(set(branch_ids)), BranchSecretary.revoked_at.is_(None))
    )
    found: dict[int, list[BranchSecretary]] = {}
    for row in db.session.scalars(query.order_by(BranchSecretary.id)):
        found.setdefault(row.branch_id, []).append(row)
    return found


def secretary(branch_id: int, person: str) -> BranchSecretary | None:
    """Return the live grant of the person of a public id at the branch itself."""
    query = (
        select(BranchSecretary)
        .join(BranchSecretary.person)
        .options(joinedload(BranchSecretary.person))
        .where(
            BranchSecretary.branch_id == branch_id,
            BranchSecretary.revoked_at.is_(None),
            Person.public_id == person,
        )
    )
    return db.session.scalars(query).first()


def station(public_id: str) -> Station | None:
    """Return the open station of a public id, when one is named."""
    query = select(Station).where(Station.public_id == public_id, Station.closed_at.is_(None))
    return db.session.scalars(query).first() if public_id else None


def unit(public_id: str) -> CivilizedUnit | None:
    """Return the open unit of a public id, when one is named."""
    query = select(CivilizedUnit).where(
        CivilizedUnit.public_id == public_id, CivilizedUnit.closed_at.is_(None)
    )
    return db.session.scalars(query).first() if public_id else None


def oldest_id() -> int:
    """Return the branch that was there first."""
    return db.session.execute(select(func.min(PartyBranch.id))).scalar_one()


def has_open_below(branch_id: int) -> bool:
    """Return whether an open branch stands right below."""
    query = select(PartyBranch.id).where(
        PartyBranch.parent_id == branch_id, PartyBranch.closed_at.is_(None)
    )
    return db.session.scalars(query.limit(1)).first() is not None


def log_of(branch_id: int, since: datetime) -> list[tuple[datetime, str, str]]:
    """Return (when, name, verb) of what was done with a branch, the newest first."""
    query = (
        select(AuditEntry.at, Person.name, AuditEntry.verb)
        .outerjoin(Person, Person.id == AuditEntry.actor_id)
        .where(
            AuditEntry.subject_kind == SUBJECT,
            AuditEntry.subject_id == branch_id,
            AuditEntry.at >= since,
        )
        .order_by(AuditEntry.id.desc())
        .limit(LOG_SHOWN)
    )
    return [(at, name or "", verb) for at, name, verb in db.session.execute(query)]
