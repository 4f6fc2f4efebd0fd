"""Selects over notices and over how people are reached."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Integer, bindparam, func, select
from sqlalchemy.orm import joinedload

from portal.core.access import Actor
from portal.core.db import db, execute
from portal.core.tables import PAGE_SIZE, Page
from portal.notices.models import Notice
from portal.notices.models_reach import (
    Channel,
    Delivery,
    DeliveryState,
    NoticePreference,
    NoticeReach,
)
from portal.notices.rules import Quiet
from portal.people.queries import selves
from portal.records import settings

_OWN = Notice.person_id.in_(selves(bindparam("person_id", type_=Integer)))
_UNREAD = select(Notice).where(_OWN, Notice.read_at.is_(None)).order_by(Notice.id.desc()).limit(20)
_UNREAD_COUNT = select(func.count()).select_from(Notice).where(_OWN, Notice.read_at.is_(None))


def unread(person_id: int) -> Sequence[Notice]:
    """Return what the person has not read, the newest first."""
    return db.session.scalars(_UNREAD, {"person_id": person_id}).all()


def count_unread(person_id: int) -> int:
    """Return how many the person has not read."""
    return int(execute(_UNREAD_COUNT, {"person_id": person_id}).scalar_one())


def tray(person_id: int, number: int, *, read: bool | None = None) -> Page[Notice]:
    """Return a page of the person's notices: unread ones first, then the newest."""
    query = select(Notice).where(Notice.person_id.in_(selves(person_id)))
    if read is not None:
        query = query.where(Notice.read_at.is_not(None) if read else Notice.read_at.is_(None))
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(Notice.read_at.is_not(None), Notice.id.desc())
    rows = db.session.scalars(ordered.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).all()
    return Page(rows, number, total)


def own_notice(actor: Actor, public_id: str) -> Notice | None:
    """Return a notice of the actor's own."""
    query = select(Notice).where(
        Notice.public_id == public_id, Notice.person_id.in_(selves(actor.person_id or 0))
    )
    return db.session.scalars(query).first()


def of_person(person_id: int) -> Sequence[Notice]:
    """Return all notices of a person, the oldest first."""
    query = select(Notice).where(Notice.person_id.in_(selves(person_id)))
    return db.session.scalars(query.order_by(Notice.id)).all()


# --- how people are reached ----------------------------------------------------------------------


def preference(person_id: int) -> NoticePreference:
    """Return how the person wants to be told; a row of the usual values, not added, when unsaid."""
    row = db.session.get(NoticePreference, person_id)
    return row or NoticePreference(person_id=person_id, reminders=True, lang="zh")


def quiet_hours(row: NoticePreference) -> Quiet:
    """Return the person's quiet hours: their own, else the district's."""
    if row.quiet_from is None or row.quiet_until is None:
        return Quiet(settings.get("quiet_from_hour"), settings.get("quiet_until_hour"))
    return Quiet(row.quiet_from, row.quiet_until)


def reach(person_id: int, channel: Channel) -> NoticeReach | None:
    """Return the person's row of a channel."""
    query = select(NoticeReach).where(
        NoticeReach.person_id == person_id, NoticeReach.channel == channel
    )
    return db.session.scalars(query).first()


def reaches(person_id: int) -> Sequence[NoticeReach]:
    """Return the person's rows of all channels."""
    query = select(NoticeReach).where(NoticeReach.person_id == person_id)
    return db.session.scalars(query.order_by(NoticeReach.id)).all()


# --- deliveries ----------------------------------------------------------------------------------


def due(channel: Channel, now: datetime, most: int) -> Sequence[int]:
    """Return the ids of messages that may go out by a channel now, in their order."""
    query = select(Delivery.id).where(
        Delivery.channel == channel,
        Delivery.state == DeliveryState.WAITING,
        Delivery.not_before <= now,
    )
    return db.session.scalars(query.order_by(Delivery.not_before, Delivery.id).limit(most)).all()


def delivery(delivery_id: int) -> Delivery:
    """Return a message with its notice, which must exist."""
    query = select(Delivery).options(joinedload(Delivery.notice)).where(Delivery.id == delivery_id)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def deliveries_of(person_id: int) -> Sequence[Delivery]:
    """Return what went out to a person, the oldest first."""
    query = select(Delivery).where(Delivery.person_id.in_(selves(person_id)))
    return db.session.scalars(query.order_by(Delivery.id)).all()


class Trouble(NamedTuple):
    """So many messages of a channel are in a state they should not be in, and one reason."""

    channel: str
    state: str
    messages: int
    error: str


def troubles(since: datetime) -> list[Trouble]:
    """Return what is tried again, and what was refused or given up since then, by channel."""
    tried = (Delivery.state == DeliveryState.WAITING) & (Delivery.error != "")
    ended = Delivery.state.in_((DeliveryState.REFUSED, DeliveryState.GAVE_UP))
    query = (
        select(Delivery.channel, Delivery.state, func.count(), func.max(Delivery.error))
        .where(tried | (ended & (Delivery.ended_at > since)))
        .group_by(Delivery.channel, Delivery.state)
        .order_by(Delivery.channel, Delivery.state)
    )
    return [Trouble(*row) for row in db.session.execute(query)]
