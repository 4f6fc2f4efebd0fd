"""Selects over members, requests, ties and reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from portal.core import tokens
from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.membership.models import (
    CommunityReport,
    CommunityTie,
    CommunityTieTerm,
    MembershipImport,
    MembershipRequest,
    ReportReminder,
)
from portal.org.models import Term
from portal.org.models_party import PartyBranch
from portal.people import queries as people
from portal.people.models import Person
from portal.people.models_consents import Consent, ConsentKind
from portal.people.models_party import PartyMember

IMPORT_PURPOSE = "membership_import"


def live_members(branch_ids: Iterable[int] | None = None) -> Select[tuple[int]]:
    """Return a select of the ids of members (of these branches), as standing takes it."""
    query = select(PartyMember.person_id).where(PartyMember.ended_on.is_(None))
    return query if branch_ids is None else query.where(PartyMember.branch_id.in_(branch_ids))


def member_by_id(public_id: str) -> PartyMember | None:
    """Return the live membership of the person of a public id."""
    query = (
        select(PartyMember)
        .join(PartyMember.person)
        .options(joinedload(PartyMember.person), joinedload(PartyMember.branch))
        .where(Person.public_id == public_id, PartyMember.ended_on.is_(None))
    )
    return db.session.scalars(query).first()


def has_members(branch_id: int) -> bool:
    """Return whether somebody is in the branch, or asks to be."""
    member = live_members([branch_id]).limit(1)
    asked = select(MembershipRequest.id).where(MembershipRequest.branch_id == branch_id).limit(1)
    return any(db.session.scalars(query).first() is not None for query in (member, asked))


# --- requests ------------------------------------------------------------------------------------


def request_by_id(public_id: str) -> MembershipRequest | None:
    """Return the request of a public id."""
    query = (
        select(MembershipRequest)
        .options(joinedload(MembershipRequest.person), joinedload(MembershipRequest.branch))
        .where(MembershipRequest.public_id == public_id)
    )
    return db.session.scalars(query).first()


def request_of(person_id: int) -> MembershipRequest | None:
    """Return what the person asked, when it is not settled by a yes."""
    query = (
        select(MembershipRequest)
        .options(joinedload(MembershipRequest.branch))
        .where(MembershipRequest.person_id.in_(people.selves(person_id)))
    )
    return db.session.scalars(query.order_by(MembershipRequest.id.desc())).first()


def old_refusals(before: datetime) -> Sequence[int]:
    """Return the ids of persons whose request was refused before then."""
    query = select(MembershipRequest.person_id).where(MembershipRequest.refused_at < before)
    return db.session.scalars(query.order_by(MembershipRequest.id)).all()


def waiting(branch_ids: Iterable[int]) -> Sequence[MembershipRequest]:
    """Return who waits for a word of these branches' secretaries, the longest first."""
    query = (
        select(MembershipRequest)
        .options(joinedload(MembershipRequest.person), joinedload(MembershipRequest.branch))
        .where(MembershipRequest.branch_id.in_(branch_ids), MembershipRequest.refused_at.is_(None))
    )
    return db.session.scalars(query.order_by(MembershipRequest.id).limit(100)).all()


# --- ties and reports ----------------------------------------------------------------------------


def tie_of(person_id: int) -> CommunityTie | None:
    """Return to which community the person reports now."""
    query = (
        select(CommunityTie)
        .options(joinedload(CommunityTie.station))
        .where(
            CommunityTie.person_id.in_(people.selves(person_id)), CommunityTie.ended_on.is_(None)
        )
    )
    return db.session.scalars(query.order_by(CommunityTie.id.desc())).first()


def ties_of(person_id: int) -> Sequence[CommunityTie]:
    """Return all communities the person reports or reported to, the oldest first."""
    query = (
        select(CommunityTie)
        .options(joinedload(CommunityTie.station))
        .where(CommunityTie.person_id.in_(people.selves(person_id)))
    )
    return db.session.scalars(query.order_by(CommunityTie.id)).all()


def tie_ids(person_id: int) -> Select[tuple[int]]:
    """Return a select of the ties of one record."""
    return select(CommunityTie.id).where(CommunityTie.person_id == person_id)


def tie_by_id(public_id: str) -> CommunityTie | None:
    """Return the tie of a public id, with person and station."""
    query = (
        select(CommunityTie)
        .options(joinedload(CommunityTie.person), joinedload(CommunityTie.station))
        .where(CommunityTie.public_id == public_id)
    )
    return db.session.scalars(query).first()


