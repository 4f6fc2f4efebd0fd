"""Selects over offerings that a guardian may agree to, and what was agreed to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from portal.core.db import db
from portal.people import queries as people
from portal.people.models_consents import GuardianConsent
from portal.records import search
from portal.shifts.models import Offering, OfferingState, Shift, ShiftState

MOST = 20


class Agreed(NamedTuple):
    """A consent to one offering that holds: its public id, and what it is for."""

    public_id: str
    title: str
    at: datetime


class Open(NamedTuple):
    """An offering that can be agreed to, and when it is next."""

    id: int
    public_id: str
    title: str
    place: str
    next_at: datetime


def to_agree_to(words: str, now: datetime) -> Sequence[Open]:
    """Return what is published, to come and open to minors at all, the next first; at most `MOST`."""
    next_at = func.min(Shift.starts_at)
    query = (
        select(Offering.id, Offering.public_id, Offering.title, Offering.place, next_at)
        .join(Shift, Shift.offering_id == Offering.id)
        .where(
            Offering.state == OfferingState.PUBLISHED,
            Offering.is_risky.is_(False),
            Offering.minimum_age < 18,
            Shift.state == ShiftState.PLANNED,
            Shift.ends_at > now,
        )
        .group_by(Offering.id, Offering.public_id, Offering.title, Offering.place)
    )
    found = search.matches("offering", words) if words else None
    if found is not None:
        query = query.where(Offering.id.in_(found))
    rows = db.session.execute(query.order_by(next_at, Offering.id).limit(MOST)).tuples()
    return [Open(*row) for row in rows]


def agreed_to(person_id: int) -> Sequence[Agreed]:
    """Return the consents to single offerings that hold for a person, the newest first."""
    query = (
        select(GuardianConsent.public_id, Offering.title, GuardianConsent.at)
        .join(Offering, Offering.id == GuardianConsent.offering_id)
        .where(
            GuardianConsent.person_id.in_(people.selves(person_id)),
            GuardianConsent.withdrawn_at.is_(None),
        )
        .order_by(GuardianConsent.id.desc())
    )
    return [Agreed(*row) for row in db.session.execute(query).tuples()]
