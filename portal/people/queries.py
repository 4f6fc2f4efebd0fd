"""Selects over people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Integer, Select, bindparam, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from portal.core import tokens
from portal.core.access import Actor, Role
from portal.core.db import db, execute
from portal.org.models import Station, StationTree
from portal.people.models import Account, Person, RoleGrant, Volunteer, VolunteerState
from portal.people.models_consents import GuardianConsent
from portal.people.models_sign_ins import SignIn
from portal.people.models_teams import Team, TeamMember


class SignedIn(NamedTuple):
    """A live sign-in, and whom it lets act."""

    sign_in_id: int
    created_at: datetime
    last_seen_at: datetime
    actor: Actor


def person_by_id(public_id: str) -> Person | None:
    """Return the person of a public id; a merged one is not found."""
    query = select(Person).where(Person.public_id == public_id, Person.merged_into_id.is_(None))
    return db.session.scalars(query).first()


def person(person_id: int) -> Person:
    """Return a person by internal id, which must exist."""
    return db.session.get_one(Person, person_id)


_OWN = aliased(Person)


def names_of(person_ids: Sequence[int]) -> dict[int, str]:
    """Return the names of these persons."""
    query = select(Person.id, Person.name).where(Person.id.in_(person_ids))
    return dict(db.session.execute(query).tuples().all())


def selves(person_id: int | BindParameter[int]) -> Select[tuple[int]]:
    """Return the ids of all records of the one person that this record is, or was merged into.

    What a merged record did stays under its own id (its ledger is chained), so whoever asks about
    a person asks about all of these.
    """
    kept = select(func.coalesce(_OWN.merged_into_id, _OWN.id)).where(_OWN.id == person_id)
    kept_id = kept.scalar_subquery()
    return select(Person.id).where(or_(Person.id == kept_id, Person.merged_into_id == kept_id))


def own_ids(person_id: int) -> Sequence[int]:
    """Return the ids of all records of the person. See `selves`."""
    return db.session.scalars(selves(person_id)).all()


def kept_id(person_id: int) -> int:
    """Return the record that this one was merged into, or itself."""
    row = db.session.get_one(Person, person_id)
    return row.merged_into_id or row.id


def kept_ids() -> dict[int, int]:
    """Return which record each merged one was merged into."""
    query = select(Person.id, Person.merged_into_id).where(Person.merged_into_id.is_not(None))
    return dict(db.session.execute(query).tuples().all())  # type: ignore[arg-type]


def home_station(person_id: int) -> Station | None:
    """Return the person's home community's station, if they named one."""
    query = select(Station).join(Person, Person.home_station_id == Station.id)
    return db.session.scalars(query.where(Person.id == person_id)).first() if person_id else None


def account_by_phone(phone: str) -> Account | None:
    """Return the account that signs in with the phone."""
    return db.session.scalars(select(Account).where(Account.phone == phone)).first()


def account_of(person_id: int) -> Account | None:
    """Return the person's account."""
    return db.session.get(Account, person_id)


def confirmed_id(name: str, phone: str) -> int | None:
    """Return the one person of this name whose phone a station has confirmed; None when unsure."""
    query = select(Person.id).where(
        Person.phone == phone,
        Person.name == name,
        Person.phone_confirmed_at.is_not(None),
        Person.merged_into_id.is_(None),
    )
    found = db.session.scalars(query.limit(2)).all()
    return found[0] if len(found) == 1 else None


def people_by_phone(phone: str) -> Sequence[Person]:
    """Return the persons who gave this phone, the oldest first."""
    query = select(Person).where(Person.phone == phone, Person.merged_into_id.is_(None))
    return db.session.scalars(query.order_by(Person.id)).all()


_SIGNED_IN = (
    select(
        SignIn.id,
        SignIn.created_at,
        SignIn.last_seen_at,
        Person.id,
        Person.public_id,
        Person.name,
        RoleGrant.role,
        StationTree.descendant_id,
    )
    .join(Person, Person.id == SignIn.person_id)
    .join(Account, Account.person_id == SignIn.person_id)
    .outerjoin(
        RoleGrant, (RoleGrant.person_id == SignIn.person_id) & RoleGrant.revoked_at.is_(None)
    )
    .outerjoin(StationTree, StationTree.ancestor_id == RoleGrant.station_id)
    .where(
        SignIn.token_hash == bindparam("token_hash"),
        SignIn.ended_at.is_(None),
        Account.disabled_at.is_(None),
    )
)


def signed_in(token: str) -> SignedIn | None:
    """Return the sign-in of a token unless it was ended or the account disabled.

    One statement, which every request of a signed-in person asks: the roles come with it.
    """
    values = {"token_hash": tokens.fingerprint(token)}
    rows = execute(_SIGNED_IN, values).all()
    if not rows:
        return None
    sign_in_id, created_at, last_seen_at, person_id, public_id, name = rows[0][:6]
    grants = _spread(row[6:] for row in rows if row[6])
    return SignedIn(sign_in_id, created_at, last_seen_at, Actor(person_id, public_id, name, grants))


