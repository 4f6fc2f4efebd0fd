"""Verbs on families: add, change and remove a member; link somebody with an account by a code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import or_, select, update

from portal.core import clock, ids, tokens
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.people import guardians, rules_family
from portal.people import queries_family as queries
from portal.people.guardians import Contact
from portal.people.locks import lock_person
from portal.people.models import Person
from portal.people.models_consents import Channel
from portal.people.models_family import FamilyCode, FamilyMember, Relation
from portal.people.queries_family import CODE_PURPOSE, OpenCode
from portal.people.rules import is_minor
from portal.records import audit, limits

CODE_LENGTH = 8
CODE_LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class NewMember:
    """What the holder says of somebody without an account."""

    name: str
    relation: Relation
    birth_on: date
    phone: str | None = None
    is_guardian: bool = False
    agreed: bool = False


def add(holder_id: int, said: NewMember, *, actor: Actor, now: datetime) -> FamilyMember:
    """Add somebody without an account; the same said twice is the same member.

    Raises Refused with all reasons. A minor's guardian is written down with the consent.
    """
    holder = lock_person(holder_id)
    wanted = Person(
        name=said.name,
        phone=said.phone,
        birth_on=said.birth_on,
        home_station_id=holder.home_station_id,
        created_at=now,
        created_by_id=actor.person_id,
    )
    before = queries.same_member(holder_id, wanted)
    if before:
        return before
    _must_fit(holder_id, said, now)
    db.session.add(wanted)
    db.session.flush()
    row = _put(holder_id, wanted.id, said.relation, is_linked=False, now=now)
    row.is_guardian = said.is_guardian
    _note_guardian(row, holder, said, actor=actor, now=now)
    _audit("family.add", row, actor=actor, now=now, relation=said.relation)
    return row


def change(member_id: int, said: NewMember, *, actor: Actor, now: datetime) -> FamilyMember:
    """Change what the holder said. Raises Refused(`is_linked`): whoever has an account does it alone."""
    row, holder, person = _locked(member_id)
    if row.is_linked:
        row.relation = said.relation
        _audit("family.change", row, actor=actor, now=now, relation=said.relation)
        return row
    _must_fit(row.holder_id, said, now, but_one=True)
    if person.birth_on != said.birth_on:
        _note_guardian(row, holder, said, actor=actor, now=now)
    person.name, person.phone, person.birth_on = said.name, said.phone, said.birth_on
    row.relation = said.relation
    row.is_guardian = row.is_guardian or said.is_guardian
    _audit("family.change", row, actor=actor, now=now, relation=said.relation)
    return row


def remove(member_id: int, *, actor: Actor, now: datetime) -> FamilyMember:
    """End it, by the holder or by who is linked; what was recorded stays. Twice is harmless."""
    row, _holder, _person = _locked(member_id)
    if row.removed_at is None:
        row.removed_at = now
        _audit("family.remove", row, actor=actor, now=now)
    return row


def make_code(holder_id: int, relation: Relation, *, actor: Actor, now: datetime) -> str:
    """Make a one-time code for somebody with an account and return it; older ones end."""
    lock_person(holder_id)
    old = update(FamilyCode).where(FamilyCode.holder_id == holder_id, FamilyCode.used_at.is_(None))
    db.session.execute(old.values(used_at=now))
    code = ids.code(CODE_LENGTH)
    db.session.add(
        FamilyCode(
            holder_id=holder_id,
            relation=relation,
            code_hash=tokens.keyed_hash(CODE_PURPOSE, code),
            created_at=now,
            expires_at=now + CODE_LIFE,
        )
    )
    audit.record("family.make_code", Ref("person", holder_id), actor=actor, now=now)
    return code


def look_up_code(code: str, person_id: int, *, actor: Actor, now: datetime) -> OpenCode | None:  # noqa: ARG001
    """Return what a code is for; every attempt is counted, as codes are short."""
    limits.count(limits.FAMILY_CODE_PERSON, str(person_id), now=now)
    return queries.open_code(code, now)


def agree(code: str, person_id: int, *, actor: Actor, now: datetime) -> FamilyMember:
    """Become the family of who made the code: they may sign the person up from now on.

    Raises Refused: `no_code` (wrong, old or used), `own_code`, `too_many_members`.
    """
    found = look_up_code(code, person_id, actor=actor, now=now)
    if found is None:
        raise Refused(Reason("no_code", _("代码不对，或者已经过期。请家人再发一个。")))
    holder_id = found.row.holder_id
    if holder_id == person_id:
        raise Refused(Reason("own_code", _("这是您自己的代码，要由家人来填。")))
    for one in sorted((holder_id, person_id)):
        lock_person(one)
    locked(FamilyCode, found.row.id)
    if queries.open_code(code, now) is None:
        raise Refused(Reason("no_code", _("代码不对，或者已经过期。请家人再发一个。")))
    if queries.count_members(holder_id) >= rules_family.MOST_MEMBERS:
        message = _("对方登记的家人已经满了。")
        raise Refused(Reason("too_many_members", message))
    found.row.used_at = now
    known = _live(holder_id, person_id)
    row = known or _put(holder_id, person_id, found.row.relation, is_linked=True, now=now)
    _audit("family.agree", row, actor=actor, now=now, relation=row.relation)
    return row


def join(survivor_id: int, duplicate_id: int, now: datetime) -> None:
    """Let families follow when two records become one; what would stand twice ends."""
    one = or_(FamilyMember.holder_id == duplicate_id, FamilyMember.person_id == duplicate_id)
    query = select(FamilyMember).where(one, FamilyMember.removed_at.is_(None))
    for row in db.session.scalars(query.order_by(FamilyMember.id)).all():
        holder_id = survivor_id if row.holder_id == duplicate_id else row.holder_id
        person_id = survivor_id if row.person_id == duplicate_id else row.person_id
        if holder_id == person_id or _live(holder_id, person_id):
            row.removed_at = now
        else:
            row.holder_id, row.person_id = holder_id, person_id
        db.session.flush()


# --- parts ---------------------------------------------------------------------------------------


def _must_fit(holder_id: int, said: NewMember, now: datetime, *, but_one: bool = False) -> None:
    reasons = rules_family.may_add(
        said.relation,
        said.birth_on,
        clock.local_day(now),
        is_guardian=said.is_guardian,
        agreed=said.agreed or but_one,
        members=queries.count_members(holder_id) - but_one,
    )
    if reasons:
        raise Refused(*reasons)


def _note_guardian(
    row: FamilyMember, holder: Person, said: NewMember, *, actor: Actor, now: datetime
) -> None:
    if said.is_guardian and is_minor(said.birth_on, clock.local_day(now)):
        guardian = Contact(holder.name, holder.phone or "")
        guardians.put_guardian(row.person_id, guardian, Channel.WEB, actor=actor, now=now)


def _put(
    holder_id: int, person_id: int, relation: Relation, *, is_linked: bool, now: datetime
) -> FamilyMember:
    row = FamilyMember(
        holder_id=holder_id,
        person_id=person_id,
        relation=relation,
        is_linked=is_linked,
        added_at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row


def _live(holder_id: int, person_id: int) -> FamilyMember | None:
    query = select(FamilyMember).where(
        FamilyMember.holder_id == holder_id,
        FamilyMember.person_id == person_id,
        FamilyMember.removed_at.is_(None),
    )
    return db.session.scalars(query).first()


def _locked(member_id: int) -> tuple[FamilyMember, Person, Person]:
    """Lock holder and member, then read the row as it is."""
    row = db.session.get_one(FamilyMember, member_id)
    persons = {one: locked(Person, one) for one in sorted({row.holder_id, row.person_id})}
    found = cast(FamilyMember, locked(FamilyMember, member_id))
    return found, cast(Person, persons[row.holder_id]), cast(Person, persons[row.person_id])


def _audit(verb: str, row: FamilyMember, *, actor: Actor, now: datetime, **details: Any) -> None:
    audit.record(
        verb, Ref("person", row.holder_id), actor=actor, now=now, person=row.person_id, **details
    )
