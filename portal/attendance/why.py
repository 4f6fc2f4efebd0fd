"""Why a number: each entry behind somebody's total in words, and the sum in steps."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Row

from portal.attendance import queries_why
from portal.attendance.models import WAY_LABELS, Direction, Way
from portal.attendance.preview import planned_of
from portal.core import filters
from portal.core.i18n import gettext as _
from portal.hours import explaining
from portal.hours.explaining import PART_LABELS, Part
from portal.hours.models import SOURCE_LABELS, LedgerEntry, Source
from portal.hours.rules import Span, Terms, is_short
from portal.people import queries as people

_SHOWN_OF_DIGEST = 12


class Line(NamedTuple):
    """A line of a sum in words."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Explained:
    """One entry of the ledger in words. `steps` add up to `minutes`, `cuts` are those that took."""

    key: str
    visit_id: str
    title: str
    station: str
    day: date
    span: str
    minutes: str
    source: str
    is_reversal: bool
    is_live: bool
    steps: Sequence[Line]
    cuts: Sequence[str]
    rule: str
    ways: str
    by: str
    reversal: str
    seal: str
    digest: str


@dataclass(frozen=True, slots=True)
class Why:
    """A total: the entries behind it, the sum by source, and the whole."""

    entries: Sequence[Explained]
    sums: Sequence[Line]
    total: int
    years: Sequence[int]
    year: int | None


def explain(
    person_id: int, station_ids: Collection[int] | None = None, year: int | None = None
) -> Why:
    """Return what is behind a person's total; of some stations or one year only, when given."""
    every = queries_why.entries(person_id, station_ids)
    years = sorted({row.LedgerEntry.day.year for row in every}, reverse=True)
    asked = year if year in years else None
    rows = [row for row in every if asked in {None, row.LedgerEntry.day.year}]
    words = _Words(person_id, rows)
    return Why(
        entries=[words.explained(row) for row in rows],
        sums=_sums([row.LedgerEntry for row in rows]),
        total=sum(row.LedgerEntry.minutes for row in rows),
        years=years,
        year=asked,
    )


def _sums(entries: Sequence[LedgerEntry]) -> list[Line]:
    """Return the sum by where the entries come from, what was taken back last."""
    found = []
    for source in Source:
        minutes = [one.minutes for one in entries if one.source == source and not one.reverses_id]
        if minutes:
            label = _("%(source)s：%(n)d 条", source=str(SOURCE_LABELS[source]), n=len(minutes))
            found.append(Line(label, filters.minutes(sum(minutes))))
    back = [one.minutes for one in entries if one.reverses_id]
    if back:
        found.append(Line(_("更正收回：%(n)d 条", n=len(back)), filters.minutes(sum(back))))
    return found


