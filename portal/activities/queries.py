"""Selects over activities: the list and its filter, one activity, the desk's lists.

A list page's filter and its calendar feed are one query object: what is on the screen is in the
feed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, exists, func, select
from sqlalchemy.orm import joinedload

from portal.activities.models import Activity
from portal.core import clock
from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.org.models import Station, StationTree, Term
from portal.records import search
from portal.shifts.models import Offering, OfferingState, Place, PlaceRole, Shift, ShiftState
from portal.signups.models import Signup, SignupState

# No shift lasts longer than a day (the form sees to it), so what is still on began lately. Without
# this bound the index on the start leads through all shifts there ever were.
BEGAN_LATELY = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked of the list. Days are local, both included; `from_on` None means from now."""

    station_id: int | None = None
    kind_id: int | None = None
    from_on: date | None = None
    to_on: date | None = None
    query: str = ""
    role: PlaceRole | None = None
    only_free: bool = False

    def narrow(self, select_: Select[Any], now: datetime) -> Select[Any]:
        """Narrow a select over Shift join Offering to published shifts that answer the filter."""
        select_ = select_.where(Offering.state == OfferingState.PUBLISHED)
        return self.narrow_spans(self.narrow_subject(select_), now)

    def narrow_subject(self, select_: Select[Any]) -> Select[Any]:
        """Narrow by station, kind, words, role and free places."""
        if self.station_id is not None:
            below = select(StationTree.descendant_id).where(
                StationTree.ancestor_id == self.station_id
            )
            select_ = select_.where(Shift.station_id.in_(below))
        if self.kind_id is not None:
            select_ = select_.where(Offering.kind_id == self.kind_id)
        found = search.matches("offering", self.query) if self.query else None
        if found is not None:
            select_ = select_.where(Offering.id.in_(found))
        if self.role is not None or self.only_free:
            select_ = select_.where(self._has_place())
        return select_

    def narrow_spans(self, select_: Select[Any], now: datetime) -> Select[Any]:
        """Narrow to planned shifts of the asked days, or those that have not ended."""
        select_ = select_.where(Shift.state == ShiftState.PLANNED)
        if self.from_on is None:
            select_ = select_.where(Shift.ends_at > now, Shift.starts_at > now - BEGAN_LATELY)
        else:
            select_ = select_.where(Shift.starts_at >= clock.day_start(self.from_on))
        if self.to_on is not None:
            select_ = select_.where(Shift.starts_at < clock.day_span(self.to_on)[1])
        return select_

    def _has_place(self) -> Any:
        place = select(Place.id).where(Place.shift_id == Shift.id)
        if self.role is not None:
            place = place.where(Place.role == self.role)
        if self.only_free:
            waiting = exists().where(
                Signup.place_id == Place.id, Signup.state == SignupState.WAITLISTED
            )
            place = place.where(Place.taken < Place.capacity, ~waiting)
        return place.exists()


class Listed(NamedTuple):
    """One shift of the list, as columns."""

    shift_id: int
    shift_public_id: str
    offering_public_id: str
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    kind_zh: str
    kind_en: str
    station: str
    community: str


class PlacesOf(NamedTuple):
    """Places of one role of a shift, and how many wait for them."""

    shift_id: int
    role: PlaceRole
    capacity: int
    taken: int
    waiting: int


