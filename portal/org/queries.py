"""Selects over stations, vocabularies and the working calendar."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Select, select

from portal.core.copies import kept
from portal.core.db import db
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
from portal.org.models_units import CivilizedUnit, Pairing
from portal.records import search


def station_by_id(public_id: str) -> Station | None:
    """Return the open station of a public id."""
    query = select(Station).where(Station.public_id == public_id, Station.closed_at.is_(None))
    return db.session.scalars(query).first()


def station(station_id: int) -> Station:
    """Return a station by its internal id, which must exist."""
    return db.session.get_one(Station, station_id)


def names_of(station_ids: Collection[int]) -> Mapping[int, str]:
    """Return the names of these stations, closed ones too, in one query."""
    query = select(Station.id, Station.name).where(Station.id.in_(station_ids))
    return dict(db.session.execute(query).tuples().all())


def all_stations() -> Sequence[Station]:
    """Return the open stations in the order of the tree."""
    query = select(Station).where(Station.closed_at.is_(None))
    rows = db.session.scalars(query.order_by(Station.position, Station.id)).all()
    return _in_tree_order(rows)


def open_ids() -> Select[tuple[int]]:
    """Return a select of the ids of the open stations."""
    return select(Station.id).where(Station.closed_at.is_(None))


def stations_found(words: str, limit: int) -> Sequence[Station]:
    """Return open stations whose words hold these, the higher levels first."""
    matching = search.matches("station", words)
    if matching is None:
        return []
    query = select(Station).where(Station.id.in_(matching), Station.closed_at.is_(None))
    return db.session.scalars(query.order_by(Station.position, Station.id).limit(limit)).all()


class Choice(NamedTuple):
    """One entry of a list to choose from: what stands in addresses, and its name in each language."""

    value: str
    name_zh: str
    name_en: str


@kept
def station_choices() -> tuple[Choice, ...]:
    """Return the open stations in the order of the tree, to choose one."""
    return tuple(Choice(row.public_id, row.name, row.name) for row in all_stations())


@kept
def kind_choices() -> tuple[Choice, ...]:
    """Return the kinds of activities, to choose one."""
    return choices_of(Vocabulary.ACTIVITY_KIND)


@kept
def venue_choices() -> tuple[Choice, ...]:
    """Return the types of venues where service posts stand, to choose one."""
    return choices_of(Vocabulary.VENUE_TYPE)


@kept
def wish_kind_choices() -> tuple[Choice, ...]:
    """Return the kinds of wishes, to choose one."""
    return choices_of(Vocabulary.WISH_KIND)


def choices_of(vocabulary: Vocabulary, *kept: str) -> tuple[Choice, ...]:
    """Return the entries of a vocabulary to choose one, as `terms` does."""
    return tuple(Choice(row.code, row.name_zh, row.name_en) for row in terms(vocabulary, *kept))


def _in_tree_order(rows: Sequence[Station]) -> list[Station]:
    children: dict[int | None, list[Station]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row)
    ordered: list[Station] = []

    def walk(parent_id: int | None) -> None:
        for row in children.get(parent_id, ()):
            ordered.append(row)
            walk(row.id)

    walk(None)
    return ordered


def subtree(station_id: int) -> Select[tuple[int]]:
    """Return a select of the ids of the station and everything below it."""
    return select(StationTree.descendant_id).where(StationTree.ancestor_id == station_id)


def ids_below(station_id: int) -> Sequence[int]:
    """Return the ids of the station and everything below it."""
    return db.session.scalars(subtree(station_id)).all()


def path_of(station_id: int) -> Sequence[Station]:
    """Return the stations above and the station itself, from the centre down."""
    query = (
        select(Station)
        .join(StationTree, StationTree.ancestor_id == Station.id)
        .where(StationTree.descendant_id == station_id)
    )
    return db.session.scalars(query.order_by(StationTree.depth.desc())).all()


def children_of(station_id: int) -> Sequence[Station]:
    """Return the open stations directly below."""
    query = select(Station).where(Station.parent_id == station_id, Station.closed_at.is_(None))
    return db.session.scalars(query.order_by(Station.position, Station.id)).all()


def communities() -> Sequence[Station]:
    """Return the stations of level station: a resident's home community is one of them."""
    query = select(Station).where(Station.level == Level.STATION, Station.closed_at.is_(None))
    return db.session.scalars(query.order_by(Station.position, Station.id)).all()


def opening_hours(station_id: int) -> Sequence[OpeningHours]:
    """Return the opening hours of a station, in order."""
    query = select(OpeningHours).where(OpeningHours.station_id == station_id)
    return db.session.scalars(query.order_by(OpeningHours.weekday, OpeningHours.opens_minute)).all()


def hours_on(weekday: int) -> dict[int, list[OpeningHours]]:
    """Return the opening hours of all stations on a weekday, by station."""
    found: dict[int, list[OpeningHours]] = {}
    query = select(OpeningHours).where(OpeningHours.weekday == weekday)
    for row in db.session.scalars(query.order_by(OpeningHours.opens_minute)):
        found.setdefault(row.station_id, []).append(row)
    return found


def terms(vocabulary: Vocabulary, *kept: str) -> Sequence[Term]:
    """Return the entries in use of a vocabulary; with those of the `kept` codes, retired or not.

    What stands on record already keeps its entry when it is changed in something else.
    """
    offered = Term.active | Term.code.in_(kept) if kept else Term.active
    query = select(Term).where(Term.vocabulary == vocabulary, offered)
    return db.session.scalars(query.order_by(Term.position, Term.id)).all()


