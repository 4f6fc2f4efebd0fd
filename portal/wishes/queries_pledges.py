"""Selects over pledges and the help that was given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from portal.core.db import db
from portal.hours.models import LedgerEntry
from portal.people import queries as people
from portal.people.models import Person, Volunteer, VolunteerState
from portal.people.models_teams import MemberState, Team, TeamMember
from portal.wishes.models import Wish, WishPart, WishState
from portal.wishes.models_pledges import HOLDING, Pledge, PledgeState, WishHelp

# How the ledger names what earned the minutes.
HELP_KIND = "wish_help"


def pledge_by_id(public_id: str) -> Pledge | None:
    """Return the pledge of a public id, with wish and person."""
    query = (
        select(Pledge)
        .options(
            joinedload(Pledge.wish).joinedload(Wish.kind),
            joinedload(Pledge.wish).joinedload(Wish.station),
            joinedload(Pledge.part),
            joinedload(Pledge.person),
        )
        .where(Pledge.public_id == public_id)
    )
    return db.session.scalars(query).first()


def pledge(pledge_id: int) -> Pledge:
    """Return a pledge by internal id, which must exist."""
    return db.session.get_one(Pledge, pledge_id)


def live(wish_id: int, person_id: int, part: int = 0) -> Pledge | None:
    """Return the person's pledge of the wish (of that part, when one is named) that holds."""
    query = select(Pledge).where(
        Pledge.wish_id == wish_id,
        Pledge.person_id.in_(people.selves(person_id)),
        Pledge.state.in_(HOLDING),
    )
    if part:
        query = query.join(Pledge.part).where(WishPart.number == part)
    return db.session.scalars(query.order_by(Pledge.id).limit(1)).first()


def count_active(person_id: int) -> int:
    """Return how many pledges the person has still to fulfil."""
    query = select(func.count()).where(
        Pledge.person_id.in_(people.selves(person_id)), Pledge.state == PledgeState.ACTIVE
    )
    return db.session.execute(query).scalar_one()


def holding(wish_id: int) -> Sequence[Pledge]:
    """Return the pledges that hold parts of a wish, with person, team and part, in that order."""
    query = (
        select(Pledge)
        .join(Pledge.part)
        .options(joinedload(Pledge.person), joinedload(Pledge.team), joinedload(Pledge.part))
        .where(Pledge.wish_id == wish_id, Pledge.state.in_(HOLDING))
    )
    return db.session.scalars(query.order_by(WishPart.number)).all()


def all_of(wish_id: int) -> Sequence[Pledge]:
    """Return every pledge there ever was of a wish, the oldest first."""
    query = (
        select(Pledge)
        .options(joinedload(Pledge.person), joinedload(Pledge.team), joinedload(Pledge.part))
        .where(Pledge.wish_id == wish_id)
    )
    return db.session.scalars(query.order_by(Pledge.id)).all()


def of_person(person_id: int) -> Sequence[Pledge]:
    """Return the person's pledges with their wishes, the newest first."""
    query = (
        select(Pledge)
        .options(
            joinedload(Pledge.wish).joinedload(Wish.kind),
            joinedload(Pledge.wish).joinedload(Wish.station),
            joinedload(Pledge.part),
        )
        .where(Pledge.person_id.in_(people.selves(person_id)))
    )
    return db.session.scalars(query.order_by(Pledge.id.desc())).all()


def of_record(person_id: int) -> Sequence[Pledge]:
    """Return the pledges of one record, without those of records merged into it."""
    query = select(Pledge).where(Pledge.person_id == person_id)
    return db.session.scalars(query.order_by(Pledge.wish_id, Pledge.id)).all()


def active_of(person_id: int) -> Sequence[Pledge]:
    """Return what the person has still to fulfil, the next day promised first."""
    query = (
        select(Pledge)
        .options(
            joinedload(Pledge.wish).joinedload(Wish.kind),
            joinedload(Pledge.wish).joinedload(Wish.station),
            joinedload(Pledge.part),
        )
        .where(Pledge.person_id.in_(people.selves(person_id)), Pledge.state == PledgeState.ACTIVE)
    )
    return db.session.scalars(query.order_by(Pledge.promised_on, Pledge.id)).all()


def teams_of(person_id: int) -> Sequence[Team]:
    """Return the teams the person is in now."""
    query = (
        select(Team)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(
            TeamMember.person_id.in_(people.selves(person_id)),
            TeamMember.state == MemberState.MEMBER,
        )
    )
    return db.session.scalars(query.order_by(Team.name)).all()