def page_of_list(asked: Filter, number: int, now: datetime) -> Page[Listed]:
    """Return one page of the list, in time order; one query, whatever the size of the data."""
    query = asked.narrow(_listed().add_columns(func.count().over()), now).limit(PAGE_SIZE)
    found = _rows(query.offset((number - 1) * PAGE_SIZE))
    if not found and number > 1:  # beyond the last page, which is shown then
        number = -(-_count(asked, now) // PAGE_SIZE) or 1
        found = _rows(query.offset((number - 1) * PAGE_SIZE))
    total = found[0][-1] if found else 0
    return Page([Listed._make(row[:-1]) for row in found], number, total)


def listed(asked: Filter, now: datetime, *, limit: int, offset: int = 0) -> list[Listed]:
    """Return the shifts that answer the filter, the next first."""
    query = asked.narrow(_listed(), now).limit(limit).offset(offset)
    return [Listed._make(row) for row in _rows(query)]


def _listed() -> Select[Any]:
    return (
        select(
            Shift.id,
            Shift.public_id,
            Offering.public_id,
            Offering.title,
            Offering.place,
            Shift.starts_at,
            Shift.ends_at,
            Term.name_zh,
            Term.name_en,
            Station.name,
            Station.community,
        )
        .select_from(Shift)
        .join(Offering, Offering.id == Shift.offering_id)
        .join(Station, Station.id == Shift.station_id)
        .join(Term, Term.id == Offering.kind_id)
        .order_by(Shift.starts_at, Shift.id)
    )


def _count(asked: Filter, now: datetime) -> int:
    base = select(func.count(Shift.id)).join(Offering, Offering.id == Shift.offering_id)
    return int(_rows(asked.narrow(base, now))[0][0])


def _rows(query: Select[Any]) -> Sequence[Row[Any]]:
    # Columns straight from the connection: a third cheaper than through the session.
    return db.session.connection().execute(query).all()


def places_of(shift_ids: Sequence[int]) -> dict[int, list[PlacesOf]]:
    """Return the places of many shifts, with their queues, in one query."""
    waiting = (
        select(func.count())
        .where(Signup.place_id == Place.id, Signup.state == SignupState.WAITLISTED)
        .scalar_subquery()
    )
    query = select(Place.shift_id, Place.role, Place.capacity, Place.taken, waiting).where(
        Place.shift_id.in_(shift_ids)
    )
    found: dict[int, list[PlacesOf]] = {}
    for row in _rows(query.order_by(Place.role)):
        found.setdefault(row[0], []).append(PlacesOf(*row))
    return found


def activity_by_id(public_id: str) -> Activity | None:
    """Return the activity of a public id with what its page shows."""
    query = (
        select(Activity)
        .options(
            joinedload(Activity.station),
            joinedload(Activity.kind),
            joinedload(Activity.field),
            joinedload(Activity.target_group),
        )
        .where(Activity.public_id == public_id)
    )
    return db.session.scalars(query).first()


def activity(activity_id: int) -> Activity:
    """Return an activity by internal id, which must exist."""
    return db.session.get_one(Activity, activity_id)


def at_stations(
    station_ids: Sequence[int], state: OfferingState | None, number: int
) -> Page[Activity]:
    """Return a page of the desk's list, the last changed first."""
    query = select(Activity).where(Activity.station_id.in_(station_ids))
    if state is not None:
        query = query.where(Activity.state == state)
    total = db.session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    rows = db.session.scalars(
        query.options(joinedload(Activity.station))
        .order_by(Activity.updated_at.desc(), Activity.id.desc())
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    ).all()
    return Page(rows, number, total)


def in_review(station_ids: Sequence[int]) -> Sequence[Activity]:
    """Return the activities of these stations that wait for a review, the oldest first."""
    query = (
        select(Activity)
        .options(joinedload(Activity.station))
        .where(Activity.station_id.in_(station_ids), Activity.state == OfferingState.IN_REVIEW)
    )
    return db.session.scalars(query.order_by(Activity.updated_at, Activity.id).limit(100)).all()


def shifts_at(
    station_ids: Sequence[int], since: datetime, until: datetime, *, limit: int = 50
) -> Sequence[Shift]:
    """Return the planned, published shifts of these stations that lie in a span."""
    query = (
        select(Shift)
        .join(Shift.offering)
        .options(joinedload(Shift.offering))
        .where(
            Shift.station_id.in_(station_ids),
            Shift.state == ShiftState.PLANNED,
            Offering.state == OfferingState.PUBLISHED,
            Shift.ends_at > since,
            Shift.starts_at > since - BEGAN_LATELY,
            Shift.starts_at < until,
        )
    )
    return db.session.scalars(query.order_by(Shift.starts_at, Shift.id).limit(limit)).all()
