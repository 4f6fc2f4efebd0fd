"""All that matters of one person for any number of shifts, in a fixed number of queries.

The same facts that `asking.case` reads for one shift under its locks, so that both end in one
decision; `tests/signups/test_takable.py` holds them to each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Integer, bindparam, exists, select, union
from sqlalchemy.orm import contains_eager

from portal.core.access import Actor
from portal.core.db import db
from portal.org.models import StationTree
from portal.people import consents, guardians
from portal.people.models import Person, Volunteer, VolunteerTerm
from portal.people.models_consents import ConsentScope
from portal.people.models_family import FamilyMember
from portal.people.models_training import TrainingRecord
from portal.people.rules_training import holds_on
from portal.shifts.models import OfferingType, Shift, ShiftState
from portal.shifts.queries_conditions import Asked
from portal.signups.models import HOLDING, LIVE, Signup

# No shift lasts longer than a day, so what ended before overlaps with nothing that is still on.
_ENDED_LATELY = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Facts:
    """One person. `lives_at`: the stations whose community is the person's."""

    person_id: int
    public_id: str
    home_id: int | None
    birth_on: date | None
    volunteer_state: str | None
    gives_notice: bool | None
    by_guardian: bool
    lives_at: frozenset[int]
    agreed_to: frozenset[int]
    agreed_to_all: bool
    agreed_until: date | None
    trainings: Mapping[int, Sequence[date | None]]
    skills: frozenset[int]
    live: Sequence[Signup]

    def signup_on(self, shift_id: int) -> Signup | None:
        """Return the person's live sign-up on a shift."""
        return next((row for row in self.live if row.shift_id == shift_id), None)

    def clashing(self, shift_id: int, starts_at: datetime, ends_at: datetime) -> int | None:
        """Return another planned shift that overlaps and where the person holds a place."""
        for row in self.live:
            other = row.shift
            if (
                row.state in HOLDING
                and other.id != shift_id
                and other.state == ShiftState.PLANNED
                and other.starts_at < ends_at
                and other.ends_at > starts_at
            ):
                return other.id
        return None

    def open_signups(self, shift_id: int, now: datetime) -> int:
        """Return on how many other activities that have not ended the person is."""
        return sum(
            row.shift_id != shift_id
            and row.shift.ends_at > now
            and row.shift.offering.type == OfferingType.ACTIVITY
            for row in self.live
        )

    def lacks(self, asked: Asked, day: date) -> tuple[list[int], list[int]]:
        """Return the ids of trainings and of skills that are asked for and missing on a day."""
        trainings = [
            one
            for one in asked.trainings
            if not any(holds_on(until, day) for until in self.trainings.get(one, ()))
        ]
        return trainings, sorted(asked.skills - self.skills)


_PERSON = (
    select(
        Person.public_id,
        Person.home_station_id,
        Volunteer.station_id,
        Person.birth_on,
        Volunteer.state,
        consents.NEWEST_NOTICE,
        exists().where(
            FamilyMember.person_id == Person.id,
            FamilyMember.holder_id == bindparam("actor_id", type_=Integer),
            FamilyMember.is_guardian,
            FamilyMember.removed_at.is_(None),
        ),
    )
    .outerjoin(Volunteer, Volunteer.person_id == Person.id)
    .where(Person.id == bindparam("person_id"))
)


def facts(person_id: int, *, actor: Actor, now: datetime) -> Facts:
    """Return what matters of a person; seven queries, whatever there is."""
    values = {"person_id": person_id, "actor_id": actor.person_id or 0}
    row = db.session.execute(_PERSON, values).one()
    public_id, home_id, station_id, birth_on, state, notice, by_guardian = row
    home_id = home_id or station_id
    agreed = guardians.live_of(person_id)
    return Facts(
        person_id=person_id,
        public_id=public_id,
        home_id=home_id,
        birth_on=birth_on,
        volunteer_state=state,
        gives_notice=notice,
        by_guardian=bool(by_guardian),
        lives_at=_lives_at(home_id),
        agreed_to=frozenset(one.offering_id for one in agreed if one.offering_id),
        agreed_to_all=any(one.scope == ConsentScope.ALL for one in agreed),
        agreed_until=max((one.until_on for one in agreed if one.until_on), default=None),
        trainings=_trainings(person_id),
        skills=_skills(person_id),
        live=_live(person_id, now),
    )


def _lives_at(home_id: int | None) -> frozenset[int]:
    above = select(StationTree.ancestor_id).where(StationTree.descendant_id == home_id)
    below = select(StationTree.descendant_id).where(StationTree.ancestor_id == home_id)
    return frozenset(db.session.scalars(union(above, below)))


def _trainings(person_id: int) -> dict[int, list[date | None]]:
    query = select(TrainingRecord.term_id, TrainingRecord.valid_until).where(
        TrainingRecord.person_id == person_id, TrainingRecord.revoked_at.is_(None)
    )
    found: dict[int, list[date | None]] = {}
    for term_id, until in db.session.execute(query):
        found.setdefault(term_id, []).append(until)
    return found


def _skills(person_id: int) -> frozenset[int]:
    query = (
        select(VolunteerTerm.term_id)
        .join(Volunteer, Volunteer.id == VolunteerTerm.volunteer_id)
        .where(Volunteer.person_id == person_id)
    )
    return frozenset(db.session.scalars(query))


def _live(person_id: int, now: datetime) -> Sequence[Signup]:
    query = (
        select(Signup)
        .join(Signup.shift)
        .join(Shift.offering)
        .options(contains_eager(Signup.shift).contains_eager(Shift.offering))
        .where(
            Signup.person_id == person_id,
            Signup.state.in_(LIVE),
            Shift.ends_at > now - _ENDED_LATELY,
        )
    )
    return db.session.scalars(query.order_by(Signup.id)).all()
