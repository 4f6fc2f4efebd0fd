"""Selects over requests to take a duty, and the chain of who held a place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.people import queries as people
from portal.shifts.models import Offering, Shift, ShiftState
from portal.signups.models import HOLDING, Signup, SignupState
from portal.signups.models_cover import CoverRequest, CoverState, HandOver


def request_by_id(public_id: str) -> CoverRequest | None:
    """Return the request of a public id, with shift and offering."""
    query = (
        select(CoverRequest)
        .options(joinedload(CoverRequest.shift).joinedload(Shift.offering))
        .where(CoverRequest.public_id == public_id)
    )
    return db.session.scalars(query).first()


def open_for(signup_id: int) -> CoverRequest | None:
    """Return the open request for a sign-up."""
    query = select(CoverRequest).where(
        CoverRequest.signup_id == signup_id, CoverRequest.state == CoverState.OPEN
    )
    return db.session.scalars(query).first()


def market(person_id: int, now: datetime, number: int) -> Page[CoverRequest]:
    """Return a page of the requests this person might accept, the next duty first.

    All that ask for cover, and the swaps for a shift where the person holds a place; not their own.
    """
    held = select(Signup.shift_id).where(
        Signup.person_id == person_id, Signup.state == SignupState.CONFIRMED
    )
    query = _live(now).where(
        CoverRequest.person_id != person_id,
        or_(CoverRequest.wanted_shift_id.is_(None), CoverRequest.wanted_shift_id.in_(held)),
        CoverRequest.shift_id.not_in(held),
    )
    total = db.session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    rows = db.session.scalars(
        query.options(
            contains_eager(CoverRequest.shift)
            .joinedload(Shift.offering)
            .joinedload(Offering.station),
            joinedload(CoverRequest.person),
            joinedload(CoverRequest.wanted_shift),
        )
        .order_by(Shift.starts_at, CoverRequest.id)
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    ).all()
    return Page(rows, number, int(total))


def open_of(person_id: int, now: datetime) -> Mapping[int, CoverRequest]:
    """Return the person's own open requests, by sign-up."""
    query = _live(now).where(CoverRequest.person_id == person_id)
    query = query.options(joinedload(CoverRequest.wanted_shift))
    return {row.signup_id: row for row in db.session.scalars(query)}


def open_signups(shift_ids: Sequence[int] | Select[tuple[int]], now: datetime) -> frozenset[int]:
    """Return the sign-ups on these shifts for which somebody is looked for."""
    query = _live(now).where(CoverRequest.shift_id.in_(shift_ids))
    return frozenset(row.signup_id for row in db.session.scalars(query))


def _live(now: datetime) -> Select[tuple[CoverRequest]]:
    """Return the requests that can still be accepted: the giver holds the place, time is left."""
    return (
        select(CoverRequest)
        .join(CoverRequest.shift)
        .join(CoverRequest.signup)
        .where(
            CoverRequest.state == CoverState.OPEN,
            Signup.state == SignupState.CONFIRMED,
            Shift.state == ShiftState.PLANNED,
            Shift.starts_at > now,
        )
    )


def past_use(now: datetime) -> Sequence[int]:
    """Return open requests that nobody can accept any more."""
    query = (
        select(CoverRequest.id)
        .join(CoverRequest.shift)
        .join(CoverRequest.signup)
        .where(
            CoverRequest.state == CoverState.OPEN,
            or_(
                Signup.state != SignupState.CONFIRMED,
                Shift.state != ShiftState.PLANNED,
                Shift.starts_at <= now,
            ),
        )
    )
    return db.session.scalars(query.order_by(CoverRequest.id).limit(500)).all()


def accepted_link(request_id: int, person_id: int) -> HandOver | None:
    """Return the link by which a person took the place of a request."""
    query = select(HandOver).where(
        HandOver.request_id == request_id, HandOver.to_person_id == person_id
    )
    return db.session.scalars(query).first()


def link_from(signup_id: int, person_id: int) -> HandOver | None:
    """Return the link by which a person took the place of a sign-up."""
    query = select(HandOver).where(
        HandOver.from_signup_id == signup_id, HandOver.to_person_id == person_id
    )
    return db.session.scalars(query).first()


def chain(shift_id: int) -> Sequence[HandOver]:
    """Return who gave a place of a shift to whom, oldest first."""
    query = select(HandOver).where(HandOver.shift_id == shift_id)
    return db.session.scalars(query.order_by(HandOver.id)).all()


def holders(shift_id: int) -> Sequence[int]:
    """Return the ids of the people who hold a confirmed place on a shift."""
    query = select(Signup.person_id).where(
        Signup.shift_id == shift_id, Signup.state == SignupState.CONFIRMED
    )
    return db.session.scalars(query.order_by(Signup.person_id)).all()


def requests_of(person_id: int) -> Sequence[CoverRequest]:
    """Return all requests a person made, the newest first."""
    query = select(CoverRequest).options(joinedload(CoverRequest.shift))
    query = query.where(CoverRequest.person_id.in_(people.selves(person_id)))
    return db.session.scalars(query.order_by(CoverRequest.id.desc())).all()


def broken_links() -> Sequence[tuple[int, Any]]:
    """Return links whose giver still holds the place, or whose two rows are of different shifts."""
    giver, taker = aliased(Signup), aliased(Signup)
    query = (
        select(HandOver.id, HandOver.shift_id)
        .join(giver, giver.id == HandOver.from_signup_id)
        .join(taker, taker.id == HandOver.to_signup_id)
        .where(
            or_(
                giver.state.in_(HOLDING),
                giver.shift_id != HandOver.shift_id,
                taker.shift_id != HandOver.shift_id,
                giver.place_id != taker.place_id,
            )
        )
    )
    return db.session.execute(query).tuples().all()
