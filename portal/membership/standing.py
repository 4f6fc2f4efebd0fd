"""What the records say of members in a span of days: a constant number of grouped statements.

A person's records may lie under records that were merged into theirs; all of them count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    case,
    func,
    or_,
    select,
    union,
)
from sqlalchemy.orm import aliased, joinedload

from portal.core import clock
from portal.core.db import db
from portal.hours.models import LedgerEntry
from portal.membership import rules
from portal.membership.models import CommunityReport, CommunityTie
from portal.membership.rules import Counted, Every, Span, Targets
from portal.org.models import Station, StationTree
from portal.people.models import Person
from portal.people.models_party import PartyMember
from portal.records import settings
from portal.wishes.models_pledges import HOLDING, Pledge, PledgeState


@dataclass(frozen=True, slots=True)
class Member:
    """A member with what the records say of the asked days."""

    person_id: int
    public_id: str
    name: str
    phone: str
    branch_id: int
    community: str
    counted: Counted


def targets() -> Targets:
    """Return what the district asks now."""
    return Targets(
        every=Every(settings.get("party_report_every")),
        wishes=settings.get("party_wishes"),
        hours=settings.get("party_hours"),
        wishes_fulfilled=settings.get("party_wish_counts") == "fulfilled",
        hours_in_community=settings.get("party_hours_where") == "community",
        service_reports=settings.get("party_service_reports"),
    )


def of(who: Select[tuple[int]], span: Span, asked: Targets) -> list[Member]:
    """Return the members among the persons of a select, with their counts; five statements."""
    mine = _records_of(who)
    reports = _pairs(_reports(mine, span, asked))
    minutes = _pairs(_minutes(mine, span, in_community=asked.hours_in_community))
    wishes = {row[0]: (int(row[1]), int(row[2])) for row in db.session.execute(_wishes(mine, span))}
    communities = {row[0]: str(row[1]) for row in db.session.execute(_communities(mine))}
    found = []
    for row in db.session.execute(_members(who)):
        person_id, public_id, name, phone, branch_id, since_on, recorded_at = row
        pledged, fulfilled = wishes.get(person_id, (0, 0))
        counted = Counted(
            since_on=since_on,
            known_on=max(since_on, clock.local_day(recorded_at)),
            reports=reports.get(person_id, 0),
            pledged=pledged,
            fulfilled=fulfilled,
            minutes=minutes.get(person_id, 0),
        )
        community = communities.get(person_id, "")
        found.append(Member(person_id, public_id, name, phone or "", branch_id, community, counted))
    return found


def _pairs(query: Select[tuple[int, int]]) -> dict[int, int]:
    return {row[0]: int(row[1]) for row in db.session.execute(query)}


def _members(who: Select[tuple[int]]) -> Select[Any]:
    return (
        select(
            Person.id,
            Person.public_id,
            Person.name,
            Person.phone,
            PartyMember.branch_id,
            PartyMember.since_on,
            PartyMember.recorded_at,
        )
        .join(PartyMember, PartyMember.person_id == Person.id)
        .where(PartyMember.ended_on.is_(None), PartyMember.person_id.in_(who))
    )


def _records_of(who: Select[tuple[int]]) -> Subquery:
    """Return (record, person) of every record that is one of the persons', or was merged into it."""
    person_id = func.coalesce(Person.merged_into_id, Person.id)
    query = select(Person.id.label("record_id"), person_id.label("person_id"))
    return query.where(or_(Person.id.in_(who), Person.merged_into_id.in_(who))).subquery()


def _communities(mine: Subquery) -> Select[Any]:
    """Return (person, community) of who reports to one; of two, the newest comes last."""
    return (
        select(mine.c.person_id, Station.name)
        .join(CommunityTie, CommunityTie.person_id == mine.c.record_id)
        .join(Station, Station.id == CommunityTie.station_id)
        .where(CommunityTie.ended_on.is_(None))
        .order_by(CommunityTie.id)
    )


def _reports(mine: Subquery, span: Span, asked: Targets) -> Select[Any]:
    """Return (person, bits): bit n is set by a report, or a service, in the year's n-th period."""
    own = (
        select(mine.c.person_id, CommunityReport.reported_on.label("day"))
        .join(CommunityReport, CommunityReport.person_id == mine.c.record_id)
        .where(CommunityReport.reported_on.between(span.first, span.last))
    )
    marked: FromClause = own.subquery()
    if asked.service_reports:
        marked = union(own, served(mine, span)).subquery()
    bits = select(marked.c.person_id, _bit(marked.c.day, span, asked.every).label("bit"))
    # A period counts once, however often somebody came.
    once = bits.distinct().subquery()
    return select(once.c.person_id, func.sum(once.c.bit)).group_by(once.c.person_id)


