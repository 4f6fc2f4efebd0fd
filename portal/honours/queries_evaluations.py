"""Selects over evaluations, and over who served on a shift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from portal.attendance.clauses import is_attendance
from portal.attendance.models import Visit
from portal.core.db import db
from portal.honours.models_evaluations import Evaluation
from portal.people import queries as people
from portal.people.models import Person
from portal.shifts.models import Offering, PlaceRole, Shift


@dataclass(frozen=True, slots=True)
class Period:
    """A time of service at a station."""

    station_id: int
    first_on: date
    last_on: date


def served_on(shift_id: int) -> Mapping[int, Person]:
    """Return who served on a shift as a volunteer, by id and in the order of their names.

    Somebody whose records were merged since is one person.
    """
    kept = func.coalesce(Person.merged_into_id, Person.id)
    came = (
        select(kept)
        .join_from(Visit, Person, Person.id == Visit.person_id)
        .where(Visit.shift_id == shift_id, Visit.role == PlaceRole.VOLUNTEER, is_attendance())
    )
    query = select(Person).where(Person.id.in_(came), Person.erased_at.is_(None))
    return {row.id: row for row in db.session.scalars(query.order_by(Person.name, Person.id))}


def on_shift(shift_id: int) -> Sequence[Evaluation]:
    """Return the evaluations of a shift."""
    query = select(Evaluation).options(joinedload(Evaluation.quality))
    return db.session.scalars(query.where(Evaluation.shift_id == shift_id)).all()


def of_person(person_id: int) -> Sequence[Evaluation]:
    """Return the evaluations of a person, the newest first."""
    query = (
        select(Evaluation)
        .options(
            joinedload(Evaluation.quality),
            joinedload(Evaluation.station),
            joinedload(Evaluation.shift).joinedload(Shift.offering).load_only(Offering.title),
        )
        .where(Evaluation.person_id.in_(people.selves(person_id)))
    )
    order = (Evaluation.last_on.desc(), Evaluation.id.desc())
    return db.session.scalars(query.order_by(*order)).all()


def evaluation_by_id(public_id: str) -> Evaluation | None:
    """Return the evaluation of a public id with its person."""
    query = select(Evaluation).options(joinedload(Evaluation.person))
    return db.session.scalars(query.where(Evaluation.public_id == public_id)).first()


def known(person_id: int, shift_id: int | None, period: Period) -> Evaluation | None:
    """Return the evaluation of the person that there is, of this shift or of this very time."""
    query = select(Evaluation).where(Evaluation.person_id.in_(people.selves(person_id)))
    if shift_id is not None:
        return db.session.scalars(query.where(Evaluation.shift_id == shift_id)).first()
    same = query.where(
        Evaluation.shift_id.is_(None),
        Evaluation.station_id == period.station_id,
        Evaluation.first_on == period.first_on,
        Evaluation.last_on == period.last_on,
    )
    return db.session.scalars(same).first()


def due_from(since: date) -> Sequence[Evaluation]:
    """Return the evaluations that were to be entered on a day from `since` on."""
    return db.session.scalars(select(Evaluation).where(Evaluation.due_on >= since)).all()


def by_themselves() -> Sequence[int]:
    """Return the ids of evaluations that somebody entered of themselves; there are none."""
    query = select(Evaluation.id).where(Evaluation.entered_by_id == Evaluation.person_id)
    return db.session.scalars(query).all()
