"""Families for tests, made through the feature's own actions."""

from __future__ import annotations

from datetime import date

from portal.core import clock
from portal.core.db import write
from portal.people import family, queries
from portal.people.family import NewMember
from portal.people.models import Person
from portal.people.models_family import FamilyMember, Relation

CHILD_BORN = date(2018, 3, 1)


def said(name="小明", **changes):
    values = {
        "relation": Relation.CHILD,
        "birth_on": CHILD_BORN,
        "is_guardian": True,
        **changes,
    }
    return NewMember(name, **values)


def added(holder: Person, name="小明", **changes) -> FamilyMember:
    actor = queries.actor_of(holder)
    return write(family.add, holder.id, said(name, **changes), actor=actor, now=clock.now())


def linked(holder: Person, other: Person, relation=Relation.SPOUSE) -> FamilyMember:
    code = write(
        family.make_code, holder.id, relation, actor=queries.actor_of(holder), now=clock.now()
    )
    return write(family.agree, code, other.id, actor=queries.actor_of(other), now=clock.now())
