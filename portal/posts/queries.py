"""Selects over posts, their grid and the standing places on it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from portal.core import clock
from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.org import queries as org
from portal.org.models import Station
from portal.people import queries as people
from portal.people.models import Person, Volunteer, VolunteerState
from portal.posts.models import DutySlot, ServicePost, StandingPlace
from portal.shifts.models import OfferingState, Shift, ShiftState

_POST = (
    select(ServicePost)
    .options(
        joinedload(ServicePost.station),
        joinedload(ServicePost.kind),
        joinedload(ServicePost.field),
        joinedload(ServicePost.venue_type),
    )
    .where(ServicePost.public_id == bindparam("public_id"))
)


def post_by_id(public_id: str) -> ServicePost | None:
    """Return the post of a public id with what its page shows."""
    return db.session.scalars(_POST, {"public_id": public_id}).first()


def post(post_id: int) -> ServicePost:
    """Return a post by internal id, which must exist."""
    return db.session.get_one(ServicePost, post_id)


def at_stations(
    station_ids: Sequence[int], state: OfferingState | None, number: int
) -> Page[ServicePost]:
    """Return a page of the desk's list, the last changed first."""
    query = select(ServicePost).where(ServicePost.station_id.in_(station_ids))
    if state is not None:
        query = query.where(ServicePost.state == state)
    total = db.session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    rows = db.session.scalars(
        query.options(joinedload(ServicePost.station), joinedload(ServicePost.venue_type))
        .order_by(ServicePost.updated_at.desc(), ServicePost.id.desc())
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    ).all()
    return Page(rows, number, total)


def in_review(station_ids: Sequence[int]) -> Sequence[ServicePost]:
    """Return the posts of these stations that wait for a review, the oldest first."""
    query = (
        select(ServicePost)
        .options(joinedload(ServicePost.station))
        .where(
            ServicePost.station_id.in_(station_ids), ServicePost.state == OfferingState.IN_REVIEW
        )
    )
    return db.session.scalars(query.order_by(ServicePost.updated_at).limit(100)).all()


def published(station_ids: Sequence[int], most: int) -> Sequence[ServicePost]:
    """Return the published posts of these stations, station by station."""
    query = (
        select(ServicePost)
        .options(joinedload(ServicePost.station))
        .where(
            ServicePost.station_id.in_(station_ids), ServicePost.state == OfferingState.PUBLISHED
        )
    )
    ordered = query.order_by(ServicePost.station_id, ServicePost.title, ServicePost.id)
    return db.session.scalars(ordered.limit(most)).all()


def to_fill(last: date, today: date) -> Sequence[int]:
    """Return the published posts whose shifts do not reach the day yet."""
    query = select(ServicePost.id).where(
        ServicePost.state == OfferingState.PUBLISHED,
        or_(ServicePost.filled_until.is_(None), ServicePost.filled_until < last),
        or_(ServicePost.duty_until.is_(None), ServicePost.duty_until >= today),
    )
    return db.session.scalars(query.order_by(ServicePost.id)).all()


# --- the grid ------------------------------------------------------------------------------------


def slots_of(post_id: int) -> Sequence[DutySlot]:
    """Return the cells of a post's grid in use, by weekday and start."""
    query = select(DutySlot).where(DutySlot.post_id == post_id, DutySlot.retired_at.is_(None))
    return db.session.scalars(query.order_by(DutySlot.weekday, DutySlot.starts_minute)).all()


def spans_on(
    post_ids: Collection[int], day: date
) -> Mapping[int, Sequence[tuple[datetime, datetime]]]:
    """Return the spans of the duties of posts that take place on a local day, by post."""
    start, end = clock.day_span(day)
    query = select(Shift.offering_id, Shift.starts_at, Shift.ends_at).where(
        Shift.offering_id.in_(post_ids),
        Shift.state == ShiftState.PLANNED,
        Shift.starts_at < end,
        Shift.ends_at > start,
    )
    found: dict[int, list[tuple[datetime, datetime]]] = {}
    for post_id, starts_at, ends_at in db.session.execute(query).tuples() if post_ids else ():
        found.setdefault(post_id, []).append((starts_at, ends_at))
    return found


# --- standing places -----------------------------------------------------------------------------


def standing_people(post_id: int) -> Sequence[int]:
    """Return the ids of the people with a standing place at the post, in the order of locks."""
    query = (
        select(StandingPlace.person_id)
        .join(StandingPlace.slot)
        .where(DutySlot.post_id == post_id, StandingPlace.ended_at.is_(None))
        .distinct()
    )
    return db.session.scalars(query.order_by(StandingPlace.person_id)).all()


