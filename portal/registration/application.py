"""What an application says, as plain values, and how it is put into the tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select

from portal.core import tokens
from portal.core.access import Actor
from portal.core.db import db
from portal.people import consents
from portal.people import queries as people
from portal.people.guardians import Contact, seal_contact
from portal.people.models import Person, Sex, Volunteer, VolunteerTerm
from portal.people.models_consents import Channel, ConsentKind
from portal.people.models_teams import MemberState, TeamMember

ID_NUMBER_PURPOSE = "volunteer-id-number"
EMERGENCY_PURPOSE = "volunteer-emergency"


@dataclass(frozen=True, slots=True)
class Details:
    """What a volunteer says about their volunteering, and may change alone at any time."""

    station_id: int
    term_ids: frozenset[int] = frozenset()
    free_times: int = 0
    emergency: Contact | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """The form, filled in. `id_number` empty: none given now (one given before stays)."""

    name: str
    birth_on: date
    station_id: int
    channel: Channel = Channel.WEB
    sex: Sex | None = None
    term_ids: frozenset[int] = frozenset()
    free_times: int = 0
    emergency: Contact | None = None
    unit_id: int | None = None
    team_ids: frozenset[int] = frozenset()
    id_number: str = ""
    publication: bool = False
    guardian: Contact | None = None


def id_number_hash(id_number: str) -> str:
    """Return the keyed hash by which the same number is found again."""
    return tokens.keyed_hash(ID_NUMBER_PURPOSE, id_number)


def put_person(row: Person, given: Application) -> None:
    """Take over what the form says about the person."""
    row.name = given.name
    row.birth_on = given.birth_on
    row.sex = given.sex
    row.home_station_id = given.station_id


def put_details(row: Volunteer, given: Details | Application) -> None:
    """Take over what the form says about the volunteering; the row has its id already."""
    row.station_id = given.station_id
    row.free_times = given.free_times
    row.emergency_sealed = (
        seal_contact(EMERGENCY_PURPOSE, given.emergency) if given.emergency else None
    )
    db.session.execute(delete(VolunteerTerm).where(VolunteerTerm.volunteer_id == row.id))
    db.session.add_all(
        VolunteerTerm(volunteer_id=row.id, term_id=term_id) for term_id in sorted(given.term_ids)
    )


def put_id_number(row: Volunteer, id_number: str) -> None:
    """Seal the number. When another record holds it the hash stays empty: staff merge first."""
    hashed = id_number_hash(id_number)
    taken = select(Volunteer.id).where(Volunteer.id_number_hash == hashed, Volunteer.id != row.id)
    row.id_number_sealed = tokens.seal(ID_NUMBER_PURPOSE, id_number)
    row.id_number_hash = None if db.session.scalars(taken).first() else hashed
    row.id_number_last4 = id_number[-4:]


def forget_id_number(row: Volunteer) -> None:
    """Delete the number and everything made from it."""
    row.id_number_sealed = None
    row.id_number_hash = None
    row.id_number_last4 = ""


def ask_for_teams(person_id: int, team_ids: frozenset[int], *, now: datetime) -> None:
    """Ask to join these teams; requests no longer wanted go, memberships stay."""
    known = {row.team_id: row for row in people.team_rows_of(person_id)}
    for team_id, row in known.items():
        if row.state == MemberState.REQUESTED and team_id not in team_ids:
            db.session.delete(row)
    for team_id in sorted(team_ids):
        before = known.get(team_id)
        if before is None:
            db.session.add(
                TeamMember(
                    team_id=team_id, person_id=person_id, state=MemberState.REQUESTED, at=now
                )
            )
        elif before.state in {MemberState.LEFT, MemberState.DECLINED}:
            before.state, before.at = MemberState.REQUESTED, now


def put_consents(person_id: int, given: Application, *, actor: Actor, now: datetime) -> None:
    """Write down what was agreed to: the notice always, the rest each for itself."""
    way = given.channel
    consents.give(person_id, ConsentKind.NOTICE, way, actor=actor, now=now)
    if given.id_number:
        consents.give(person_id, ConsentKind.ID_NUMBER, way, actor=actor, now=now)
    held = consents.holds(person_id, ConsentKind.PUBLICATION)
    if given.publication != held:
        record = consents.give if given.publication else consents.withdraw
        record(person_id, ConsentKind.PUBLICATION, way, actor=actor, now=now)
