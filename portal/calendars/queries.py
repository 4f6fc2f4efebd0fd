"""Shifts as calendars show them: one statement a feed, columns only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, or_, select

from portal.activities.queries import Filter
from portal.core import clock
from portal.core.db import execute
from portal.org.models import Station, StationTree, Term
from portal.shifts.models import Offering, OfferingState, OfferingType, Shift, ShiftState
from portal.shifts.models_series import Series
from portal.shifts.queries import VENUE

DAYS_BACK = 30
DAYS_AHEAD = 180
# Google hides a cancelled event, Apple keeps it struck through: long enough to be seen by either.
DAYS_CANCELLED = 7


class Showing(NamedTuple):
    """A shift with the words of its offering and station."""

    public_id: str
    revision: int
    updated_at: datetime
    starts_at: datetime
    ends_at: datetime
    moved_from_at: datetime | None
    state: ShiftState
    offering_public_id: str
    offering_type: OfferingType
    title: str
    summary: str
    place: str
    contact_phone: str
    station_name: str
    station_address: str
    station_phone: str
    kind_zh: str
    kind_en: str
    host: str = ""

    @property
    def is_cancelled(self) -> bool:
        """Whether it was called off. What had taken place before its offering was, still did."""
        return self.state == ShiftState.CALLED_OFF


# Said by what it is not, so that the span or the id leads: by an index on the state, SQLite would
# go through all offerings there ever were.
_WAS_PUBLISHED = and_(
    Offering.published_at.is_not(None),
    Offering.state != OfferingState.DRAFT,
    Offering.state != OfferingState.IN_REVIEW,
)
# Built once: SQLAlchemy takes longer over a statement it has not seen than over twenty rows.
_SHOWINGS: Select[Any] = (
    select(
        Shift.public_id,
        Shift.revision,
        Shift.updated_at,
        Shift.starts_at,
        Shift.ends_at,
        Shift.moved_from_at,
        Shift.state,
        Offering.public_id,
        Offering.type,
        Offering.title,
        Offering.summary,
        VENUE,
        Offering.contact_phone,
        Station.name,
        Station.address,
        Station.phone,
        Term.name_zh,
        Term.name_en,
        Shift.host,
    )
    .select_from(Shift)
    .join(Offering, Offering.id == Shift.offering_id)
    .join(Station, Station.id == Shift.station_id)
    .join(Term, Term.id == Offering.kind_id)
    .where(_WAS_PUBLISHED)
)
_ONE = _SHOWINGS.where(Shift.public_id == bindparam("public_id"))
_IN_WINDOW = _SHOWINGS.where(
    Shift.starts_at >= bindparam("first"),
    Shift.starts_at < bindparam("last"),
    or_(Shift.state == ShiftState.PLANNED, Shift.starts_at >= bindparam("kept_from")),
).order_by(Shift.starts_at, Shift.id)
# The weekly duties of a service post are its own feed: in a station's they would drown the rest.
_AT_STATION = _IN_WINDOW.where(
    Offering.type == OfferingType.ACTIVITY,
    Shift.station_id.in_(
        select(StationTree.descendant_id).where(StationTree.ancestor_id == bindparam("station_id"))
    ),
)
_OF_POST = _IN_WINDOW.where(
    Offering.type == OfferingType.SERVICE_POST, Offering.public_id == bindparam("public_id")
)
_OF_SERIES = _IN_WINDOW.where(
    Shift.offering_id.in_(
        select(Series.offering_id).where(Series.public_id == bindparam("public_id"))
    )
)


def in_window(asked: Filter, today: date) -> Sequence[Showing]:
    """Return the shifts that a feed shows on a day, in time order: what the list shows and more.

    Past and cancelled ones stay for a while. The window moves at midnight only, so that bytes
    stay the same all day.
    """
    span = _span(today)
    if asked.from_on is not None:
        span["first"] = max(span["first"], clock.day_start(asked.from_on))
    if asked.to_on is not None:
        span["last"] = min(span["last"], clock.day_span(asked.to_on)[1])
    return _rows(asked.narrow_subject(_IN_WINDOW), span)


def at_station(station_id: int, today: date) -> Sequence[Showing]:
    """Return the same of a station and all below it; most subscriptions are to one of these."""
    return _rows(_AT_STATION, {"station_id": station_id, **_span(today)})


def of_post(public_id: str, today: date) -> Sequence[Showing]:
    """Return the duties of a service post; none when there is no such post, or it is a draft."""
    return _rows(_OF_POST, {"public_id": public_id, **_span(today)})


def of_series(public_id: str, today: date) -> Sequence[Showing]:
    """Return the dates of a series."""
    return _rows(_OF_SERIES, {"public_id": public_id, **_span(today)})


def _span(today: date) -> dict[str, datetime]:
    first, last = clock.day_span(
        today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD)
    )
    kept_from = clock.day_start(today - timedelta(days=DAYS_CANCELLED))
    return {"first": first, "last": last, "kept_from": kept_from}


def one(public_id: str) -> Showing | None:
    """Return a single shift, whenever it is; None unless its offering was published."""
    return next(iter(_rows(_ONE, {"public_id": public_id})), None)


def _rows(query: Select[Any], values: Mapping[str, object]) -> Sequence[Showing]:
    # Columns straight from the connection: a third cheaper than through the session.
    return [Showing._make(row) for row in execute(query, values)]
