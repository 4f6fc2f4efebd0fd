"""The tables of figures: rolled-up days added up, and what is not rolled up yet computed live.

A day counts as live when it is today, or when one of its stations is marked as stale; then the
whole day is computed from the records and its roll-ups are left aside, so a page is right at once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select, union_all

from portal.core import clock, filters
from portal.core.db import db
from portal.core.i18n import gettext as _
from portal.core.i18n import lang
from portal.figures import catalogue, rollup, rules
from portal.figures.catalogue import Figures
from portal.figures.models import DayFigure, PersonDay
from portal.figures.rollup import Sums
from portal.figures.rules import By, Span
from portal.figures.scope import Place, Scope
from portal.org.models import Term, Vocabulary
from portal.people.models import ApiToken, Volunteer
from portal.records.stale import StaleDay


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `drill` are the parameters that its numbers' lists of records are opened with."""

    key: str
    name: str
    figures: Figures
    drill: dict[str, str]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows and their total over a span."""

    by: By
    span: Span
    rows: tuple[Row, ...]
    total: Row


@dataclass(frozen=True, slots=True)
class _Cut:
    """A span parted into days that are read from roll-ups and days that are computed."""

    span: Span
    last_rolled: date
    live: tuple[Span, ...]
    live_days: tuple[date, ...]
    now: datetime

    def rolled(self, column: Any) -> tuple[ColumnElement[bool], ...]:
        """Return the clauses of the rolled-up days."""
        clauses = (column.between(self.span.first, self.last_rolled),)
        past = [day for day in self.live_days if day <= self.last_rolled]
        return (*clauses, column.not_in(past)) if past else clauses


def table(where: Scope, span: Span, by: By, *, now: datetime) -> Table:
    """Return the figures of the span by row, and in total, for the stations of the scope."""
    cut = _cut(span, now)
    grouping = _Grouping(by, span)
    sums = _sums(cut, where, grouping)
    active = _active(cut, where, grouping.column)
    everyone = _everyone(cut, where)
    before = _registered_before(where, span.first, by)
    total = _total(where, sums, everyone, sum(before.values()), by)
    drill = {"from": span.first.isoformat(), "to": span.last.isoformat()}
    if where.root:
        drill["station"] = where.root.public_id
    rows = _Rows(where, sums, active, before, drill)
    made = {By.STATION: rows.by_station, By.KIND: rows.by_kind}.get(
        by, lambda: rows.by_time(grouping.buckets, by)
    )()
    return Table(by, span, tuple(made), Row("total", _("合计"), total, drill))


def total(where: Scope, span: Span, *, now: datetime) -> Figures:
    """Return the figures of a whole span alone, without its rows."""
    cut = _cut(span, now)
    sums = _sums(cut, where, _Grouping(By.MONTH, span))
    before = sum(_registered_before(where, span.first, By.MONTH).values())
    return _total(where, sums, _everyone(cut, where), before, By.MONTH)


def open_figures() -> list[dict[str, str]]:
    """Return three plain numbers of the running month for the home page, ready to print.

    Each has `number`, `unit`, `label` and `how_href`, as `components/stat.html` takes them.
    """
    cut = _cut(rules.month_so_far(clock.today()), clock.now())
    sums = _all_sums(cut)
    figures = Figures(sums.sessions, sums.attendances, 0, sums.minutes, 0)
    return [
        {
            "number": figure.shown(figures),
            "unit": str(figure.unit),
            "label": _("本月%(name)s", name=figure.name),
            "how_href": f"/figures#{figure.key}",
        }
        for figure in map(catalogue.BY_KEY.__getitem__, ("sessions", "attendances", "hours"))
    ]


def _cut(span: Span, now: datetime) -> _Cut:
    today = clock.local_day(now)
    # Later days have nothing to count; tomorrow may have (check-in opens before the start).
    last = min(span.last, today + timedelta(days=1))
    marked = select(StaleDay.day).where(StaleDay.day.between(span.first, last)).distinct()
    live = set(db.session.scalars(marked))
    if span.first <= today <= span.last:
        live.add(today)
    days = tuple(sorted(live))
    last_rolled = min(span.last, today - timedelta(days=1))
    return _Cut(span, last_rolled, tuple(rules.runs(days)), days, now)


class _Grouping:
    """How days, stations and kinds become the keys of rows."""

    def __init__(self, by: By, span: Span) -> None:
        self.by = by
        self.buckets = rules.buckets(span, by) if by.is_time else []
        self._starts = [bucket.first for bucket in self.buckets]

    @property
    def rolled_column(self) -> Any:
        """The column roll-ups are added up by."""
        return {By.STATION: DayFigure.station_id, By.KIND: DayFigure.kind_id}.get(
            self.by, DayFigure.day
        )

    def key(self, value: Any) -> int:
        """Return the row of a station, kind or day."""
        return bisect_right(self._starts, value) - 1 if self.by.is_time else int(value)

    def cell_key(self, cell: rollup.Cell) -> int:
        """Return the row of a computed cell."""
        if self.by.is_time:
            return self.key(cell.day)
        return cell.station_id if self.by == By.STATION else cell.kind_id

    def column(self, model: Any) -> Any:
        """Return the row's key as SQL over a table with day, station and kind."""
        if self.by.is_time:
            return _bucket(model.day, self._starts, 0)
        return model.station_id if self.by == By.STATION else model.kind_id