def members_of(team_id: int) -> Sequence[Person]:
    """Return who is in the team now, by name."""
    query = (
        select(Person)
        .join(TeamMember, TeamMember.person_id == Person.id)
        .where(
            TeamMember.team_id == team_id,
            TeamMember.state == MemberState.MEMBER,
            Person.merged_into_id.is_(None),
        )
    )
    return db.session.scalars(query.order_by(Person.name, Person.id)).all()


def is_member(person_id: int, team_id: int) -> bool:
    """Return whether the person is in the team now."""
    query = select(TeamMember.person_id).where(
        TeamMember.team_id == team_id,
        TeamMember.person_id.in_(people.selves(person_id)),
        TeamMember.state == MemberState.MEMBER,
    )
    return db.session.scalars(query.limit(1)).first() is not None


def helps_of(pledge_id: int) -> Sequence[WishHelp]:
    """Return the help noted with a pledge."""
    query = select(WishHelp).where(WishHelp.pledge_id == pledge_id)
    return db.session.scalars(query.order_by(WishHelp.id)).all()


def helps_for(wish_id: int) -> Sequence[WishHelp]:
    """Return the help noted with the pledges that hold the wish."""
    query = (
        select(WishHelp)
        .join(WishHelp.pledge)
        .where(Pledge.wish_id == wish_id, Pledge.state == PledgeState.FULFILLED)
    )
    return db.session.scalars(query.order_by(WishHelp.id)).all()


# --- what is due ---------------------------------------------------------------------------------


def to_remind(until: date) -> Sequence[int]:
    """Return the ids of pledges promised by then whose pledger was not reminded of the day."""
    query = select(Pledge.id).where(
        Pledge.state == PledgeState.ACTIVE,
        Pledge.promised_on <= until,
        Pledge.reminded_of.is_distinct_from(Pledge.promised_on),
    )
    return db.session.scalars(query.order_by(Pledge.id).limit(500)).all()


def to_lapse(before: date) -> Sequence[int]:
    """Return the ids of pledges promised for a day before."""
    query = select(Pledge.id).where(Pledge.state == PledgeState.ACTIVE, Pledge.promised_on < before)
    return db.session.scalars(query.order_by(Pledge.id).limit(500)).all()


def to_credit() -> Sequence[int]:
    """Return the ids of approved help whose giver has become a registered volunteer since."""
    query = (
        select(WishHelp.id)
        .join(Volunteer, Volunteer.person_id == WishHelp.person_id)
        .where(
            WishHelp.approved_by_id.is_not(None),
            WishHelp.credited_at.is_(None),
            Volunteer.state == VolunteerState.REGISTERED,
        )
    )
    return db.session.scalars(query.order_by(WishHelp.id).limit(500)).all()


# --- checks --------------------------------------------------------------------------------------


def wrong_counters() -> Sequence[tuple[int, int, int]]:
    """Return (wish id, counter, rows) of every wish whose counter is not its holding pledges."""
    rows = func.count(Pledge.id)
    query = (
        select(Wish.id, Wish.taken, rows)
        .outerjoin(Pledge, (Pledge.wish_id == Wish.id) & Pledge.state.in_(HOLDING))
        .group_by(Wish.id, Wish.taken)
        .having(Wish.taken != rows)
    )
    return [(wish_id, taken, count) for wish_id, taken, count in db.session.execute(query)]


def wrong_states() -> Sequence[tuple[int, str, int, str]]:
    """Return (wish id, state, pledge id, state) of live pledges of wishes that are over."""
    over = Wish.state.not_in((WishState.PUBLISHED, WishState.PLEDGED))
    query = (
        select(Wish.id, Wish.state, Pledge.id, Pledge.state)
        .join(Pledge, Pledge.wish_id == Wish.id)
        .where(over, Pledge.state == PledgeState.ACTIVE)
    )
    found = db.session.execute(query.order_by(Wish.id, Pledge.id))
    return [(wish_id, state, pledge_id, pledged) for wish_id, state, pledge_id, pledged in found]


def credited_without_entry() -> Sequence[int]:
    """Return the ids of help marked as credited that the ledger does not know."""
    entry = select(LedgerEntry.id).where(
        LedgerEntry.source_kind == HELP_KIND, LedgerEntry.source_id == WishHelp.id
    )
    query = select(WishHelp.id).where(WishHelp.credited_at.is_not(None), ~entry.exists())
    return db.session.scalars(query.order_by(WishHelp.id)).all()
