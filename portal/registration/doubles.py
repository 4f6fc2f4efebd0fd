"""Records that may be the same person: same phone, ID number, or name and birth date."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, or_, select

from portal.core import tokens
from portal.core.db import db
from portal.people.models import Account, Person, Volunteer
from portal.registration import application
from portal.registration.rules import Sameness


@dataclass(frozen=True, slots=True)
class Double:
    """Another record that looks like the same person, and by what."""

    person: Person
    volunteer: Volunteer | None
    has_account: bool
    by: tuple[Sameness, ...]

    @property
    def station_id(self) -> int | None:
        """The station whose staff keep the record."""
        return self.volunteer.station_id if self.volunteer else self.person.home_station_id


def doubles(row: Volunteer) -> list[Double]:
    """Return records with the same phone, ID number, or name and birth date, the oldest first."""
    own = row.person
    hashed = _own_id_hash(row)
    same: list[ColumnElement[bool]] = []
    if own.phone:
        same.append(Person.phone == own.phone)
    if own.birth_on:
        same.append(and_(Person.name == own.name, Person.birth_on == own.birth_on))
    if hashed:
        same.append(Volunteer.id_number_hash == hashed)
    if not same:
        return []
    query = (
        select(Person, Volunteer, exists().where(Account.person_id == Person.id))
        .outerjoin(Volunteer, Volunteer.person_id == Person.id)
        .where(
            or_(*same),
            Person.id != own.id,
            Person.merged_into_id.is_(None),
            Person.erased_at.is_(None),
        )
    )
    return [
        Double(person, other, has_account, _by(own, hashed, person, other))
        for person, other, has_account in db.session.execute(query.order_by(Person.id).limit(20))
    ]


def _own_id_hash(row: Volunteer) -> str | None:
    """Return the hash of the number, also when the row does not hold it (another one does)."""
    if row.id_number_hash or not row.id_number_sealed:
        return row.id_number_hash
    number = tokens.unseal(application.ID_NUMBER_PURPOSE, row.id_number_sealed)
    return application.id_number_hash(number)


def _by(
    own: Person, hashed: str | None, person: Person, other: Volunteer | None
) -> tuple[Sameness, ...]:
    agree = {
        Sameness.PHONE: bool(own.phone) and person.phone == own.phone,
        Sameness.ID_NUMBER: bool(hashed) and other is not None and other.id_number_hash == hashed,
        Sameness.NAME_AND_BIRTH: bool(own.birth_on)
        and (person.name, person.birth_on) == (own.name, own.birth_on),
    }
    return tuple(kind for kind, holds in agree.items() if holds)