def live_sign_ins(person_id: int) -> Sequence[SignIn]:
    """Return the person's sign-ins that were not ended, the latest first."""
    query = select(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
    return db.session.scalars(query.order_by(SignIn.last_seen_at.desc())).all()


_GRANTS = (
    select(RoleGrant.role, StationTree.descendant_id)
    .join(StationTree, StationTree.ancestor_id == RoleGrant.station_id)
    .where(RoleGrant.person_id == bindparam("person_id"), RoleGrant.revoked_at.is_(None))
)


def grants_of(person_id: int) -> Mapping[Role, frozenset[int]]:
    """Return the person's roles with the ids of all stations each is valid at."""
    return _spread(execute(_GRANTS, {"person_id": person_id}))


def _spread(grants: Iterable[Sequence[Any]]) -> dict[Role, frozenset[int]]:
    found: dict[Role, set[int]] = {}
    for role, station_id in grants:
        found.setdefault(Role(role), set()).add(station_id)
    return {role: frozenset(stations) for role, stations in found.items()}


def actor_of(row: Person) -> Actor:
    """Return the actor a person is when signed in."""
    return Actor(row.id, row.public_id, row.name, grants_of(row.id))


def stations_of_role(person_id: int, role: Role) -> Sequence[Station]:
    """Return the stations where the role was granted itself (not their subtrees)."""
    query = (
        select(Station)
        .join(RoleGrant, RoleGrant.station_id == Station.id)
        .where(
            RoleGrant.person_id == person_id,
            RoleGrant.role == role,
            RoleGrant.revoked_at.is_(None),
        )
    )
    return db.session.scalars(query.order_by(Station.id)).all()


def live_grants(station_ids: frozenset[int] | None = None) -> Sequence[RoleGrant]:
    """Return the live grants (at these stations), with person and station."""
    query = (
        select(RoleGrant)
        .options(joinedload(RoleGrant.person), joinedload(RoleGrant.station))
        .where(RoleGrant.revoked_at.is_(None))
    )
    if station_ids is not None:
        query = query.where(RoleGrant.station_id.in_(station_ids))
    return db.session.scalars(query.order_by(RoleGrant.station_id, RoleGrant.id)).all()


def live_grant(person: str, role: str, station: str) -> RoleGrant | None:
    """Return the live grant of a role to a person at a station, by their public ids."""
    query = (
        select(RoleGrant)
        .join(RoleGrant.person)
        .join(RoleGrant.station)
        .where(
            Person.public_id == person,
            RoleGrant.role == role,
            Station.public_id == station,
            RoleGrant.revoked_at.is_(None),
        )
    )
    return db.session.scalars(query).first()


def nearest_holders(role: Role, station_id: int | None) -> Sequence[int]:
    """Return the ids of who holds a role at the station, or at the nearest one above that has one."""
    query = (
        select(StationTree.depth, RoleGrant.person_id)
        .join(RoleGrant, RoleGrant.station_id == StationTree.ancestor_id)
        .where(
            StationTree.descendant_id == station_id,
            RoleGrant.role == role,
            RoleGrant.revoked_at.is_(None),
        )
        .order_by(StationTree.depth, RoleGrant.id)
    )
    found = db.session.execute(query).all()
    return [person_id for depth, person_id in found if depth == found[0].depth]


def is_staff(person_id: int) -> bool:
    """Return whether the person holds any live grant."""
    query = select(RoleGrant.id).where(
        RoleGrant.person_id == person_id, RoleGrant.revoked_at.is_(None)
    )
    return db.session.scalars(query.limit(1)).first() is not None


def volunteer_of(person_id: int) -> Volunteer | None:
    """Return the person's volunteer row, whatever its state."""
    return db.session.scalars(select(Volunteer).where(Volunteer.person_id == person_id)).first()


_REGISTERED = select(Volunteer.id).where(
    Volunteer.person_id.in_(selves(bindparam("person_id", type_=Integer))),
    Volunteer.state == VolunteerState.REGISTERED,
)


def is_registered(person_id: int) -> bool:
    """Return whether the person is a registered volunteer now, under whichever record."""
    return db.session.scalars(_REGISTERED, {"person_id": person_id}).first() is not None


def applications_waiting(station_ids: Sequence[int]) -> int:
    """Return how many volunteer applications wait for a decision at these stations."""
    query = select(func.count()).where(
        Volunteer.station_id.in_(station_ids), Volunteer.state == VolunteerState.SUBMITTED
    )
    return db.session.execute(query).scalar_one()


def has_guardian_consent(person_id: int) -> bool:
    """Return whether a guardian's consent is on record."""
    query = select(GuardianConsent.id).where(
        GuardianConsent.person_id == person_id, GuardianConsent.withdrawn_at.is_(None)
    )
    return db.session.scalars(query.limit(1)).first() is not None


def teams() -> Sequence[Team]:
    """Return the open teams by name."""
    query = select(Team).where(Team.closed_at.is_(None))
    return db.session.scalars(query.order_by(Team.name)).all()


def team_by_id(public_id: str) -> Team | None:
    """Return the team of a public id."""
    return db.session.scalars(select(Team).where(Team.public_id == public_id)).first()


def team_rows_of(person_id: int) -> Sequence[TeamMember]:
    """Return the person's memberships and requests."""
    return db.session.scalars(select(TeamMember).where(TeamMember.person_id == person_id)).all()
