"""Selects over whom an open wish reaches: paired units, and the weekly letter's readers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, case, exists, false, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from portal.core.db import db
from portal.org import queries as org
from portal.org.models import TermLink
from portal.people import party
from portal.people import queries as people
from portal.people.models import Account, Person, Volunteer, VolunteerState, VolunteerTerm
from portal.wishes.models import Wish, WishPrivate, WishState
from portal.wishes.models_pledges import Pledge
from portal.wishes.models_reach import WishDigest, WishDigestItem, WishUnit
from portal.wishes.rules import LETTER_LENGTH


def units_seeing(wish_id: int) -> Sequence[WishUnit]:
    """Return the units that have been shown a wish."""
    query = select(WishUnit).options(joinedload(WishUnit.unit)).where(WishUnit.wish_id == wish_id)
    return db.session.scalars(query.order_by(WishUnit.unit_id)).all()


def shown_to_units(unit_ids: frozenset[int]) -> Sequence[Wish]:
    """Return the unclaimed wishes these units have been shown, the longest waiting first."""
    shown = select(WishUnit.wish_id).where(WishUnit.unit_id.in_(unit_ids))
    query = (
        select(Wish)
        .options(joinedload(Wish.kind), joinedload(Wish.station))
        .where(Wish.state == WishState.PUBLISHED, Wish.id.in_(shown))
    )
    return db.session.scalars(query.order_by(Wish.wall_since, Wish.id).limit(100)).all()


# --- the weekly letter ----------------------------------------------------------------------------


def may_have_letter(person_id: int) -> bool:
    """Return whether the letter is for this person at all: Party members, registered volunteers."""
    is_member = party.membership_of(person_id) is not None
    return is_member or people.is_registered(person_id)


def wants_letter(person_id: int) -> bool:
    """Return whether the person gets it: as they said, else Party members do."""
    row = db.session.get(WishDigest, person_id)
    if row is None or row.wanted is None:
        return party.membership_of(person_id) is not None
    return row.wanted


def letter_due(week_on: date) -> Sequence[int]:
    """Return the ids of those who get the letter and have not had this week's."""
    members = party.members()
    registered = select(Volunteer.person_id).where(Volunteer.state == VolunteerState.REGISTERED)
    asked_for = WishDigest.wanted.is_(True) & (Person.id.in_(members) | Person.id.in_(registered))
    query = (
        select(Person.id)
        .join(Account, Account.person_id == Person.id)
        .outerjoin(WishDigest, WishDigest.person_id == Person.id)
        .where(
            Person.erased_at.is_(None),
            Person.merged_into_id.is_(None),
            or_(asked_for, WishDigest.wanted.is_(None) & Person.id.in_(members)),
            or_(WishDigest.week_on.is_(None), WishDigest.week_on < week_on),
        )
    )
    return db.session.scalars(query.order_by(Person.id).limit(500)).all()


class Fit(NamedTuple):
    """A wish that suits somebody, and why: near home, or by a skill (its term's id)."""

    wish_id: int
    is_near: bool
    skill_id: int | None


def fitting(person: Person) -> Sequence[Fit]:
    """Return the open wishes that suit a person best; none of the letter before, none of theirs."""
    near = _near(person.home_station_id)
    skill = _skill(person.id)
    pressing = case({"urgent": 0, "soon": 1}, value=Wish.urgency, else_=2)
    both = case((near, 1), else_=0) + case((skill.is_not(None), 1), else_=0)
    query = (
        select(Wish.id, near, skill)
        .outerjoin(WishPrivate, WishPrivate.wish_id == Wish.id)
        .where(
            Wish.state == WishState.PUBLISHED,
            or_(near, skill.is_not(None)),
            *_not_theirs(person),
            Wish.id.not_in(_of_last_letter(person.id)),
        )
    )
    best = query.order_by(both.desc(), pressing, Wish.wall_since, Wish.id).limit(LETTER_LENGTH)
    return [
        Fit(wish_id, bool(is_near), found) for wish_id, is_near, found in db.session.execute(best)
    ]


def _near(home_id: int | None) -> ColumnElement[bool]:
    return Wish.station_id.in_(org.subtree(home_id)) if home_id else false()


def _skill(person_id: int) -> ColumnElement[int | None]:
    named = (
        select(VolunteerTerm.term_id)
        .join(Volunteer, Volunteer.id == VolunteerTerm.volunteer_id)
        .where(Volunteer.person_id.in_(people.selves(person_id)))
    )
    helps = select(func.min(TermLink.from_id)).where(
        TermLink.to_id == Wish.kind_id, TermLink.from_id.in_(named)
    )
    return helps.correlate(Wish).scalar_subquery()


def _not_theirs(person: Person) -> list[ColumnElement[bool]]:
    own = people.selves(person.id)
    pledged = exists().where(Pledge.wish_id == Wish.id, Pledge.person_id.in_(own))
    return [
        or_(Wish.wisher_id.is_(None), Wish.wisher_id.not_in(own)),
        or_(Wish.filed_by_id.is_(None), Wish.filed_by_id.not_in(own)),
        or_(WishPrivate.phone.is_(None), WishPrivate.phone != (person.phone or "")),
        ~pledged,
    ]


def _of_last_letter(person_id: int) -> Select[tuple[int]]:
    return select(WishDigestItem.wish_id).where(WishDigestItem.person_id == person_id)


def letter_of(person_id: int) -> Sequence[WishDigestItem]:
    """Return the person's newest letter: what in it is still open, those that fit best first."""
    query = (
        select(WishDigestItem)
        .join(WishDigestItem.wish)
        .options(
            contains_eager(WishDigestItem.wish).joinedload(Wish.kind),
            contains_eager(WishDigestItem.wish).joinedload(Wish.station),
            joinedload(WishDigestItem.skill),
        )
        .where(WishDigestItem.person_id == person_id, Wish.state == WishState.PUBLISHED)
    )
    return db.session.scalars(query.order_by(WishDigestItem.is_near.desc(), Wish.id)).all()
