"""Selects over what a person lacks of what an offering asks for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    bindparam,
    exists,
    literal,
    or_,
    select,
    union_all,
)

from portal.core import clock, filters
from portal.core.db import execute
from portal.core.i18n import gettext as _
from portal.org import queries as org
from portal.org.models import Term, Vocabulary
from portal.people.models import Volunteer, VolunteerTerm
from portal.people.models_training import TrainingRecord
from portal.shifts import queries_conditions as conditions
from portal.shifts.models_conditions import OfferingSkill, OfferingTraining
from portal.signups.rules_eligibility import Lacking


class Lacks(NamedTuple):
    """Trainings and skills that are asked for and missing."""

    trainings: tuple[Lacking, ...] = ()
    skills: tuple[str, ...] = ()


def _trained() -> ColumnElement[bool]:
    return exists().where(
        TrainingRecord.person_id == bindparam("person_id"),
        TrainingRecord.term_id == Term.id,
        TrainingRecord.revoked_at.is_(None),
        or_(
            TrainingRecord.valid_until.is_(None),
            TrainingRecord.valid_until >= bindparam("day"),
        ),
    )


def _skilled() -> ColumnElement[bool]:
    return exists().where(
        VolunteerTerm.term_id == Term.id,
        VolunteerTerm.volunteer_id == Volunteer.id,
        Volunteer.person_id == bindparam("person_id"),
    )


_LACKS: CompoundSelect[Any] = union_all(
    select(Term.id, Term.vocabulary)
    .join(OfferingTraining, OfferingTraining.term_id == Term.id)
    .where(OfferingTraining.offering_id == bindparam("offering_id"), ~_trained()),
    select(Term.id, literal(Vocabulary.SKILL.value))
    .join(OfferingSkill, OfferingSkill.term_id == Term.id)
    .where(
        OfferingSkill.offering_id == bindparam("offering_id"),
        OfferingSkill.is_required,
        ~_skilled(),
    ),
)


def lacks(person_id: int, offering_id: int, day: date, now: datetime) -> Lacks:
    """Return what the person lacks on a day, with the next courses; one query when nothing."""
    values = {"person_id": person_id, "offering_id": offering_id, "day": day}
    rows = execute(_LACKS, values).all()
    if not rows:
        return Lacks()
    missing: dict[bool, list[int]] = {True: [], False: []}
    for term_id, vocabulary in rows:
        missing[vocabulary == Vocabulary.TRAINING].append(term_id)
    return Words(frozenset(row[0] for row in rows), now).lacks(missing[True], missing[False])


class Words:
    """The names of terms and the next courses of trainings: two queries for any number."""

    def __init__(self, term_ids: Collection[int], now: datetime) -> None:
        self.terms = org.terms_by_id(term_ids) if term_ids else {}
        trainings = [one.id for one in self.terms.values() if one.vocabulary == Vocabulary.TRAINING]
        self.courses = conditions.next_courses(trainings, now) if trainings else {}

    def lacks(self, trainings: Collection[int], skills: Collection[int]) -> Lacks:
        """Return what is missing in words, in the order of the lists."""
        return Lacks(
            tuple(self._lacking(term) for term in self._sorted(trainings)),
            tuple(term.label for term in self._sorted(skills)),
        )

    def _sorted(self, term_ids: Collection[int]) -> list[Term]:
        found = [self.terms[one] for one in term_ids]
        return sorted(found, key=lambda term: (term.position, term.id))

    def _lacking(self, term: Term) -> Lacking:
        course = self.courses.get(term.id)
        if course is None:
            return Lacking(term.label)
        day = filters.day(clock.local_day(course.starts_at))
        return Lacking(term.label, _("%(day)s有一场培训，去报名", day=day), course.path)
