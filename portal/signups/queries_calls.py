"""Selects for the call list: who must be told of a shift and sees no notice."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import aliased

from portal.core import clock
from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.notices.models import Notice
from portal.notices.models_reach import CallOutcome, Delivery, DeliveryState, NoticeCall
from portal.notices.topics import CALLED
from portal.people.models import Account, Person
from portal.people.models_family import FamilyMember
from portal.shifts.models import Shift


class ToCall(NamedTuple):
    """Somebody to call: about which notice, of which shift."""

    notice: Notice
    person: Person
    shift: Shift


class Called(NamedTuple):
    """A call that was made."""

    outcome: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which calls: of these stations, of shifts that are not over, of a local day, made or not."""

    station_ids: Collection[int]
    now: datetime
    day: date | None = None
    made: bool = False


def _without_account() -> ColumnElement[bool]:
    """No account, and nobody of a family who is told in their place."""
    holder = select(FamilyMember.id).where(
        FamilyMember.person_id == Notice.person_id, FamilyMember.removed_at.is_(None)
    )
    account = select(Account.person_id).where(
        Account.person_id == Notice.person_id, Account.disabled_at.is_(None)
    )
    return ~account.exists() & ~holder.exists()


def _urgent_and_unseen() -> ColumnElement[bool]:
    """Urgent, not read, and not on its way outside either, or without success."""
    on_its_way = (Delivery.state == DeliveryState.WAITING) & (Delivery.error == "")
    reached = select(Delivery.id).where(
        Delivery.notice_id == Notice.id,
        or_(Delivery.state == DeliveryState.SENT, on_its_way),
    )
    return Notice.is_urgent & Notice.read_at.is_(None) & ~reached.exists()


def _told() -> ColumnElement[bool]:
    told = select(NoticeCall.id).where(
        NoticeCall.notice_id == Notice.id, NoticeCall.outcome == CallOutcome.TOLD
    )
    return told.exists()


def _outdated() -> ColumnElement[bool]:
    """There is a newer word about the same shift: only that one is told."""
    newer = aliased(Notice)
    later = select(newer.id).where(
        newer.person_id == Notice.person_id,
        newer.subject_kind == Notice.subject_kind,
        newer.subject_id == Notice.subject_id,
        newer.kind.in_(CALLED),
        newer.id > Notice.id,
    )
    return later.exists()


def _calls() -> Select[tuple[Notice, Person, Shift]]:
    return (
        select(Notice, Person, Shift)
        .join(Person, Person.id == Notice.person_id)
        .join(Shift, (Shift.id == Notice.subject_id) & (Notice.subject_kind == "shift"))
        .where(
            Notice.kind.in_(CALLED),
            Person.erased_at.is_(None),
            Person.merged_into_id.is_(None),
            or_(_without_account(), _urgent_and_unseen(), _told()),
        )
    )


def call_by_id(public_id: str) -> ToCall | None:
    """Return the call about the notice of a public id, made or to be made."""
    found = db.session.execute(_calls().where(Notice.public_id == public_id)).first()
    return ToCall(*found) if found else None


def _wanted(wanted: Wanted) -> Select[tuple[Notice, Person, Shift]]:
    query = _calls().where(
        Shift.station_id.in_(wanted.station_ids),
        Shift.ends_at > wanted.now,
        ~_outdated(),
        _told() if wanted.made else ~_told(),
    )
    if wanted.day is None:
        return query
    first, end = clock.day_span(wanted.day)
    return query.where(Shift.starts_at >= first, Shift.starts_at < end)


def listed(wanted: Wanted, number: int, size: int = PAGE_SIZE) -> Page[ToCall]:
    """Return a page of calls, what begins first on top."""
    query = _wanted(wanted)
    ordered = query.order_by(Shift.starts_at, Notice.id).limit(size).offset((number - 1) * size)
    rows = [ToCall(*row) for row in db.session.execute(ordered)]
    return Page(rows, number, count(wanted), size)


def count(wanted: Wanted) -> int:
    """Return how many calls there are."""
    counted = select(func.count()).select_from(
        _wanted(wanted).with_only_columns(Notice.id).subquery()
    )
    return db.session.scalar(counted) or 0


def days(station_ids: Collection[int], now: datetime) -> Sequence[date]:
    """Return the local days of shifts about which somebody is still to be called."""
    query = _wanted(Wanted(station_ids, now)).with_only_columns(Shift.starts_at).distinct()
    return sorted({clock.local_day(at) for at in db.session.scalars(query)})


def made(notice_ids: Collection[int]) -> Mapping[int, list[Called]]:
    """Return the calls about these notices with who made them, by notice, in one query."""
    query = (
        select(NoticeCall.notice_id, NoticeCall.outcome, NoticeCall.at, Person.name)
        .outerjoin(Person, Person.id == NoticeCall.actor_id)
        .where(NoticeCall.notice_id.in_(notice_ids))
        .order_by(NoticeCall.id)
    )
    found: dict[int, list[Called]] = {}
    for notice_id, outcome, at, name in db.session.execute(query):
        found.setdefault(notice_id, []).append(Called(outcome, at, name or ""))
    return found
