"""A guardian's consent for a minor: who agreed (sealed), when, by which way, who wrote it down."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from portal.core import tokens
from portal.core.access import Actor
from portal.core.db import db
from portal.core.ref import Ref
from portal.people.models_consents import Channel, GuardianConsent
from portal.records import audit

GUARDIAN_PURPOSE = "guardian"


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to call."""

    name: str
    phone: str


def seal_contact(purpose: str, contact: Contact) -> bytes:
    """Encrypt name and phone of somebody to call."""
    return tokens.seal(purpose, json.dumps([contact.name, contact.phone], ensure_ascii=False))


def unseal_contact(purpose: str, sealed: bytes | None) -> Contact | None:
    """Decrypt what `seal_contact` made; None when there is nothing (any more)."""
    return Contact(*json.loads(tokens.unseal(purpose, sealed))) if sealed else None


def put_guardian(
    person_id: int, guardian: Contact, channel: Channel, *, actor: Actor, now: datetime
) -> GuardianConsent:
    """Write down that a guardian agreed, and by which way we know."""
    row = GuardianConsent(
        person_id=person_id,
        guardian_sealed=seal_contact(GUARDIAN_PURPOSE, guardian),
        channel=channel,
        actor_id=actor.person_id,
        at=now,
    )
    db.session.add(row)
    audit.record(
        "guardian.consent", Ref("person", person_id), actor=actor, now=now, channel=channel
    )
    return row
