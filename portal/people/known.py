"""Who is on record already: found by what somebody at the desk says of themselves."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select

from portal.core.db import db
from portal.people.actions import NewPerson
from portal.people.models import Person

_MOST = 20


@dataclass(frozen=True, slots=True)
class Known:
    """A record that may be the person's own, and in what it agrees with what was said."""

    person: Person
    same_name: bool
    same_phone: bool
    same_birth: bool


def known(said: NewPerson) -> list[Known]:
    """Return records with the phone, or with name and birth date; those of the name first.

    A phone may be shared by a family, so the name alone decides nothing.
    """
    same: list[ColumnElement[bool]] = []
    if said.phone:
        same.append(Person.phone == said.phone)
    if said.birth_on:
        same.append(and_(Person.name == said.name, Person.birth_on == said.birth_on))
    if not same:
        return []
    query = select(Person).where(
        or_(*same), Person.merged_into_id.is_(None), Person.erased_at.is_(None)
    )
    rows = db.session.scalars(query.order_by(Person.name != said.name, Person.id).limit(_MOST))
    return [
        Known(
            person=row,
            same_name=row.name == said.name,
            same_phone=bool(said.phone) and row.phone == said.phone,
            same_birth=said.birth_on is not None and row.birth_on == said.birth_on,
        )
        for row in rows
    ]