def _bit(day: ColumnElement[date], span: Span, every: Every) -> ColumnElement[int]:
    periods = rules.periods_of(rules.year_span(span.first.year), every)
    return case(
        *((day.between(one.first, one.last), 1 << n) for n, one in enumerate(periods)), else_=0
    )


def served(mine: Subquery, span: Span) -> Select[Any]:
    """Return (person, day) of service that counts, in the community the person reported to then."""
    return (
        select(mine.c.person_id, LedgerEntry.day.label("day"))
        .join(LedgerEntry, LedgerEntry.person_id == mine.c.record_id)
        .where(LedgerEntry.day.between(span.first, span.last), _in_community(mine))
        .group_by(mine.c.person_id, LedgerEntry.day)
        # What was taken back stands beside its credit, on the same day.
        .having(func.sum(LedgerEntry.minutes) > 0)
    )


def _in_community(mine: Subquery) -> ColumnElement[bool]:
    """Return whether an entry is of the community (or a point of it) reported to that day."""
    tied = aliased(mine)
    tie = (
        select(CommunityTie.id)
        .join(tied, tied.c.record_id == CommunityTie.person_id)
        .join(StationTree, StationTree.ancestor_id == CommunityTie.station_id)
        .where(
            tied.c.person_id == mine.c.person_id,
            StationTree.descendant_id == LedgerEntry.station_id,
            CommunityTie.since_on <= LedgerEntry.day,
            or_(CommunityTie.ended_on.is_(None), CommunityTie.ended_on > LedgerEntry.day),
        )
        .correlate(mine, LedgerEntry)
    )
    return tie.exists()


def _minutes(mine: Subquery, span: Span, *, in_community: bool) -> Select[Any]:
    query = (
        select(mine.c.person_id, func.sum(LedgerEntry.minutes))
        .join(LedgerEntry, LedgerEntry.person_id == mine.c.record_id)
        .where(LedgerEntry.day.between(span.first, span.last))
        .group_by(mine.c.person_id)
    )
    return query.where(_in_community(mine)) if in_community else query


def _wishes(mine: Subquery, span: Span) -> Select[Any]:
    start, end = clock.day_span(span.first, span.last)
    pledged = case(((Pledge.pledged_at >= start) & (Pledge.pledged_at < end), 1), else_=0)
    over = (Pledge.state == PledgeState.FULFILLED) & (Pledge.ended_at >= start)
    fulfilled = case((over & (Pledge.ended_at < end), 1), else_=0)
    return (
        select(mine.c.person_id, func.sum(pledged), func.sum(fulfilled))
        .join(Pledge, Pledge.person_id == mine.c.record_id)
        .where(Pledge.state.in_(HOLDING))
        .group_by(mine.c.person_id)
    )


# --- the records behind the numbers, for the person ------------------------------------------------


@dataclass(frozen=True, slots=True)
class Behind:
    """What the numbers of one person are made of, in the asked days."""

    reports: Sequence[CommunityReport]
    served: Sequence[date]
    pledges: Sequence[Pledge]


def behind(person_id: int, span: Span, asked: Targets) -> Behind:
    """Return the reports, the days of service in the community and the pledges that count."""
    mine = _records_of(select(Person.id).where(Person.id == person_id))
    start, end = clock.day_span(span.first, span.last)
    reports = (
        select(CommunityReport)
        .join(mine, mine.c.record_id == CommunityReport.person_id)
        .where(CommunityReport.reported_on.between(span.first, span.last))
        .order_by(CommunityReport.reported_on)
    )
    pledges = (
        select(Pledge)
        .join(mine, mine.c.record_id == Pledge.person_id)
        .options(joinedload(Pledge.wish))
        .where(
            Pledge.state.in_(HOLDING),
            or_(
                (Pledge.pledged_at >= start) & (Pledge.pledged_at < end),
                (Pledge.ended_at >= start) & (Pledge.ended_at < end),
            ),
        )
        .order_by(Pledge.pledged_at)
    )
    days = db.session.execute(served(mine, span)).all() if asked.service_reports else []
    return Behind(
        db.session.scalars(reports).all(),
        sorted(row[1] for row in days),
        db.session.scalars(pledges).all(),
    )