def all_terms(vocabulary: Vocabulary) -> Sequence[Term]:
    """Return all entries of a vocabulary, those in use first."""
    query = select(Term).where(Term.vocabulary == vocabulary)
    return db.session.scalars(query.order_by(Term.active.desc(), Term.position, Term.id)).all()


def term(vocabulary: Vocabulary, code: str) -> Term | None:
    """Return the entry of a code."""
    query = select(Term).where(Term.vocabulary == vocabulary, Term.code == code)
    return db.session.scalars(query).first()


def months_of(term_id: int) -> int | None:
    """Return for how many months what an entry stands for holds; None: for ever."""
    row = db.session.get(TermValidity, term_id)
    return row.months if row else None


def units_of(term_ids: Iterable[int]) -> Mapping[int, TermUnit]:
    """Return what these entries are counted in, by entry."""
    query = select(TermUnit).where(TermUnit.term_id.in_(set(term_ids)))
    return {row.term_id: row for row in db.session.scalars(query)}


def going_with(term_id: int) -> frozenset[int]:
    """Return the ids of the entries that go together with an entry."""
    query = select(TermLink.to_id).where(TermLink.from_id == term_id)
    return frozenset(db.session.scalars(query))


def terms_by_id(term_ids: Iterable[int]) -> Mapping[int, Term]:
    """Return these entries by id, in one query."""
    query = select(Term).where(Term.id.in_(set(term_ids)))
    return {row.id: row for row in db.session.scalars(query)}


def civilized_units() -> Sequence[CivilizedUnit]:
    """Return the open units by name."""
    query = select(CivilizedUnit).where(CivilizedUnit.closed_at.is_(None))
    return db.session.scalars(query.order_by(CivilizedUnit.name)).all()


def civilized_unit_by_id(public_id: str) -> CivilizedUnit | None:
    """Return the open unit of a public id."""
    query = select(CivilizedUnit).where(
        CivilizedUnit.public_id == public_id, CivilizedUnit.closed_at.is_(None)
    )
    return db.session.scalars(query).first()


def units_paired_with(station_id: int) -> Sequence[CivilizedUnit]:
    """Return the open units that are paired with the station now, by name."""
    query = (
        select(CivilizedUnit)
        .join(Pairing, Pairing.unit_id == CivilizedUnit.id)
        .where(
            Pairing.station_id == station_id,
            Pairing.ended_on.is_(None),
            CivilizedUnit.closed_at.is_(None),
        )
    )
    return db.session.scalars(query.order_by(CivilizedUnit.name)).all()


def add_working_days(day: date, count: int) -> date:
    """Return the `count`-th working day after `day`, by the district's working calendar.

    A year without a published list counts Monday to Friday (民政部令 67 art. 11 speaks of working
    days and leaves the calendar to the State Council's yearly notice).
    """
    return last_days({day}, count)[day]


def last_days(days: Collection[date], count: int) -> Mapping[date, date]:
    """Return for each day the `count`-th working day after it, as `add_working_days`, in one query."""
    if not days:
        return {}
    last = max(days) + timedelta(days=count * 3 + 30)
    query = select(CalendarDay).where(CalendarDay.day > min(days), CalendarDay.day <= last)
    listed = {row.day: row.is_working for row in db.session.scalars(query)}
    return {day: _counted(day, count, listed) for day in days}


def _counted(day: date, count: int, listed: Mapping[date, bool]) -> date:
    while count:
        day += timedelta(days=1)
        count -= listed.get(day, day.weekday() < 5)
    return day


def holidays(first: date, last: date) -> Mapping[date, str]:
    """Return the holidays of the days from `first` to `last`, with their names.

    The list holds only what differs from Monday to Friday: a free weekend that touches a listed
    holiday belongs to it, one that is worked in exchange does not.
    """
    margin = timedelta(days=9)
    query = select(CalendarDay).where(CalendarDay.day.between(first - margin, last + margin))
    listed = {row.day: (row.is_working, row.name) for row in db.session.scalars(query)}
    return {day: name for day, name in spread(listed).items() if first <= day <= last}


def spread(listed: Mapping[date, tuple[bool, str]]) -> Mapping[date, str]:
    """Return the holidays of a list by day, with the free weekends that touch them."""
    found = {day: name for day, (works, name) in listed.items() if not works}
    for step in (timedelta(days=1), timedelta(days=-1)):
        for start in sorted(found):
            day = start + step
            while day.weekday() >= 5 and day not in listed:
                found[day] = found[start]
                day += step
    return found


def years() -> Sequence[CalendarYear]:
    """Return the years whose list has been imported, with its source, the last first."""
    return db.session.scalars(select(CalendarYear).order_by(CalendarYear.year.desc())).all()


def listed_days(year: int) -> Sequence[CalendarDay]:
    """Return the days of a year that differ from Monday to Friday, in order."""
    span = CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31))
    return db.session.scalars(select(CalendarDay).where(span).order_by(CalendarDay.day)).all()


def swapped_days(first: date, last: date) -> frozenset[date]:
    """Return the weekend days from `first` to `last` that are worked in exchange for a holiday."""
    query = select(CalendarDay.day).where(
        CalendarDay.day.between(first, last), CalendarDay.is_working.is_(True)
    )
    return frozenset(day for day in db.session.scalars(query) if day.weekday() >= 5)


def published_years() -> Sequence[int]:
    """Return the years whose list has been imported."""
    return db.session.scalars(select(CalendarYear.year).order_by(CalendarYear.year)).all()
