"""Selects over volunteers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.org import queries as org
from portal.org.models import Station, Term, Vocabulary
from portal.org.models_units import CivilizedUnit
from portal.people import queries as people
from portal.people.guardians import GUARDIAN_PURPOSE, Contact, unseal_contact
from portal.people.models import Person, Volunteer, VolunteerState, VolunteerTerm
from portal.people.models_consents import Channel, GuardianConsent
from portal.people.models_teams import Team, TeamMember
from portal.registration import application
from portal.registration.application import Details

# By these ways staff themselves heard or saw the guardian; a tick on the web is not enough.
_CONFIRMED_WAYS = (Channel.DESK, Channel.PHONE, Channel.PAPER)


def volunteer_by_id(public_id: str) -> Volunteer | None:
    """Return the volunteer of a public id with person and station; not of a merged person."""
    query = _with_person().where(Volunteer.public_id == public_id, Person.merged_into_id.is_(None))
    return db.session.scalars(query).first()


def volunteer(volunteer_id: int) -> Volunteer:
    """Return a volunteer by internal id, which must exist."""
    return db.session.get_one(Volunteer, volunteer_id)


def _with_person() -> Select[tuple[Volunteer]]:
    return (
        select(Volunteer)
        .join(Volunteer.person)
        .options(contains_eager(Volunteer.person), joinedload(Volunteer.station))
    )


def terms_of(volunteer_id: int) -> Sequence[Term]:
    """Return the skills and kinds of service of a volunteer."""
    query = (
        select(Term)
        .join(VolunteerTerm, VolunteerTerm.term_id == Term.id)
        .where(VolunteerTerm.volunteer_id == volunteer_id)
    )
    return db.session.scalars(query.order_by(Term.vocabulary, Term.position)).all()


def teams_of(person_id: int) -> Sequence[tuple[Team, TeamMember]]:
    """Return the person's teams with membership or request."""
    query = (
        select(Team, TeamMember)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(TeamMember.person_id == person_id)
    )
    return [(team, member) for team, member in db.session.execute(query.order_by(Team.name))]


def unit(unit_id: int | None) -> CivilizedUnit | None:
    """Return the civilized unit of an internal id."""
    return db.session.get(CivilizedUnit, unit_id) if unit_id else None


def guardian_consents(person_id: int) -> Sequence[GuardianConsent]:
    """Return the guardians' consents of a person, the newest first."""
    query = select(GuardianConsent).where(GuardianConsent.person_id == person_id)
    return db.session.scalars(query.order_by(GuardianConsent.id.desc())).all()


def guardian_confirmed(person_id: int) -> bool:
    """Return whether staff themselves confirmed a guardian's consent."""
    query = select(GuardianConsent.id).where(
        GuardianConsent.person_id == person_id,
        GuardianConsent.withdrawn_at.is_(None),
        GuardianConsent.channel.in_(_CONFIRMED_WAYS),
    )
    return db.session.scalars(query.limit(1)).first() is not None


def guardian_of(person_id: int) -> Contact | None:
    """Return name and phone of the guardian who agreed last."""
    for row in guardian_consents(person_id):
        if row.withdrawn_at is None and row.guardian_sealed:
            return unseal_contact(GUARDIAN_PURPOSE, row.guardian_sealed)
    return None


def emergency_of(row: Volunteer) -> Contact | None:
    """Return whom to call in an emergency."""
    return unseal_contact(application.EMERGENCY_PURPOSE, row.emergency_sealed)


def details_of(row: Volunteer) -> Details:
    """Return what the volunteer said, as they may say it anew."""
    term_ids = frozenset(term.id for term in terms_of(row.id))
    return Details(row.station_id, term_ids, row.free_times, emergency_of(row))


def merged_into(person_id: int) -> Sequence[int]:
    """Return the ids of the records that became one with the person's."""
    query = select(Person.id).where(Person.merged_into_id == person_id)
    return db.session.scalars(query.order_by(Person.id)).all()


# --- the form's lists ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Options:
    """What can be chosen in the form, by the code that stands in it."""

    stations: dict[str, Station] = field(default_factory=dict)
    skills: dict[str, Term] = field(default_factory=dict)
    service_kinds: dict[str, Term] = field(default_factory=dict)
    units: dict[str, CivilizedUnit] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)


def options() -> Options:
    """Return what can be chosen in the form."""
    return Options(
        stations={row.public_id: row for row in org.communities()},
        skills={row.code: row for row in org.terms(Vocabulary.SKILL)},
        service_kinds={row.code: row for row in org.terms(Vocabulary.SERVICE_KIND)},
        units={row.public_id: row for row in org.civilized_units()},
        teams={row.public_id: row for row in people.teams()},
    )


def known_person(name: str, phone: str | None, birth_on: date) -> Person | None:
    """Return who gave this phone under this name, unless the birth date is another one."""
    if not phone:
        return None
    fitting = (
        row
        for row in people.people_by_phone(phone)
        if row.name == name and row.birth_on in {None, birth_on} and row.erased_at is None
    )
    return next(fitting, None)


# --- the desk's list -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filter:
    """What the desk's list shows: of these stations (None: all), in this state, so called."""

    station_ids: frozenset[int] | None
    state: VolunteerState | None = None
    words: str = ""


def listed(wanted: Filter, number: int, today: date) -> Page[Volunteer]:
    """Return a page: overdue applications first, then the others that wait, then the newest."""
    query = _with_person().where(*_conditions(wanted))
    counted = select(func.count()).select_from(Volunteer).join(Volunteer.person)
    total = db.session.scalar(counted.where(*_conditions(wanted))) or 0
    waits = Volunteer.state == VolunteerState.SUBMITTED
    order = case((and_(waits, Volunteer.due_on < today), 0), (waits, 1), else_=2)
    rows = db.session.scalars(
        query.order_by(order, case((waits, Volunteer.id), else_=0), Volunteer.applied_at.desc())
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    ).all()
    return Page(rows, number, total)


def overdue_count(station_ids: frozenset[int] | None, today: date) -> int:
    """Return how many applications wait longer than they should."""
    wanted = Filter(station_ids, VolunteerState.SUBMITTED)
    counted = select(func.count()).select_from(Volunteer).join(Volunteer.person)
    return db.session.scalar(counted.where(*_conditions(wanted), Volunteer.due_on < today)) or 0


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Person.merged_into_id.is_(None), Person.erased_at.is_(None)]
    if wanted.station_ids is not None:
        found.append(Volunteer.station_id.in_(wanted.station_ids))
    if wanted.state is not None:
        found.append(Volunteer.state == wanted.state)
    if wanted.words:
        found.append(_called(wanted.words))
    return found


def _called(words: str) -> ColumnElement[bool]:
    """A part of the name; of digits, the end of the phone or the whole volunteer number."""
    if words.isdecimal() and len(words) >= 4:
        return or_(Person.phone.endswith(words), Volunteer.volunteer_no == words)
    return Person.name.contains(words, autoescape=True)


def waiting_from(since: date) -> Sequence[Volunteer]:
    """Return applications that are to be decided by a day from `since` on."""
    query = select(Volunteer).where(
        Volunteer.state == VolunteerState.SUBMITTED, Volunteer.due_on >= since
    )
    return db.session.scalars(query).all()
