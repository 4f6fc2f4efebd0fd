"""Putting many people on record who signed a paper, in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert

from portal.core import clock, tokens
from portal.core.access import Actor
from portal.core.db import db
from portal.org.queries import add_working_days
from portal.people import consents, guardians
from portal.people.consents import Paper
from portal.people.guardians import Contact
from portal.people.models import Person, Volunteer, VolunteerState
from portal.people.models_consents import Channel, ConsentKind, GuardianConsent
from portal.records import settings, stale
from portal.records.steps import Step
from portal.registration import application, rules


@dataclass(frozen=True, slots=True)
class Signed:
    """Somebody who signed the paper on a day. `id_number` empty: none given."""

    name: str
    phone: str | None
    birth_on: date
    signed_on: date
    is_volunteer: bool
    id_number: str = ""
    guardian: Contact | None = None


def record_signed(
    people: Sequence[Signed], station_id: int, *, actor: Actor, now: datetime
) -> None:
    """Put people on record as the counter does one by one; who is to be a volunteer applies.

    The log has one row for all of them, written by whoever imports: it names nobody.
    """
    persons = [
        Person(
            name=one.name, phone=one.phone, birth_on=one.birth_on, home_station_id=station_id,
            created_at=now, created_by_id=actor.person_id,
        )
        for one in people
    ]  # fmt: skip
    db.session.add_all(persons)
    db.session.flush()
    pairs = list(zip(people, (row.id for row in persons), strict=True))
    consents.put_papers(
        [
            Paper(person_id, kind, one.signed_on)
            for one, person_id in pairs
            for kind in (ConsentKind.NOTICE, *_number_too(one))
        ],
        actor=actor,
        now=now,
    )
    db.session.add_all(
        GuardianConsent(
            person_id=person_id, channel=Channel.PAPER, actor_id=actor.person_id, at=now,
            guardian_sealed=guardians.seal_contact(guardians.GUARDIAN_PURPOSE, one.guardian),
        )
        for one, person_id in pairs
        if one.guardian
    )  # fmt: skip
    _apply([pair for pair in pairs if pair[0].is_volunteer], station_id, actor=actor, now=now)


def _number_too(one: Signed) -> tuple[ConsentKind, ...]:
    return (ConsentKind.ID_NUMBER,) if one.id_number else ()


def _apply(
    pairs: Sequence[tuple[Signed, int]], station_id: int, *, actor: Actor, now: datetime
) -> None:
    """Send the applications in, which the station's desk decides on as on any other."""
    due_on = add_working_days(clock.local_day(now), settings.get("application_days"))
    rows = [
        Volunteer(
            person_id=person_id, station_id=station_id, state=VolunteerState.SUBMITTED,
            applied_at=now, due_on=due_on, free_times=0, **_id_number(one.id_number),
        )
        for one, person_id in pairs
    ]  # fmt: skip
    db.session.add_all(rows)
    db.session.flush()
    steps = [
        {
            "subject_kind": "volunteer",
            "subject_id": row.id,
            "from_state": "",
            "to_state": VolunteerState.SUBMITTED,
            "verb": rules.SUBMIT,
            "actor_id": actor.person_id,
            "reason": "",
            "at": now,
        }
        for row in rows
    ]
    if steps:
        db.session.execute(insert(Step), steps)
        stale.mark(clock.local_day(now), station_id)


def _id_number(number: str) -> dict[str, object]:
    """Return the columns of the number; the check saw to it that nobody else holds it."""
    if not number:
        return {}
    return {
        "id_number_sealed": tokens.seal(application.ID_NUMBER_PURPOSE, number),
        "id_number_hash": application.id_number_hash(number),
        "id_number_last4": number[-4:],
    }