def terms_of(tie_ids: Iterable[int]) -> dict[int, list[Term]]:
    """Return what is offered with each tie."""
    query = (
        select(CommunityTieTerm.tie_id, Term)
        .join(Term, Term.id == CommunityTieTerm.term_id)
        .where(CommunityTieTerm.tie_id.in_(list(tie_ids)))
        .order_by(Term.vocabulary, Term.position)
    )
    found: dict[int, list[Term]] = {}
    for tie_id, term in db.session.execute(query):
        found.setdefault(tie_id, []).append(term)
    return found


def helpers(station_ids: Iterable[int], words: str, number: int) -> tuple[Page[CommunityTie], int]:
    """Return a page of who agreed to be shown there, and how many report there in all."""
    live = (CommunityTie.station_id.in_(list(station_ids)), CommunityTie.ended_on.is_(None))
    total = db.session.scalar(select(func.count()).select_from(CommunityTie).where(*live)) or 0
    query = select(CommunityTie).join(CommunityTie.person).where(*live, CommunityTie.shown)
    if words:
        query = query.where(or_(Person.name == words, Person.phone == words))
    shown = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = db.session.scalars(
        query.options(joinedload(CommunityTie.person), joinedload(CommunityTie.station))
        .order_by(CommunityTie.station_id, CommunityTie.id)
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    ).all()
    return Page(rows, number, shown), total


def report_in(person_id: int, first: date, last: date) -> CommunityReport | None:
    """Return the person's report of these days."""
    query = select(CommunityReport).where(
        CommunityReport.person_id.in_(people.selves(person_id)),
        CommunityReport.reported_on.between(first, last),
    )
    return db.session.scalars(query.limit(1)).first()


def reports_of(person_id: int) -> Sequence[CommunityReport]:
    """Return all reports of a person, the oldest first."""
    query = (
        select(CommunityReport)
        .options(joinedload(CommunityReport.station))
        .where(CommunityReport.person_id.in_(people.selves(person_id)))
    )
    return db.session.scalars(query.order_by(CommunityReport.reported_on)).all()


def reported_among(person_ids: Iterable[int], first: date, last: date) -> dict[int, date]:
    """Return who of these reported in the days, and when."""
    query = select(CommunityReport.person_id, CommunityReport.reported_on).where(
        CommunityReport.person_id.in_(list(person_ids)),
        CommunityReport.reported_on.between(first, last),
    )
    return {person_id: day for person_id, day in db.session.execute(query)}  # noqa: C416  a Row is no tuple


def untold(period_on: date) -> Select[tuple[int]]:
    """Return a select of the members who were not reminded of a period."""
    told = select(ReportReminder.person_id).where(ReportReminder.period_on == period_on)
    return live_members().where(PartyMember.person_id.not_in(told))


# --- imports -------------------------------------------------------------------------------------


def upload_by_id(public_id: str) -> MembershipImport | None:
    """Return what a workbook held, until it is imported or forgotten."""
    query = select(MembershipImport).where(MembershipImport.public_id == public_id)
    return db.session.scalars(query).first()


def rows_of(upload: MembershipImport) -> str:
    """Return the rows as they were sealed."""
    return tokens.unseal(IMPORT_PURPOSE, upload.rows_sealed)


def forgotten_uploads(before: datetime) -> Sequence[int]:
    """Return the ids of uploads that nobody confirmed in time."""
    query = select(MembershipImport.id).where(MembershipImport.uploaded_at < before)
    return db.session.scalars(query.order_by(MembershipImport.id)).all()


# --- checks --------------------------------------------------------------------------------------


def without_consent() -> Sequence[int]:
    """Return the ids of live memberships whose person's newest word is no consent."""
    newest = (
        select(Consent.given)
        .join(Person, Person.id == Consent.person_id)
        .where(
            or_(Person.id == PartyMember.person_id, Person.merged_into_id == PartyMember.person_id),
            Consent.kind == ConsentKind.PARTY,
        )
        .order_by(Consent.id.desc())
        .limit(1)
        .correlate(PartyMember)
        .scalar_subquery()
    )
    query = select(PartyMember.id).where(
        PartyMember.ended_on.is_(None),
        func.coalesce(newest, False).is_(False),
    )
    return db.session.scalars(query.order_by(PartyMember.id)).all()


def of_merged() -> Sequence[int]:
    """Return the ids of live memberships that a merged record holds."""
    query = (
        select(PartyMember.id)
        .join(PartyMember.person)
        .where(PartyMember.ended_on.is_(None), Person.merged_into_id.is_not(None))
    )
    return db.session.scalars(query.order_by(PartyMember.id)).all()


def in_closed_branches() -> Sequence[int]:
    """Return the ids of live memberships in branches that are closed."""
    query = (
        select(PartyMember.id)
        .join(PartyBranch, PartyBranch.id == PartyMember.branch_id)
        .where(PartyMember.ended_on.is_(None), PartyBranch.closed_at.is_not(None))
    )
    return db.session.scalars(query.order_by(PartyMember.id)).all()
