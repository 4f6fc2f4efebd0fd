"""A guardian's consent for a minor: who agreed (sealed), when, how, to what; and its withdrawal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, cast

from sqlalchemy import select

from portal.core import clock, tokens
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.people import queries
from portal.people.locks import lock_person
from portal.people.models_consents import Channel, ConsentScope, GuardianConsent
from portal.people.models_family import FamilyMember
from portal.people.rules import is_minor
from portal.records import audit

GUARDIAN_PURPOSE = "guardian"


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to call."""

    name: str
    phone: str


class Scope(NamedTuple):
    """What is agreed to: all activities, one offering, or all until a day (included)."""

    kind: ConsentScope = ConsentScope.ALL
    offering_id: int | None = None
    until_on: date | None = None


ALL = Scope()


def seal_contact(purpose: str, contact: Contact) -> bytes:
    """Encrypt name and phone of somebody to call."""
    return tokens.seal(purpose, json.dumps([contact.name, contact.phone], ensure_ascii=False))


def unseal_contact(purpose: str, sealed: bytes | None) -> Contact | None:
    """Decrypt what `seal_contact` made; None when there is nothing (any more)."""
    return Contact(*json.loads(tokens.unseal(purpose, sealed))) if sealed else None


def put_guardian(
    person_id: int,
    guardian: Contact,
    channel: Channel,
    scope: Scope = ALL,
    *,
    actor: Actor,
    now: datetime,
) -> GuardianConsent:
    """Write down that a guardian agreed, to what, and by which way we know."""
    row = GuardianConsent(
        person_id=person_id,
        guardian_sealed=seal_contact(GUARDIAN_PURPOSE, guardian),
        channel=channel,
        scope=scope.kind,
        offering_id=scope.offering_id,
        until_on=scope.until_on,
        actor_id=actor.person_id,
        at=now,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        "guardian.consent", Ref("person", person_id), actor=actor, now=now,
        channel=channel, scope=scope.kind,
    )  # fmt: skip
    return row


def agree_for(
    member_id: int, scope: Scope, *, actor: Actor, now: datetime
) -> GuardianConsent | None:
    """Let the holder agree as the guardian of a minor of the family; the same twice is one.

    Raises Refused(`not_a_minor`).
    """
    row = cast(FamilyMember, locked(FamilyMember, member_id))
    child = lock_person(row.person_id)
    if not is_minor(child.birth_on, clock.local_day(now)):
        message = _("家人已满 18 岁，不用监护人同意，本人可以自己报名。")
        raise Refused(Reason("not_a_minor", message, _("我的家人"), "/me/family"))
    row.is_guardian = True
    same = (scope.kind, scope.offering_id, scope.until_on)
    for one in live_of(child.id):
        if (one.scope, one.offering_id, one.until_on) == same:
            return one
    holder = queries.person(row.holder_id)
    contact = Contact(holder.name, holder.phone or "")
    return put_guardian(child.id, contact, Channel.WEB, scope, actor=actor, now=now)


def withdraw(consent_id: int, *, actor: Actor, now: datetime) -> GuardianConsent:
    """Take one consent back, as easily as it was given; twice is harmless."""
    row = cast(GuardianConsent, locked(GuardianConsent, consent_id))
    if row.withdrawn_at is None:
        row.withdrawn_at = now
        audit.record(
            "guardian.withdraw", Ref("person", row.person_id), actor=actor, now=now,
            scope=row.scope,
        )  # fmt: skip
    return row


def consent_by_id(public_id: str) -> GuardianConsent | None:
    """Return the consent of a public id."""
    query = select(GuardianConsent).where(GuardianConsent.public_id == public_id)
    return db.session.scalars(query).first()


def covers(person_id: int, offering_id: int, day: date) -> bool:
    """Return whether a consent that holds covers an offering on a day."""
    return any(
        one.scope == ConsentScope.ALL
        or one.offering_id == offering_id
        or (one.until_on is not None and one.until_on >= day)
        for one in live_of(person_id)
    )


def live_of(person_id: int) -> Sequence[GuardianConsent]:
    """Return the consents of a person that hold, the newest first; days may have passed."""
    return [row for row in all_of(person_id) if row.withdrawn_at is None]


def all_of(person_id: int) -> Sequence[GuardianConsent]:
    """Return all consents for a person, the newest first."""
    query = select(GuardianConsent).where(GuardianConsent.person_id.in_(queries.selves(person_id)))
    return db.session.scalars(query.order_by(GuardianConsent.id.desc())).all()


def guardian_of(row: GuardianConsent) -> Contact | None:
    """Return who agreed; None when it was erased."""
    return unseal_contact(GUARDIAN_PURPOSE, row.guardian_sealed)
