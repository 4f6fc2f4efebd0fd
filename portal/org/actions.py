"""Verbs on stations, vocabularies and the working calendar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select

from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.org import rules
from portal.org.models import (
    CalendarDay,
    CalendarYear,
    Level,
    OpeningHours,
    Station,
    StationTree,
    Term,
    TermLink,
    TermUnit,
    TermValidity,
    Vocabulary,
)
from portal.records import audit, search


@dataclass(frozen=True, slots=True)
class StationDetails:
    """What a station is made of; hours are (weekday, opens, closes) in minutes of the day."""

    name: str
    level: Level
    community: str = ""
    point_type_id: int | None = None
    address: str = ""
    directions: str = ""
    phone: str = ""
    summary: str = ""
    population: int = 0
    hours: tuple[tuple[int, int, int], ...] = ()

    @property
    def columns(self) -> Mapping[str, Any]:
        """The values of the station's own columns."""
        names = (
            "name",
            "level",
            "community",
            "point_type_id",
            "address",
            "directions",
            "phone",
            "summary",
            "population",
        )
        return {name: getattr(self, name) for name in names}


def create_station(
    parent_id: int | None, details: StationDetails, *, actor: Actor, now: datetime
) -> Station:
    """Create a station below its parent (None: the centre).

    Raises Invalid(`level`) when a station of the level may not stand there.
    """
    above = db.session.get_one(Station, parent_id).level if parent_id else None
    if not rules.may_stand_below(Level(details.level), Level(above) if above else None):
        raise Invalid("level", _("级别要比上级低，例如所的下面是站，站的下面是点"))
    row = Station(parent_id=parent_id, **details.columns)
    db.session.add(row)
    db.session.flush()
    links = select(StationTree).where(StationTree.descendant_id == parent_id)
    for link in db.session.scalars(links).all():
        db.session.add(
            StationTree(ancestor_id=link.ancestor_id, descendant_id=row.id, depth=link.depth + 1)
        )
    db.session.add(StationTree(ancestor_id=row.id, descendant_id=row.id, depth=0))
    _put_hours(row.id, details)
    index_station(row.id)
    audit.record("station.create", Ref("station", row.id), actor=actor, now=now, station_id=row.id)
    return row


def change_station(
    station_id: int, details: StationDetails, *, actor: Actor, now: datetime
) -> Station:
    """Change what a station is made of; its place in the tree and its level stay."""
    row = db.session.get_one(Station, station_id)
    for name, value in details.columns.items():
        if name != "level":
            setattr(row, name, value)
    db.session.execute(delete(OpeningHours).where(OpeningHours.station_id == station_id))
    _put_hours(station_id, details)
    index_station(station_id)
    audit.record("station.change", Ref("station", row.id), actor=actor, now=now, station_id=row.id)
    return row


def index_station(station_id: int) -> None:
    """Put the station's words into the search index."""
    row = db.session.get_one(Station, station_id)
    said = (row.name, row.community, row.address, row.summary)
    search.put(Ref("station", station_id), "\n".join(said))


def _put_hours(station_id: int, details: StationDetails) -> None:
    for weekday, opens, closes in details.hours:
        db.session.add(
            OpeningHours(
                station_id=station_id, weekday=weekday, opens_minute=opens, closes_minute=closes
            )
        )


def add_terms(vocabulary: Vocabulary, entries: Iterable[tuple[str, str, str]]) -> None:
    """Add (code, Chinese name, English name) entries that are not there yet."""
    known = set(db.session.scalars(select(Term.code).where(Term.vocabulary == vocabulary)))
    for position, (code, name_zh, name_en) in enumerate(entries):
        if code not in known:
            db.session.add(
                Term(
                    vocabulary=vocabulary,
                    code=code,
                    name_zh=name_zh,
                    name_en=name_en,
                    position=position,
                )
            )
    db.session.flush()


def link_terms(source: Vocabulary, target: Vocabulary, pairs: Iterable[tuple[str, str]]) -> None:
    """Let entries of two vocabularies go together, by their codes. Twice is harmless."""
    ids = {
        (row.vocabulary, row.code): row.id
        for row in db.session.scalars(select(Term).where(Term.vocabulary.in_((source, target))))
    }
    known = set(db.session.execute(select(TermLink.from_id, TermLink.to_id)).tuples())
    for one, other in pairs:
        pair = ids.get((source, one)), ids.get((target, other))
        if None not in pair and pair not in known:
            db.session.add(TermLink(from_id=pair[0], to_id=pair[1]))
    db.session.flush()


def let_hold(vocabulary: Vocabulary, months: Mapping[str, int]) -> None:
    """Say for how many months what entries stand for holds, where nothing is said yet."""
    known = set(db.session.scalars(select(TermValidity.term_id)))
    for row in db.session.scalars(select(Term).where(Term.vocabulary == vocabulary)):
        if row.code in months and row.id not in known:
            db.session.add(TermValidity(term_id=row.id, months=months[row.code]))
    db.session.flush()


def count_in(vocabulary: Vocabulary, units: Mapping[str, tuple[str, str]]) -> None:
    """Say what entries are counted in (Chinese, English), where nothing is said yet."""
    known = set(db.session.scalars(select(TermUnit.term_id)))
    for row in db.session.scalars(select(Term).where(Term.vocabulary == vocabulary)):
        if row.code in units and row.id not in known:
            name_zh, name_en = units[row.code]
            db.session.add(TermUnit(term_id=row.id, name_zh=name_zh, name_en=name_en))
    db.session.flush()


def import_calendar(
    year: int,
    days: Iterable[tuple[date, bool, str]],
    source: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Replace the list of a year by (day, is working, name) entries."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    db.session.execute(delete(CalendarDay).where(CalendarDay.day.between(first, last)))
    db.session.execute(delete(CalendarYear).where(CalendarYear.year == year))
    db.session.add_all(CalendarDay(day=d, is_working=works, name=name) for d, works, name in days)
    db.session.add(CalendarYear(year=year, source=source, imported_at=now))
    audit.record("calendar.import", Ref("calendar", year), actor=actor, now=now, source=source)
