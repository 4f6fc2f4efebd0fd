"""Selects over offerings that a guardian may agree to, and what was agreed to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, select

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


def to_agree_to(words: str, now: datetime) -> Sequence[Offering]:
    """Return what is published, to come and open to minors at all, by words; at most `MOST`."""
    to_come = exists().where(
        Shift.offering_id == Offering.id, Shift.state == ShiftState.PLANNED, Shift.ends_at > now
    )
    query = select(Offering).where(
        Offering.state == OfferingState.PUBLISHED,
        Offering.is_risky.is_(False),
        Offering.minimum_age < 18,
        to_come,
    )
    found = search.matches("offering", words) if words else None
    if found is not None:
        query = query.where(Offering.id.in_(found))
    return db.session.scalars(query.order_by(Offering.title, Offering.id).limit(MOST)).all()


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
