"""What the desk does for people it knows: find them, hand over a code for a new password."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.db import db
from portal.core.forms import PHONE, normal_phone
from portal.core.i18n import lazy_gettext as _l
from portal.core.ref import Ref
from portal.people import resets
from portal.people.models import Person
from portal.people.rules import is_minor
from portal.records import audit, notes

SHORTEST_SEARCH = 2
_MOST = 20


class Identified(StrEnum):
    """How staff knew who stood before them."""

    ID_SEEN = "id_seen"
    KNOWN = "known"
    CALLED_BACK = "called_back"


IDENTIFIED_LABELS = {
    Identified.ID_SEEN: _l("看过身份证件"),
    Identified.KNOWN: _l("认识本人"),
    Identified.CALLED_BACK: _l("打登记的手机号，当面响了"),
}


def helps_people(actor: Actor) -> bool:
    """Clause: managers of some station, and administrators."""
    return actor.holds_any(Role.STATION_MANAGER, Role.ADMINISTRATOR)


def may_help(actor: Actor, person: Person) -> bool:
    """Clause: who keeps the person's home station; somebody without one is helped anywhere."""
    if person.home_station_id is None or actor.is_admin:
        return helps_people(actor)
    return actor.holds(Role.STATION_MANAGER, person.home_station_id)


def found(words: str, actor: Actor) -> Sequence[Person]:
    """Return persons of exactly this name or phone whom the actor may help."""
    phone = normal_phone(words)
    called = Person.phone == phone if PHONE.fullmatch(phone) else Person.name == words
    query = (
        select(Person)
        .options(joinedload(Person.home_station))
        .where(called, Person.merged_into_id.is_(None), Person.erased_at.is_(None))
    )
    if not actor.is_admin:
        own = actor.stations(Role.STATION_MANAGER)
        query = query.where(or_(Person.home_station_id.in_(own), Person.home_station_id.is_(None)))
    return db.session.scalars(query.order_by(Person.id).limit(_MOST)).all()


def person_to_help(public_id: str) -> Person | None:
    """Return the person of a public id; not a merged or an erased one."""
    query = select(Person).where(
        Person.public_id == public_id, Person.merged_into_id.is_(None), Person.erased_at.is_(None)
    )
    return db.session.scalars(query).first()


def note_sight(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Write down that staff saw the page of a minor (product rule 8); of others nothing."""
    row = db.session.get_one(Person, person_id)
    if is_minor(row.birth_on, clock.local_day(now)):
        audit.record(
            "person.reveal", Ref("person", person_id), actor=actor, now=now,
            station_id=row.home_station_id, what="minor",
        )  # fmt: skip


def hand_code(
    person_id: int, identified: Identified, note: str, *, actor: Actor, now: datetime
) -> str:
    """Make a one-time code and note how the person was identified. See `hand_reset_code`."""
    code = resets.hand_reset_code(person_id, identified, actor=actor, now=now)
    notes.put(Ref("person", person_id), "identity", note, actor=actor, now=now)
    return code