class _Words:
    """Makes words of entries: reads what all of them need once."""

    def __init__(self, person_id: int, rows: Sequence[Row[Any]]) -> None:
        self.selves = frozenset(people.own_ids(person_id))
        self.scans = queries_why.ways(person_id) if rows else {}
        self.stays: dict[int, list[Span]] = {}
        for row in rows:
            if _is_live(row) and row.in_at is not None and row.out_at is not None:
                stay = Span(row.in_at, row.out_at)
                self.stays.setdefault(row.LedgerEntry.shift_id, []).append(stay)
        actors = {row.LedgerEntry.actor_id for row in rows}
        actors |= {row.LedgerEntry.rule.get("approved_by") for row in rows}
        actors |= {scan.actor_id for scans in self.scans.values() for scan in scans}
        self.names = people.names_of(sorted(one for one in actors if one))

    def explained(self, row: Row[Any]) -> Explained:
        """Return one entry in words."""
        entry: LedgerEntry = row.LedgerEntry
        taken_back = entry.reverses_id is not None
        terms = Terms.of_rule(entry.rule)
        steps = [] if taken_back or terms is None else explaining.steps(_judged(row), terms)
        return Explained(
            key=entry.digest[-_SHOWN_OF_DIGEST:],
            visit_id=row.visit_id or "",
            title=row.title or "",
            station=row.station,
            day=entry.day,
            span=filters.span(*self._stay(row)),
            minutes=filters.minutes(entry.minutes),
            source=str(SOURCE_LABELS[Source(entry.source)]),
            is_reversal=taken_back,
            is_live=_is_live(row),
            steps=[Line(str(PART_LABELS[one.part]), _duration(one.seconds)) for one in steps],
            cuts=[*_cuts(steps), *self._short(row, terms)],
            rule=_rule(terms, entry.rule),
            ways=self._ways(row),
            by=self._by(row),
            reversal=_reversal(row),
            seal=_("第 %(n)d 号", n=row.number) if row.number else _("还没有，很快就会加上"),
            digest=entry.digest[-_SHOWN_OF_DIGEST:],
        )

    def _short(self, row: Row[Any], terms: Terms | None) -> list[str]:
        """Return the flag of who was there for less of the shift than they should, all in all."""
        stays = self.stays.get(row.LedgerEntry.shift_id or 0, ())
        if terms is None or not stays or not _is_live(row) or row.planned_from is None:
            return []
        if not is_short(stays, _planned(row), terms):
            return []
        return [_("这一场在场不到 %(n)d%%，照实计。", n=terms.minimum_share)]

    def _stay(self, row: Row[Any]) -> Span:
        if row.in_at is not None and row.out_at is not None:
            return Span(row.in_at, row.out_at)
        return Span(row.LedgerEntry.starts_at, row.LedgerEntry.ends_at)

    def _scans(self, row: Row[Any], direction: Direction, at: Any) -> Sequence[Row[Any]]:
        entry = row.LedgerEntry
        return self.scans.get((entry.shift_id or 0, entry.person_id, str(direction), at), ())

    def _ways(self, row: Row[Any]) -> str:
        """Return how coming and going came about."""
        if row.in_at is None or row.out_at is None:
            return ""
        came = self._scans(row, Direction.IN, row.in_at)
        went = self._scans(row, Direction.OUT, row.out_at)
        if not came or not went:
            return ""
        return _(
            "签到：%(came)s；签退：%(went)s",
            came=str(WAY_LABELS[Way(came[0].way)]),
            went=str(WAY_LABELS[Way(went[0].way)]),
        )

    def _by(self, row: Row[Any]) -> str:
        """Return by whose word the minutes are on record."""
        entry = row.LedgerEntry
        said = [
            scan
            for scan in self._scans(row, Direction.OUT, row.out_at)
            if scan.way == Way.CONFIRMED
        ]
        if entry.rule.get("approved_by"):
            return _("%(who)s批准", who=self._name(entry.rule["approved_by"]))
        if said:
            return _("%(who)s确认", who=self._name(said[0].actor_id))
        return _("%(who)s记入", who=self._name(entry.actor_id))

    def _name(self, person_id: int | None) -> str:
        if person_id in self.selves:
            return _("本人")
        name = self.names.get(person_id or 0, "")
        return filters.masked_name(name) if name else _("系统")


def _judged(row: Row[Any]) -> explaining.Judged:
    entry: LedgerEntry = row.LedgerEntry
    span = Span(entry.starts_at, entry.ends_at)
    if row.in_at is None or row.out_at is None:
        return explaining.Judged(span, span, span, entry.minutes, entry.rule)
    stay = Span(row.in_at, row.out_at)
    return explaining.Judged(stay, _planned(row), span, entry.minutes, entry.rule)


def _planned(row: Row[Any]) -> Span:
    return planned_of(_Planned(row.LedgerEntry.rule, row.planned_from, row.planned_until))


class _Planned(NamedTuple):
    rule: Any
    planned_from: Any
    planned_until: Any


def _is_live(row: Row[Any]) -> bool:
    return row.LedgerEntry.reverses_id is None and row.reversed_by is None


def _cuts(steps: Sequence[explaining.Step]) -> list[str]:
    """Return what was taken, in sentences; rounding off less than a minute goes without saying."""
    return [
        f"{PART_LABELS[one.part]}{_('：')}{_duration(one.seconds)}"
        for one in steps
        if one.part != Part.STAY and abs(one.seconds) >= 60
    ]


def _rule(terms: Terms | None, rule: dict[str, Any]) -> str:
    if not terms or not rule:
        return ""
    if not terms.version:
        return _("有版本以前的规则")
    return _("第 %(n)d 版", n=terms.version)


def _reversal(row: Row[Any]) -> str:
    if row.reverses:
        return _("收回 %(key)s 那一条", key=row.reverses[-_SHOWN_OF_DIGEST:])
    if row.reversed_by:
        return _("后来被 %(key)s 收回", key=row.reversed_by[-_SHOWN_OF_DIGEST:])
    return ""


def _duration(seconds: int) -> str:
    """Return a span of time to the second, with its sign."""
    minutes, rest = divmod(abs(seconds), 60)
    sign = "-" if seconds < 0 else ""
    if not rest:
        return sign + filters.minutes(minutes)
    parts = [filters.minutes(minutes)] if minutes else []
    return sign + " ".join([*parts, _("%(n)d 秒", n=rest)])
