"""Rows of a table of figures, made out of what was added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from portal.core import filters
from portal.core.i18n import gettext as _
from portal.core.i18n import lang
from portal.figures.catalogue import Figures
from portal.figures.rules import By, Span
from portal.figures.scope import Place, Scope
from portal.figures.sums import Sums
from portal.org.models import Term

_NOTHING = Sums()


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `drill` are the parameters that its numbers' lists of records are opened with."""

    key: str
    name: str
    figures: Figures
    drill: dict[str, str]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Added:
    """What was added up for the span, by the rows' keys (number of stretch, station or kind).

    `before`: the volunteers registered when the span begins, by station or under one key.
    """

    where: Scope
    span: Span
    sums: Mapping[int, Sums]
    before: Mapping[int, int]

    @property
    def drill(self) -> dict[str, str]:
        """Parameters of the whole span and scope."""
        found = {"from": self.span.first.isoformat(), "to": self.span.last.isoformat()}
        return {**found, "station": self.where.root.public_id} if self.where.root else found


def total(added: Added, by: By) -> Row:
    """Return all rows together; whoever is in several of them is counted once."""
    sums = Sums()
    for part in added.sums.values():
        sums.add(part)
    if by == By.KIND:
        figures = _figures(sums)
    else:
        figures = _with_volunteers(sums, sum(added.before.values()), added.where.population)
    return Row("total", _("合计"), figures, added.drill)


def by_time(added: Added, buckets: Sequence[Span], by: By) -> list[Row]:
    """Return a row for each stretch of days."""
    registered = sum(added.before.values())
    rows = []
    for number, bucket in enumerate(buckets):
        sums = added.sums.get(number, _NOTHING)
        figures = _with_volunteers(sums, registered, added.where.population)
        registered += sums.registered
        first, last = bucket.first.isoformat(), bucket.last.isoformat()
        drill = {**added.drill, "from": first, "to": last}
        rows.append(Row(first, _name(bucket, by), figures, drill))
    return rows


def by_station(added: Added) -> list[Row]:
    """Return a row for each station's own; closed ones as far as they have something to show."""
    parents = {place.parent_id for place in added.where.places}
    return [
        _of_place(added, place, has_children=place.id in parents)
        for place in added.where.places
        if place.closed_at is None or place.id in added.sums or added.before.get(place.id)
    ]


def _of_place(added: Added, place: Place, *, has_children: bool) -> Row:
    sums, before = added.sums.get(place.id, _NOTHING), added.before.get(place.id, 0)
    drill = {**added.drill, "station": place.public_id}
    if has_children:  # the row shows what is its own, not what is below it
        drill["only"] = "1"
    figures = _with_volunteers(sums, before, place.population)
    return Row(place.public_id, place.name, figures, drill, _("只算本级") if has_children else "")


def by_kind(added: Added, terms: Sequence[Term]) -> list[Row]:
    """Return a row for each kind; those no longer in use as far as they have something to show."""
    return [
        Row(
            term.code,
            term.label,
            _figures(added.sums.get(term.id, _NOTHING)),
            {**added.drill, "kind": term.code},
        )
        for term in terms
        if term.active or term.id in added.sums
    ]


def _figures(sums: Sums) -> Figures:
    return Figures(
        sessions=sums.sessions,
        attendances=sums.attendances,
        active=sums.active,
        minutes=sums.minutes,
        provisional_minutes=sums.provisional_minutes,
        counted=sums.counted,
        estimated=sums.estimated,
        headcounts=sums.headcounts,
        uncounted=sums.uncounted,
    )


def _with_volunteers(sums: Sums, before: int, population: int) -> Figures:
    return replace(
        _figures(sums),
        applications=sums.applications,
        registered=before + sums.registered,
        population=population,
    )


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