def standing_on(slot_id: int) -> Sequence[StandingPlace]:
    """Return the standing places on a cell."""
    query = select(StandingPlace).where(
        StandingPlace.slot_id == slot_id, StandingPlace.ended_at.is_(None)
    )
    return db.session.scalars(query.order_by(StandingPlace.id)).all()


def standing_of(post_id: int) -> Sequence[StandingPlace]:
    """Return the standing places at a post with their people, in the order of the grid."""
    query = (
        select(StandingPlace)
        .join(StandingPlace.slot)
        .options(contains_eager(StandingPlace.slot), joinedload(StandingPlace.person))
        .where(DutySlot.post_id == post_id, StandingPlace.ended_at.is_(None))
    )
    return db.session.scalars(
        query.order_by(DutySlot.weekday, DutySlot.starts_minute, StandingPlace.id)
    ).all()


def standing_ended(post_id: int, at: datetime) -> Sequence[StandingPlace]:
    """Return the standing places at a post that ended at this instant."""
    query = (
        select(StandingPlace)
        .join(StandingPlace.slot)
        .where(DutySlot.post_id == post_id, StandingPlace.ended_at == at)
    )
    return db.session.scalars(query.order_by(StandingPlace.id)).all()


def standing_by_id(public_id: str) -> StandingPlace | None:
    """Return a standing place that has not ended."""
    query = (
        select(StandingPlace)
        .options(joinedload(StandingPlace.slot), joinedload(StandingPlace.person))
        .where(StandingPlace.public_id == public_id, StandingPlace.ended_at.is_(None))
    )
    return db.session.scalars(query).first()


def standing_with(person_id: int) -> Sequence[StandingPlace]:
    """Return a person's standing places with cell and post."""
    query = (
        select(StandingPlace)
        .join(StandingPlace.slot)
        .options(contains_eager(StandingPlace.slot).joinedload(DutySlot.post))
        .where(StandingPlace.person_id == person_id, StandingPlace.ended_at.is_(None))
    )
    return db.session.scalars(query.order_by(DutySlot.weekday, DutySlot.starts_minute)).all()


def all_standing_with(person_id: int) -> Sequence[StandingPlace]:
    """Return all standing places a person has or had, under whichever record."""
    query = (
        select(StandingPlace)
        .join(StandingPlace.slot)
        .options(contains_eager(StandingPlace.slot).joinedload(DutySlot.post))
        .where(StandingPlace.person_id.in_(people.selves(person_id)))
    )
    return db.session.scalars(query.order_by(StandingPlace.id)).all()


def slots_taken_by(person_id: int) -> Sequence[DutySlot]:
    """Return the cells on which a person has a standing place, at whichever post."""
    return [row.slot for row in standing_with(person_id)]


# --- who can stand -------------------------------------------------------------------------------

MOST_CHOICES = 300


def volunteers_near(station_id: int) -> Sequence[Person]:
    """Return registered volunteers of a station and all below it, by name, as many as a list takes."""
    query = (
        select(Person)
        .join(Volunteer, Volunteer.person_id == Person.id)
        .where(
            Volunteer.station_id.in_(org.subtree(station_id)),
            Volunteer.state == VolunteerState.REGISTERED,
            Person.merged_into_id.is_(None),
            Person.erased_at.is_(None),
        )
    )
    return db.session.scalars(query.order_by(Person.name, Person.id).limit(MOST_CHOICES)).all()


def volunteer_by_no(volunteer_no: str) -> Person | None:
    """Return the person of a volunteer's number."""
    query = (
        select(Person)
        .join(Volunteer, Volunteer.person_id == Person.id)
        .where(Volunteer.volunteer_no == volunteer_no, Person.merged_into_id.is_(None))
    )
    return db.session.scalars(query).first()


def published_page(
    station: Station | None, station_ids: Sequence[int], number: int
) -> Page[ServicePost]:
    """Return a page of the published posts at a station and below it, or at all of these stations."""
    query = select(ServicePost).where(
        ServicePost.station_id.in_(station_ids), ServicePost.state == OfferingState.PUBLISHED
    )
    if station is not None:
        query = query.where(ServicePost.station_id.in_(org.subtree(station.id)))
    total = db.session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    ordered = query.options(joinedload(ServicePost.station)).order_by(
        ServicePost.station_id, ServicePost.title, ServicePost.id
    )
    rows = db.session.scalars(ordered.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).all()
    return Page(rows, number, total)
