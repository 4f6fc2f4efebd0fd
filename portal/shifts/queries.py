"""Selects over offerings, shifts and places."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, bindparam, case, func, select
from sqlalchemy.orm import contains_eager

from portal.core.db import UtcDateTime, db, execute
from portal.shifts.models import Offering, Place, PlaceRole, Shift, ShiftState, page_of

_WITH_OFFERING = select(Shift).join(Shift.offering).options(contains_eager(Shift.offering))
_BY_ID = _WITH_OFFERING.where(Shift.public_id == bindparam("public_id"))
_BY_KEY = _WITH_OFFERING.where(Shift.check_in_key == bindparam("check_in_key"))


def shift_by_id(public_id: str) -> Shift | None:
    """Return the shift of a public id, its offering's columns loaded with it."""
    return db.session.scalars(_BY_ID, {"public_id": public_id}).first()


# Where a shift is held, beside rows of Shift and Offering: its own place, else the offering's.
VENUE = case((Shift.place != "", Shift.place), else_=Offering.place)


class Terms(NamedTuple):
    """What decides whether somebody may be on a shift, and what a record of it names."""

    id: int
    public_id: str
    station_id: int
    kind_id: int
    starts_at: datetime
    ends_at: datetime
    state: str
    called_off_at: datetime | None
    offering_type: str
    offering_state: str
    offering_public_id: str
    minimum_age: int
    is_risky: bool
    team_only: bool
    offering_id: int
    maximum_age: int
    community_only: bool
    is_course: bool = False

    @property
    def offering_path(self) -> str:
        """The address of the offering's public page."""
        return page_of(self.offering_type, self.offering_public_id)


TERMS = select(
    Shift.id,
    Shift.public_id,
    Shift.station_id,
    Offering.kind_id,
    Shift.starts_at,
    Shift.ends_at,
    Shift.state,
    Shift.called_off_at,
    Offering.type,
    Offering.state,
    Offering.public_id,
    Offering.minimum_age,
    Offering.is_risky,
    Offering.team_only,
    Offering.id,
    Offering.maximum_age,
    Offering.community_only,
    Offering.is_course,
).join(Shift.offering)
_TERMS = TERMS.where(Shift.id == bindparam("shift_id"))
_TERMS_BY_ID = TERMS.where(Shift.public_id == bindparam("public_id"))
_TERMS_BY_KEY = TERMS.where(Shift.check_in_key == bindparam("check_in_key"))


def terms(shift_id: int) -> Terms:
    """Return the terms of a shift, which must exist; for who needs no object of it."""
    return Terms(*execute(_TERMS, {"shift_id": shift_id}).one())


def terms_by_id(public_id: str) -> Terms | None:
    """Return the terms of the shift of a public id."""
    found = execute(_TERMS_BY_ID, {"public_id": public_id}).first()
    return Terms(*found) if found else None


def terms_by_key(check_in_key: str) -> Terms | None:
    """Return the terms of the shift of a check-in key."""
    found = execute(_TERMS_BY_KEY, {"check_in_key": check_in_key}).first()
    return Terms(*found) if found else None


def shift_by_key(check_in_key: str) -> Shift | None:
    """Return the shift of a check-in key."""
    return db.session.scalars(_BY_KEY, {"check_in_key": check_in_key}).first()


def shift(shift_id: int) -> Shift:
    """Return a shift by internal id, which must exist."""
    return db.session.get_one(Shift, shift_id)


def places(shift_id: int) -> Sequence[Place]:
    """Return the places of a shift, attendee seats first."""
    query = select(Place).where(Place.shift_id == shift_id)
    return db.session.scalars(query.order_by(Place.role, Place.label)).all()


def place_named(shift_id: int, role: PlaceRole, label: str) -> Place | None:
    """Return the place of a role with a label (a stall)."""
    query = select(Place).where(
        Place.shift_id == shift_id, Place.role == role, Place.label == label
    )
    return db.session.scalars(query).first()


def place_of(shift_id: int, role: PlaceRole) -> Place | None:
    """Return the (first) place of a role."""
    query = select(Place).where(Place.shift_id == shift_id, Place.role == role)
    return db.session.scalars(query.order_by(Place.label)).first()


def shifts_of(offering_id: int) -> Sequence[Shift]:
    """Return the shifts of an offering in time order."""
    query = select(Shift).where(Shift.offering_id == offering_id)
    return db.session.scalars(query.order_by(Shift.starts_at)).all()


_OF_OFFERING = select(Shift).where(Shift.offering_id == bindparam("offering_id"))
_NOW = bindparam("now", type_=UtcDateTime())
_COMING = _OF_OFFERING.where(Shift.ends_at > _NOW).order_by(Shift.starts_at)
_LAST = (
    _OF_OFFERING.where(Shift.ends_at <= _NOW)
    .order_by(Shift.starts_at.desc())
    .limit(bindparam("count"))
)


def coming_of(offering_id: int, now: datetime) -> Sequence[Shift]:
    """Return the shifts of an offering that have not ended, the next first."""
    return db.session.scalars(_COMING, {"offering_id": offering_id, "now": now}).all()


def last_of(offering_id: int, now: datetime, count: int) -> Sequence[Shift]:
    """Return the last shifts of an offering that have ended, in time order."""
    values = {"offering_id": offering_id, "now": now, "count": count}
    return db.session.scalars(_LAST, values).all()[::-1]


class Next(NamedTuple):
    """The shift that says when an offering is, and how many it has besides."""

    starts_at: datetime
    ends_at: datetime
    more: int


def next_or_last(offering_ids: Collection[int], now: datetime) -> Mapping[int, Next]:
    """Return each offering's next planned shift that has not ended, else its last; one query."""
    planned = Shift.offering_id.in_(offering_ids), Shift.state == ShiftState.PLANNED
    coming = func.min(case((Shift.ends_at > now, Shift.starts_at)))
    chosen = (
        select(
            Shift.offering_id,
            func.coalesce(coming, func.max(Shift.starts_at)).label("starts_at"),
            func.count().label("shifts"),
        )
        .where(*planned)
        .group_by(Shift.offering_id)
        .subquery()
    )
    is_chosen = and_(
        Shift.offering_id == chosen.c.offering_id, Shift.starts_at == chosen.c.starts_at
    )
    query = select(Shift.offering_id, Shift.starts_at, Shift.ends_at, chosen.c.shifts - 1)
    rows = db.session.execute(query.join(chosen, is_chosen).where(*planned)).all()
    return {offering_id: Next(*values) for offering_id, *values in rows}


def offering(offering_id: int) -> Offering:
    """Return an offering by internal id, which must exist."""
    return db.session.get_one(Offering, offering_id)


def offering_by_id(public_id: str) -> Offering | None:
    """Return the offering of a public id, of whichever kind."""
    return db.session.scalars(select(Offering).where(Offering.public_id == public_id)).first()


def path_of(public_id: str) -> str | None:
    """Return the address of an offering's page, of whichever kind it is."""
    row = offering_by_id(public_id)
    return row.path if row else None


def with_offerings(shift_ids: Collection[int]) -> Mapping[int, Shift]:
    """Return these shifts by id with the columns of their offerings, in one query."""
    return {
        row.id: row for row in db.session.scalars(_WITH_OFFERING.where(Shift.id.in_(shift_ids)))
    }


def offerings(offering_ids: Collection[int]) -> Mapping[int, Offering]:
    """Return these offerings by id, in one query."""
    query = select(Offering).where(Offering.id.in_(offering_ids))
    return {row.id: row for row in db.session.scalars(query)}
