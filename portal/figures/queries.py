"""The tables of figures: rolled-up days and months added up, and live days computed."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from portal.core import clock
from portal.core.db import db
from portal.core.i18n import gettext as _
from portal.figures import catalogue, cells, persons, rollup, rows, rules
from portal.figures.catalogue import Figures
from portal.figures.cells import AT
from portal.figures.cut import Cut, cut
from portal.figures.models import ALL
from portal.figures.rows import Added, Row
from portal.figures.rules import By, Span
from portal.figures.scope import Scope
from portal.figures.sums import Cell, Sums
from portal.org.models import Term, Vocabulary
from portal.people import queries as people
from portal.people.models import ApiToken


@dataclass(frozen=True, slots=True)
class Table:
    """Rows and their total over a span."""

    by: By
    span: Span
    rows: tuple[Row, ...]
    total: Row


def table(where: Scope, span: Span, by: By, *, now: datetime) -> Table:
    """Return the figures of the span by row, and in total, for the stations of the scope."""
    parts = cut(span, now)
    buckets = rules.buckets(span, by) if by.is_time else []
    added = Added(where, span, _sums(parts, where, by, buckets), _before(parts, where, by))
    if by == By.STATION:
        made = rows.by_station(added)
    elif by == By.KIND:
        made = rows.by_kind(added, _kinds())
    else:
        made = rows.by_time(added, buckets, by)
    return Table(by, span, tuple(made), rows.total(added, by))


def total(where: Scope, span: Span, *, now: datetime) -> Figures:
    """Return the figures of a whole span alone, without its rows."""
    parts = cut(span, now)
    sums = _sums(parts, where, By.MONTH, [span])
    return rows.total(Added(where, span, sums, _before(parts, where, By.MONTH)), By.MONTH).figures


def _sums(parts: Cut, where: Scope, by: By, buckets: Sequence[Span]) -> dict[int, Sums]:
    """Return the sums of the rows, by number of stretch, station or kind."""
    starts = [bucket.first for bucket in buckets]

    def key(cell: Cell) -> int:
        if by.is_time:
            return bisect_right(starts, cell.first_on) - 1
        return cell.station_id if by == By.STATION else cell.kind_id

    found: dict[int, Sums] = defaultdict(Sums)
    for cell, sums in cells.read(_rolled(parts, by), cells.of_rows(where, by)):
        found[key(cell)].add(sums)
    for cell, sums in rollup.compute(parts.live, where.station_ids, now=parts.now).items():
        found[key(cell)].add(sums)
    # Cells keep the record a minute was earned under, so that a later merge changes none of them.
    kept = people.kept_ids()
    for sums in found.values():
        sums.persons = persons.as_kept(sums.persons, kept)
    return found


def _rolled(parts: Cut, by: By) -> ColumnElement[bool]:
    if by in {By.DAY, By.WEEK}:  # a month does not tell which of its days somebody served on
        return cells.of_days(rules.minus(parts.span, parts.live))
    return cells.of_span(parts.span, parts.live)


def _before(parts: Cut, where: Scope, by: By) -> dict[int, int]:
    """Return the volunteers registered when the span begins, by station or under `ALL`."""
    if by == By.KIND:
        return {}
    query = (
        select(AT.station_id, func.sum(AT.registrations) - func.sum(AT.departures))
        .where(cells.of_span(parts.before, parts.live_before), cells.of_rows(where, by))
        .group_by(AT.station_id)
    )
    found = defaultdict(int, db.session.execute(query).tuples().all())
    for cell, sums in rollup.volunteers(parts.live_before, where.station_ids).items():
        found[cell.station_id] += sums.registered
    return found


def _kinds() -> Sequence[Term]:
    query = select(Term).where(Term.vocabulary == Vocabulary.ACTIVITY_KIND)
    return db.session.scalars(query.order_by(Term.position, Term.id)).all()


def open_figures() -> list[dict[str, str]]:
    """Return three plain numbers of the running month for the home page, ready to print.

    Each has `number`, `unit`, `label` and `how_href`, as `components/stat.html` takes them.
    """
    parts = cut(rules.month_so_far(clock.today()), clock.now())
    query = _open_counts(parts.span, parts.live)
    sessions, attendances, minutes = db.session.execute(query, {"now": parts.now}).one()
    figures = Figures(sessions, attendances, 0, minutes, 0)
    return [
        {
            "number": figure.shown(figures),
            "unit": str(figure.unit),
            "label": _("本月%(name)s", name=figure.name),
            "how_href": f"/figures#{figure.key}",
        }
        for figure in map(catalogue.BY_KEY.__getitem__, ("sessions", "attendances", "hours"))
    ]


@lru_cache(maxsize=8)  # building it costs more than asking it
def _open_counts(span: Span, live: tuple[Span, ...]) -> Select[Any]:
    columns = (
        func.coalesce(func.sum(rolled), 0) + computed
        for rolled, computed in zip(
            (AT.sessions, AT.attendances, AT.minutes), rollup.counts(live), strict=True
        )
    )
    whole = AT.station_id == ALL, AT.kind_id == ALL
    return select(*columns).where(cells.of_span(span, live), *whole)


# --- tokens --------------------------------------------------------------------------------------


def token_by_id(public_id: str) -> ApiToken | None:
    """Return the API token of a public id."""
    return db.session.scalars(select(ApiToken).where(ApiToken.public_id == public_id)).first()


def chosen_scope(readable: Scope, public_id: str) -> Scope | None:
    """Return the part of what may be read that was asked for; None when it is not within."""
    return readable.below(public_id) if public_id else readable
