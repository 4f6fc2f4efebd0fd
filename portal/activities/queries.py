"""Selects over activities: the list and its filter, one activity, the desk's lists.

A list page's filter and its calendar feed are one query object: what is on the screen is in the
feed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, exists, func, select
from sqlalchemy.orm import joinedload

from portal.activities.models import Activity
from portal.core import clock
from portal.core.db import UtcDateTime, db
from portal.core.tables import PAGE_SIZE, Page
from portal.org.models import StationTree
from portal.records import search
from portal.shifts.models import (
    Offering,
    OfferingState,
    OfferingType,
    Place,
    PlaceRole,
    Shift,
    ShiftState,
)
from portal.signups.models import LIVE, Signup, SignupState, TeamSignup

# No shift lasts longer than a day (the form sees to it), so what is still on began lately. Without
# this bound the index on the start leads through all shifts there ever were.
BEGAN_LATELY = timedelta(days=2)
_NOW = bindparam("now", type_=UtcDateTime())
_BEGAN = bindparam("began", type_=UtcDateTime())


def moments(now: datetime) -> dict[str, Any]:
    """Return the values a select narrowed by a `Filter` is asked with."""
    return {"now": now, "began": now - BEGAN_LATELY}


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
    team_id: int | None = None
    project_id: int | None = None

    def narrow(self, select_: Select[Any]) -> Select[Any]:
        """Narrow a select over Shift join Offering to published shifts that answer the filter.

        It is asked with the values of `moments`.
        """
        # Wrapped, so that SQLite does not begin with all activities there ever were, but with the
        # index on the start, which leads to what is still to come.
        is_published = func.coalesce(Offering.state, "") == OfferingState.PUBLISHED
        select_ = select_.where(is_published)
        return self._narrow_spans(self.narrow_subject(select_))

    def narrow_subject(self, select_: Select[Any]) -> Select[Any]:
        """Narrow to activities, and by station, kind, words, role and free places.

        Service posts have a list of their own: their weekly duties would drown what is on.
        """
        select_ = select_.where(Offering.type == OfferingType.ACTIVITY)
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
        if self.project_id is not None:
            select_ = select_.where(Offering.project_id == self.project_id)
        if self.team_id is not None:
            select_ = select_.where(Shift.id.in_(_taken_by(self.team_id)))
        if self.role is not None or self.only_free:
            select_ = select_.where(self._has_place())
        return select_

    def _narrow_spans(self, select_: Select[Any]) -> Select[Any]:
        select_ = select_.where(Shift.state == ShiftState.PLANNED)
        if self.from_on is None:
            select_ = select_.where(Shift.ends_at > _NOW, Shift.starts_at > _BEGAN)
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


def _taken_by(team_id: int) -> Select[tuple[int]]:
    """Return a select of the ids of the shifts on which the team has somebody."""
    return (
        select(Signup.shift_id)
        .join(TeamSignup, TeamSignup.signup_id == Signup.id)
        .where(TeamSignup.team_id == team_id, Signup.state.in_(LIVE))
    )


_ACTIVITY = (
    select(Activity)
    .options(
        joinedload(Activity.station),
        joinedload(Activity.kind),
        joinedload(Activity.field),
        joinedload(Activity.target_group),
        joinedload(Activity.project),
    )
    .where(Activity.public_id == bindparam("public_id"))
)


def activity_by_id(public_id: str) -> Activity | None:
    """Return the activity of a public id with what its page shows."""
    return db.session.scalars(_ACTIVITY, {"public_id": public_id}).first()


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


def with_coming_shifts(now: datetime) -> Select[tuple[int]]:
    """Return a select of the ids of the activities that are not over."""
    return (
        select(Activity.id)
        .join(Shift, Shift.offering_id == Activity.id)
        .where(Shift.ends_at > now)
        .distinct()
    )


def in_review(station_ids: Sequence[int]) -> Sequence[Activity]:
    """Return the activities of these stations that wait for a review, the oldest first."""
    query = (
        select(Activity)
        .options(joinedload(Activity.station))
        .where(Activity.station_id.in_(station_ids), Activity.state == OfferingState.IN_REVIEW)
    )
    return db.session.scalars(query.order_by(Activity.updated_at, Activity.id).limit(100)).all()


def large_without_permit(
    station_ids: Sequence[int], now: datetime, large: int
) -> Sequence[tuple[Activity, datetime]]:
    """Return large activities that are to come and note no permit, with their first shift to come."""
    query = (
        select(Activity, func.min(Shift.starts_at))
        .join(Shift, Shift.offering_id == Activity.id)
        .where(
            Activity.station_id.in_(station_ids),
            Activity.expected_persons >= large,
            Activity.permit_note == "",
            Activity.state != OfferingState.CALLED_OFF,
            Shift.state == ShiftState.PLANNED,
            Shift.starts_at > now,
        )
        .group_by(*Activity.__table__.c, *Offering.__table__.c)
    )
    rows = db.session.execute(query.order_by(func.min(Shift.starts_at)).limit(20))
    return [(row, starts_at) for row, starts_at in rows]
