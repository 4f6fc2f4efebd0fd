"""A person's own code: which one is good now, and replacing one that was lost."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup
from sqlalchemy import func, select

from portal.attendance import codes
from portal.attendance.models_codes import CodeReplacement
from portal.core import qr
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.people.models import Person
from portal.records import audit
from portal.signups.models import LIVE, Signup


@dataclass(frozen=True, slots=True)
class Card:
    """A person's code as it is shown: the picture, and six characters in two halves to say aloud."""

    name: str
    picture: Markup
    spoken: tuple[str, str]


def card(person: Person) -> Card:
    """Return the code of a person that is good now."""
    return cards([person])[0]


def cards(people: Sequence[Person]) -> list[Card]:
    """Return the codes of several persons, in their order, with one query."""
    versions = _versions({person.id for person in people})
    return [_card(person, versions.get(person.id, 1)) for person in people]


def texts(people: Sequence[Person]) -> list[tuple[str, str]]:
    """Return what each person shows and what they say, as codes of now, with one query."""
    versions = _versions({person.id for person in people})
    return [
        (
            codes.personal_code(person.public_id, versions.get(person.id, 1)),
            codes.spoken_code(person.public_id, versions.get(person.id, 1)),
        )
        for person in people
    ]


def _card(person: Person, version: int) -> Card:
    text = codes.personal_code(person.public_id, version)
    spoken = codes.spoken_code(person.public_id, version).upper()
    half = codes.SPOKEN_LENGTH // 2
    picture = qr.svg(text, label=_("%(name)s 的签到码", name=person.name))
    return Card(person.name, picture, (spoken[:half], spoken[half:]))


def replace(person_id: int, *, actor: Actor, now: datetime) -> int:
    """Make the code that is good now an old one; return the new version."""
    locked(Person, person_id)
    version = _versions({person_id}).get(person_id, 1)
    if version >= codes.MOST_VERSIONS:
        raise Refused(Reason("too_many", _("这个码换得太多次了，请找管理员。")))
    db.session.add(
        CodeReplacement(person_id=person_id, version=version, at=now, actor_id=actor.person_id)
    )
    audit.record("code.replace", Ref("person", person_id), actor=actor, now=now, person=person_id)
    return version + 1


def note_print(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Write down that somebody printed the code of another person."""
    audit.record("code.print", Ref("person", person_id), actor=actor, now=now, person=person_id)


def _versions(person_ids: Collection[int]) -> Mapping[int, int]:
    query = select(CodeReplacement.person_id, func.max(CodeReplacement.version) + 1)
    rows = query.where(CodeReplacement.person_id.in_(person_ids))
    return dict(db.session.execute(rows.group_by(CodeReplacement.person_id)).tuples().all())


# --- whose code it is ----------------------------------------------------------------------------


class Holder(NamedTuple):
    """Whose code somebody shows (the record kept, where two were merged), and its version now."""

    person_id: int
    version: int


def holders(public_ids: Collection[str]) -> Mapping[str, Holder]:
    """Return whose codes these are, by the public id in the code."""
    query = (
        select(
            Person.public_id,
            func.coalesce(Person.merged_into_id, Person.id),
            func.coalesce(func.max(CodeReplacement.version), 0) + 1,
        )
        .outerjoin(CodeReplacement, CodeReplacement.person_id == Person.id)
        .where(Person.public_id.in_(public_ids), Person.erased_at.is_(None))
        .group_by(Person.id)
    )
    return {row[0]: Holder(*row[1:]) for row in db.session.execute(query)}


def spoken_on(shift_id: int) -> Mapping[str, int]:
    """Return who of a shift's people says which six characters, by their codes of now."""
    query = (
        select(Person.public_id, Person.id, func.coalesce(func.max(CodeReplacement.version), 0) + 1)
        .join(Signup, Signup.person_id == Person.id)
        .outerjoin(CodeReplacement, CodeReplacement.person_id == Person.id)
        .where(Signup.shift_id == shift_id, Signup.state.in_(LIVE))
        .group_by(Person.id)
    )
    return {
        codes.spoken_code(public_id, version): person_id
        for public_id, person_id, version in db.session.execute(query)
    }


def replaced_at(public_id: str, version: int) -> datetime | None:
    """Return since when a code of this version is old."""
    query = (
        select(CodeReplacement.at)
        .join(Person, Person.id == CodeReplacement.person_id)
        .where(Person.public_id == public_id, CodeReplacement.version == version)
    )
    return db.session.scalars(query).first()