def _bucket(day: Any, starts: Sequence[date], low: int) -> Any:
    """Return the number of the bucket as nested CASEs: as many comparisons as a binary search."""
    if len(starts) == 1:
        return literal(low)
    half = len(starts) // 2
    return case(
        (day < starts[half], _bucket(day, starts[:half], low)),
        else_=_bucket(day, starts[half:], low + half),
    )


def _sums(cut: _Cut, where: Scope, grouping: _Grouping) -> dict[int, Sums]:
    found: dict[int, Sums] = defaultdict(Sums)
    column = grouping.rolled_column
    query = (
        select(column, *(func.sum(getattr(DayFigure, name)) for name in rollup.COLUMNS))
        .where(*cut.rolled(DayFigure.day), rollup.at(DayFigure.station_id, where.station_ids))
        .group_by(column)
    )
    for value, *numbers in db.session.execute(query):
        found[grouping.key(value)].add(Sums(*numbers))
    for cell, sums in rollup.compute(cut.live, where.station_ids, now=cut.now).items():
        found[grouping.cell_key(cell)].add(sums)
    return found


def _all_sums(cut: _Cut) -> Sums:
    columns = (func.coalesce(func.sum(getattr(DayFigure, name)), 0) for name in rollup.COLUMNS)
    rolled = db.session.execute(select(*columns).where(*cut.rolled(DayFigure.day))).one()
    total = Sums(*rolled)
    for sums in rollup.compute(cut.live, None, now=cut.now, volunteers=False).values():
        total.add(sums)
    return total


def _active(cut: _Cut, where: Scope, key: Callable[[Any], Any]) -> dict[int, int]:
    """Return the number of distinct persons with minutes, by row."""
    served = _served(cut, where, key).subquery()
    counted = select(served.c.key, func.count(served.c.person_id.distinct()))
    return dict(db.session.execute(counted.group_by(served.c.key)).tuples().all())


def _everyone(cut: _Cut, where: Scope) -> int:
    """Return the number of distinct persons with minutes in all rows together."""
    served = _served(cut, where, lambda model: model.station_id).subquery()
    return db.session.scalar(select(func.count(served.c.person_id.distinct()))) or 0


def _served(cut: _Cut, where: Scope, key: Callable[[Any], Any]) -> Any:
    stations = where.station_ids
    rolled = select(key(PersonDay).label("key"), PersonDay.person_id.label("person_id")).where(
        *cut.rolled(PersonDay.day), rollup.at(PersonDay.station_id, stations)
    )
    if not cut.live:
        return rolled
    live = rollup.people(cut.live, stations).subquery()
    return union_all(rolled, select(key(live.c).label("key"), live.c.person_id))


