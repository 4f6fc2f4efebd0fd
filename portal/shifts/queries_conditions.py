"""Selects over what offerings ask of who signs up, and the courses that give a training."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.core.db import db
from portal.org import queries as org
from portal.org.models import Term
from portal.shifts.models import Offering, OfferingState, Shift, ShiftState
from portal.shifts.models_conditions import OfferingSkill, OfferingTraining


class Asked(NamedTuple):
    """The ids of the terms an offering asks for."""

    trainings: frozenset[int] = frozenset()
    skills: frozenset[int] = frozenset()
    skills_wanted: frozenset[int] = frozenset()


NOTHING = Asked()


def asked_by(offering_ids: Collection[int]) -> Mapping[int, Asked]:
    """Return what each of these offerings asks for, where it asks for something; two queries."""
    found: dict[int, tuple[set[int], set[int], set[int]]] = {}
    trainings = select(OfferingTraining.offering_id, OfferingTraining.term_id).where(
        OfferingTraining.offering_id.in_(offering_ids)
    )
    for offering_id, term_id in db.session.execute(trainings):
        found.setdefault(offering_id, (set(), set(), set()))[0].add(term_id)
    skills = select(OfferingSkill).where(OfferingSkill.offering_id.in_(offering_ids))
    for row in db.session.scalars(skills):
        sets = found.setdefault(row.offering_id, (set(), set(), set()))
        sets[1 if row.is_required else 2].add(row.term_id)
    return {one: Asked(*map(frozenset, sets)) for one, sets in found.items()}


class Words(NamedTuple):
    """What an offering asks for, in terms."""

    trainings: tuple[Term, ...] = ()
    skills: tuple[Term, ...] = ()
    skills_wanted: tuple[Term, ...] = ()


def words_of(offering_id: int) -> Words:
    """Return the terms an offering asks for, in the order of their lists."""
    asked = asked_by([offering_id]).get(offering_id, NOTHING)
    known = org.terms_by_id(frozenset().union(*asked)) if any(asked) else {}
    return Words(
        *(
            tuple(sorted((known[one] for one in ids), key=lambda term: (term.position, term.id)))
            for ids in asked
        )
    )


class Course(NamedTuple):
    """The next shift of an activity that gives a training."""

    starts_at: datetime
    path: str


def next_courses(term_ids: Collection[int], now: datetime) -> Mapping[int, Course]:
    """Return the next course of each of these trainings that is coming, in one query."""
    query = (
        select(Offering.gives_training_id, Shift.starts_at, Offering.public_id, Shift.public_id)
        .join(Shift, Shift.offering_id == Offering.id)
        .where(
            Offering.gives_training_id.in_(term_ids),
            Offering.state == OfferingState.PUBLISHED,
            Shift.state == ShiftState.PLANNED,
            Shift.starts_at > now,
        )
        .order_by(Shift.starts_at)
    )
    found: dict[int, Course] = {}
    for term_id, starts_at, offering, shift in db.session.execute(query):
        path = f"/activities/{offering}#shift-{shift}"
        found.setdefault(term_id, Course(starts_at, path))
    return found
