"""Who is on record already, asked for many people at once: by the rule of `doubles`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select

from portal.core.db import db
from portal.people.models import Person, Volunteer

_CHUNK = 500


class OnRecord(NamedTuple):
    """What is known of a record that may be of somebody in the table."""

    person_id: int
    name: str
    phone: str | None
    birth_on: date | None
    id_hash: str | None
    is_volunteer: bool


@dataclass(frozen=True, slots=True)
class Records:
    """Records by what they may be found by."""

    by_phone: dict[str, list[OnRecord]]
    by_name_and_birth: dict[tuple[str, date], list[OnRecord]]
    by_id_hash: dict[str, list[OnRecord]]


def records(
    phones: Collection[str], births: Collection[tuple[str, date]], hashes: Collection[str]
) -> Records:
    """Return the records with one of these phones, names with birth date, or ID numbers."""
    found = Records({}, {}, {})
    for row in _rows(Person.phone, phones):
        found.by_phone.setdefault(row.phone or "", []).append(row)
    for row in _rows(Person.name, {name for name, _born in births}):
        if row.birth_on and (row.name, row.birth_on) in births:
            found.by_name_and_birth.setdefault((row.name, row.birth_on), []).append(row)
    for row in _rows(Volunteer.id_number_hash, hashes):
        found.by_id_hash.setdefault(row.id_hash or "", []).append(row)
    return found


def _rows(column: Any, values: Collection[str]) -> Iterator[OnRecord]:
    """Yield the records in chunks: few enough values for one statement on either database."""
    wanted = sorted(values)
    for start in range(0, len(wanted), _CHUNK):
        is_one: ColumnElement[bool] = column.in_(wanted[start : start + _CHUNK])
        query = (
            select(
                Person.id, Person.name, Person.phone, Person.birth_on,
                Volunteer.id_number_hash, Volunteer.id.is_not(None),
            )
            .outerjoin(Volunteer, Volunteer.person_id == Person.id)
            .where(is_one, Person.merged_into_id.is_(None), Person.erased_at.is_(None))
        )  # fmt: skip
        yield from (OnRecord(*row) for row in db.session.execute(query.order_by(Person.id)))