def _registered_before(where: Scope, first: date, by: By) -> dict[int, int]:
    """Return the volunteers registered when the span begins: by station, else under one key."""
    if by == By.KIND:
        return {}
    query = select(Volunteer.station_id if by == By.STATION else literal(0), func.count()).where(
        rollup.is_registered(clock.day_start(first)),
        rollup.at(Volunteer.station_id, where.station_ids),
    )
    if by == By.STATION:
        query = query.group_by(Volunteer.station_id)
    return dict(db.session.execute(query).tuples().all())


def _figures(sums: Sums, active: int) -> Figures:
    return Figures(
        sessions=sums.sessions,
        attendances=sums.attendances,
        active=active,
        minutes=sums.minutes,
        provisional_minutes=sums.provisional_minutes,
    )


def _with_volunteers(sums: Sums, active: int, before: int, population: int) -> Figures:
    return replace(
        _figures(sums, active),
        applications=sums.applications,
        registered=before + sums.registrations - sums.departures,
        population=population,
    )


def _total(where: Scope, sums: dict[int, Sums], everyone: int, before: int, by: By) -> Figures:
    total = Sums()
    for part in sums.values():
        total.add(part)
    if by == By.KIND:
        return _figures(total, everyone)
    return _with_volunteers(total, everyone, before, where.population)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Makes the rows out of what was added up."""

    where: Scope
    sums: dict[int, Sums]
    active: dict[int, int]
    before: dict[int, int]
    drill: dict[str, str]

    def by_time(self, buckets: Sequence[Span], by: By) -> list[Row]:
        registered = sum(self.before.values())
        rows = []
        for number, bucket in enumerate(buckets):
            sums = self.sums.get(number, Sums())
            figures = _with_volunteers(
                sums, self.active.get(number, 0), registered, self.where.population
            )
            registered += sums.registrations - sums.departures
            drill = {"from": bucket.first.isoformat(), "to": bucket.last.isoformat()}
            rows.append(
                Row(bucket.first.isoformat(), _name(bucket, by), figures, {**self.drill, **drill})
            )
        return rows

    def by_station(self) -> list[Row]:
        parents = {place.parent_id for place in self.where.places}
        return [
            self._of_place(place, place.id in parents)
            for place in self.where.places
            if place.closed_at is None or place.id in self.sums or self.before.get(place.id)
        ]

    def _of_place(self, place: Place, has_children: bool) -> Row:  # noqa: FBT001  one caller
        figures = _with_volunteers(
            self.sums.get(place.id, Sums()),
            self.active.get(place.id, 0),
            self.before.get(place.id, 0),
            place.population,
        )
        drill = {**self.drill, "station": place.public_id}
        if has_children:  # the row shows what is its own, not what is below it
            drill["only"] = "1"
        detail = _("只算本级") if has_children else ""
        return Row(place.public_id, place.name, figures, drill, detail)

    def by_kind(self) -> list[Row]:
        query = select(Term).where(Term.vocabulary == Vocabulary.ACTIVITY_KIND)
        terms = db.session.scalars(query.order_by(Term.position, Term.id))
        return [
            Row(
                term.code,
                term.label,
                _figures(self.sums.get(term.id, Sums()), self.active.get(term.id, 0)),
                {**self.drill, "kind": term.code},
            )
            for term in terms
            if term.active or term.id in self.sums
        ]


def _name(bucket: Span, by: By) -> str:
    first, last = bucket
    if by == By.MONTH:
        year = f"{first.year}年" if lang() == "zh" else f" {first.year}"
        month = filters.month(first)
        return f"{year}{month}" if lang() == "zh" else f"{month}{year}"
    if by == By.WEEK and first != last:
        names = {"first": filters.day(first), "last": filters.day(last)}
        return str(_("%(first)s 至 %(last)s", **names))
    return filters.day(first)


# --- tokens --------------------------------------------------------------------------------------


def token_by_id(public_id: str) -> ApiToken | None:
    """Return the API token of a public id."""
    return db.session.scalars(select(ApiToken).where(ApiToken.public_id == public_id)).first()


def chosen_scope(readable: Scope, public_id: str) -> Scope | None:
    """Return the part of what may be read that was asked for; None when it is not within."""
    return readable.below(public_id) if public_id else readable
