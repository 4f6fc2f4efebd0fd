"""How a branch stands: its members by name with done or not done, and sums by branch. No ranking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from portal.membership import queries, rules, standing
from portal.membership import queries_members as members
from portal.membership.policy import Kept
from portal.membership.queries import Node
from portal.membership.rules import Span, Standing, Targets
from portal.membership.standing import Member

# What the list may be narrowed to.
MISSING = ("report", "wish", "hours")


@dataclass(frozen=True, slots=True)
class Row:
    """A member with branch and unit, and how they stand."""

    member: Member
    standing: Standing
    branch: str
    unit: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of how many did what is asked of them."""

    done: int
    asked: int


@dataclass(frozen=True, slots=True)
class Sum:
    """A branch with all below: how many members, and how many of those asked are done."""

    name: str
    public_id: str
    members: int
    reports: Tally
    wishes: Tally
    hours: Tally
    minutes: int


@dataclass(frozen=True, slots=True)
class Completion:
    """All of it: the members in the order of branches and names, the parts, and the whole."""

    rows: list[Row]
    parts: list[Sum]
    whole: Sum
    nodes: list[Node]


def of(branch: Kept, year: int, today: date, asked: Targets) -> Completion:
    """Return how the branch stands in a year; the number of statements does not hang on its size."""
    nodes = queries.kept_nodes(branch.branch_ids)
    rows = rows_of(branch, nodes, rules.year_span(year), asked, today)
    part_of = _parts(nodes)
    grouped: dict[int, list[Row]] = {}
    for row in rows:
        grouped.setdefault(part_of[row.member.branch_id], []).append(row)
    own = nodes[0].row
    parts = [
        _sum(node.row.name, node.row.public_id, grouped.get(node.row.id, []))
        for node in nodes
        if node.depth == 1 or (node.row.id == own.id and own.id in grouped and len(nodes) > 1)
    ]
    return Completion(rows, parts, _sum(own.name, own.public_id, rows), nodes)


def rows_of(
    branch: Kept, nodes: Sequence[Node], span: Span, asked: Targets, today: date
) -> list[Row]:
    """Return the members of a branch and those below with their counts of the span."""
    order = {node.row.id: number for number, node in enumerate(nodes)}
    names = {node.row.id: node.row.name for node in nodes}
    units = _units(branch, nodes)
    found = standing.of(members.live_members(branch.branch_ids), span, asked)
    return [
        Row(
            one,
            rules.standing(one.counted, asked, span, today),
            names[one.branch_id],
            units[one.branch_id],
        )
        for one in sorted(found, key=lambda one: (order[one.branch_id], in_alphabet(one.name)))
        if one.branch_id in names
    ]


def in_alphabet(name: str) -> bytes:
    """Return what sorts names as a telephone book does: the common characters stand by sound."""
    return name.encode("gb18030", "replace")


def narrowed(rows: Iterable[Row], what: str, words: str) -> list[Row]:
    """Return the members who miss something, or all done, whose name holds the words."""
    found = (row for row in rows if words in row.member.name)
    if what == "done":
        return [row for row in found if row.standing.is_done]
    if what not in MISSING:
        return list(found)
    return [row for row in found if not _share(row, what)]


def _share(row: Row, what: str) -> bool:
    stands = row.standing
    share = {"report": stands.present, "wish": stands.wishes, "hours": stands.minutes}[what]
    return share.is_done


def _units(branch: Kept, nodes: Sequence[Node]) -> dict[int, str]:
    """Return the unit of each branch; that of one above the kept one is asked for apart."""
    own = queries.unit_above(branch.row.id)
    named = queries.unit_names(nodes)
    return {branch_id: name or own for branch_id, name in named.items()}


def _parts(nodes: Sequence[Node]) -> dict[int, int]:
    """Return to which branch right below the first one each belongs; the first one is its own."""
    found: dict[int, int] = {}
    for node in nodes:
        if node.depth <= 1:
            found[node.row.id] = node.row.id
        else:
            found[node.row.id] = found[node.row.parent_id or 0]
    return found


def _sum(name: str, public_id: str, rows: Sequence[Row]) -> Sum:
    stands = [row.standing for row in rows]
    return Sum(
        name=name,
        public_id=public_id,
        members=len(rows),
        reports=_tally(one.present for one in stands),
        wishes=_tally(one.wishes for one in stands),
        hours=_tally(one.minutes for one in stands),
        minutes=sum(one.minutes.have for one in stands),
    )


def _tally(shares: Iterable[rules.Share]) -> Tally:
    asked = [one for one in shares if one.asked]
    return Tally(sum(one.is_done for one in asked), len(asked))
