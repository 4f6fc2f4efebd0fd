"""Feedback cards to the unit (反馈卡): on paper and as a workbook, for one member or a branch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from flask.typing import ResponseReturnValue

from portal.core import clock, workbooks
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.web import page
from portal.membership import (
    actions,
    completion,
    listing,
    policy,
    queries,
    rules,
    standing,
    words,
)
from portal.membership.blueprint import bp
from portal.membership.completion import Row
from portal.membership.policy import Kept
from portal.membership.rules import Span

_kept = allowed(policy.keeps, branch=queries.kept_branch)


@dataclass(frozen=True, slots=True)
class Card:
    """What a unit reads of a member: counts, and a line of what is done."""

    row: Row
    evaluation: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Which cards: of which part of which year, of whom (all of the branch when empty)."""

    part: str
    year: int
    span: Span
    member: str


@bp.get("/branches/<branch>/cards")
@_kept
def cards(branch: Kept) -> ResponseReturnValue:
    """Show the cards as sheets of paper; that they were seen is written down."""
    write(actions.note_sight, branch.row.id, actor=current_actor(), now=clock.now())
    asked, today = _asked(), clock.today()
    parts = ("year", *rules.card_parts(standing.targets().every))
    return page(
        "membership/cards.html",
        branch=branch.row,
        asked=asked,
        cards=_cards(branch, asked),
        parts=[(one, words.PART_LABELS[one]) for one in parts],
        part_name=words.PART_LABELS[asked.part],
        years=range(max(rules.FIRST_YEAR, today.year - 2), today.year + 1),
        today=today,
    )


@bp.post("/branches/<branch>/cards/export")
@_kept
def export_cards(branch: Kept) -> ResponseReturnValue:
    """Hand out the cards as a workbook, a row each; it is written down."""
    asked = _asked()
    found = _cards(branch, asked)
    write(actions.note_export, branch.row.id, len(found), actor=current_actor(), now=clock.now())
    name = f"cards-{branch.row.public_id}-{asked.year}-{asked.part}.xlsx"
    today = clock.today().isoformat()
    content = workbooks.table(_("反馈卡"), _header(), [[*_cells(one), today] for one in found])
    return workbooks.as_file(content, name)


def _asked() -> Asked:
    year = rules.year_of(request.values.get("year", ""), clock.today())
    every = standing.targets().every
    part, span = rules.cards_span(request.values.get("part", ""), year, every)
    return Asked(part, year, span, request.values.get("member", "")[:10])


def _cards(branch: Kept, asked: Asked) -> Sequence[Card]:
    """Return the cards of members who belong to a unit, in the order of the branch."""
    today = clock.today()
    nodes = queries.kept_nodes(branch.branch_ids)
    rows = completion.rows_of(branch, nodes, asked.span, standing.targets(), today)
    is_past = asked.span.last < today
    return [
        Card(row, words.evaluation(row.standing, is_past=is_past))
        for row in rows
        if row.unit and asked.member in {"", row.member.public_id}
    ]


def _header() -> list[str]:
    return [
        _("单位"), _("姓名"), _("报到社区"), _("已报到（次）"), _("应报到（次）"),
        _("认领心愿（个）"), _("办好心愿（个）"), _("时长（小时）"), _("评价"), _("日期"),
    ]  # fmt: skip


def _cells(card: Card) -> list[str | float]:
    row, counted = card.row, card.row.member.counted
    return [
        row.unit,
        row.member.name,
        row.member.community,
        row.standing.reports.have,
        row.standing.reports.asked,
        counted.pledged,
        counted.fulfilled,
        listing.hours(counted.minutes),
        card.evaluation,
    ]
