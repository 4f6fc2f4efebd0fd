"""A person's consents: given, taken back, and how they stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Integer, bindparam, func, insert, select

from portal.core.access import Actor
from portal.core.db import db
from portal.core.ref import Ref
from portal.people import queries
from portal.people.models import Person, Volunteer, VolunteerState
from portal.people.models_consents import CONSENT_VERSIONS, Channel, Consent, ConsentKind
from portal.records import audit


def give(
    person_id: int,
    kind: ConsentKind,
    channel: Channel,
    *,
    actor: Actor,
    now: datetime,
    **known: Any,
) -> None:
    """Record that the person agreed to the present words; `known` says how staff knew them."""
    put(person_id, kind, channel, given=True, actor=actor, now=now)
    audit.record(
        "consent.give", Ref("person", person_id), actor=actor, now=now, consent=kind, **known
    )


def withdraw(
    person_id: int,
    kind: ConsentKind,
    channel: Channel,
    *,
    actor: Actor,
    now: datetime,
    **known: Any,
) -> None:
    """Record that the person took the consent back."""
    put(person_id, kind, channel, given=False, actor=actor, now=now)
    audit.record(
        "consent.withdraw", Ref("person", person_id), actor=actor, now=now, consent=kind, **known
    )


def put(
    person_id: int, kind: ConsentKind, channel: Channel, *, given: bool, actor: Actor, now: datetime
) -> None:
    """Write the row alone: for who records it in the log by a verb of their own."""
    db.session.add(
        Consent(
            person_id=person_id,
            kind=kind,
            text_version=CONSENT_VERSIONS[kind],
            given=given,
            channel=channel,
            actor_id=actor.person_id,
            at=now,
        )
    )


class Paper(NamedTuple):
    """A consent that somebody signed on paper, on a day."""

    person_id: int
    kind: ConsentKind
    signed_on: date


def put_papers(papers: Iterable[Paper], *, actor: Actor, now: datetime) -> None:
    """Write consents on paper in bulk; they are to the words of the paper, known by its day.

    For who records them in the log by a verb of their own.
    """
    values = [
        {
            "person_id": one.person_id,
            "kind": one.kind,
            "text_version": one.signed_on.isoformat(),
            "given": True,
            "channel": Channel.PAPER,
            "actor_id": actor.person_id,
            "at": now,
        }
        for one in papers
    ]
    if values:
        db.session.execute(insert(Consent), values)


class Standing(NamedTuple):
    """What matters of a person who asks for a place: volunteering, and the privacy notice."""

    volunteer_state: VolunteerState | None
    withdrew_notice: bool


# Whether the person's newest word on the notice gives consent; None when they never gave one.
NEWEST_NOTICE = (
    select(Consent.given)
    .where(
        Consent.person_id.in_(queries.selves(bindparam("person_id", type_=Integer))),
        Consent.kind == ConsentKind.NOTICE,
    )
    .order_by(Consent.id.desc())
    .limit(1)
    .scalar_subquery()
)
_STANDING = (
    select(Volunteer.state, NEWEST_NOTICE)
    .select_from(Person)
    .outerjoin(Volunteer, Volunteer.person_id == Person.id)
    .where(Person.id == bindparam("person_id"))
)


def standing(person_id: int) -> Standing:
    """Return both in one statement; somebody put on record by staff never gave what they withdraw."""
    state, given = db.session.execute(_STANDING, {"person_id": person_id}).one()
    return Standing(VolunteerState(state) if state else None, given is False)


def of_person(person_id: int) -> Sequence[Consent]:
    """Return all consent rows of a person, oldest first."""
    query = select(Consent).where(Consent.person_id.in_(queries.selves(person_id)))
    return db.session.scalars(query.order_by(Consent.id)).all()


def holding(person_ids: Collection[int], kind: ConsentKind) -> frozenset[int]:
    """Return those of the people whose newest row of the kind gives consent, in one query."""
    newest = (
        select(func.max(Consent.id))
        .where(Consent.person_id.in_(person_ids), Consent.kind == kind)
        .group_by(Consent.person_id)
    )
    query = select(Consent.person_id).where(Consent.id.in_(newest), Consent.given)
    return frozenset(db.session.scalars(query)) if person_ids else frozenset()


def holds(person_id: int, kind: ConsentKind) -> bool:
    """Return whether the newest row of the kind gives consent."""
    query = select(Consent.given).where(
        Consent.person_id.in_(queries.selves(person_id)), Consent.kind == kind
    )
    return bool(db.session.scalars(query.order_by(Consent.id.desc()).limit(1)).first())
