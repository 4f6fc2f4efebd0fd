"""Selects over what is still to be told: which shifts are asked of, whose days are over or near."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from portal.attendance.clauses import is_attendance, is_session
from portal.attendance.models import Visit
from portal.closeouts import rules
from portal.closeouts.models import Closeout, CloseoutReminder
from portal.closeouts.queries import is_newest
from portal.core import clock
from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.org.models import Station
from portal.org.queries import add_working_days
from portal.org.working_days import first_due_from
from portal.posts.models_logs import DutyLog
from portal.records import settings
from portal.shifts.models import Offering, OfferingType, Shift

_TOLD = select(Closeout.id).where(Closeout.shift_id == Shift.id).correlate(Shift).exists()
# The log of a duty tells what the duty came to; nobody writes that a second time.
_LOGGED = select(DutyLog.id).where(DutyLog.shift_id == Shift.id).correlate(Shift).exists()
_CAME = (
    select(Visit.id).where(Visit.shift_id == Shift.id, is_attendance()).correlate(Shift).exists()
)
_IS_POST = Offering.type == OfferingType.SERVICE_POST


def is_done() -> ColumnElement[bool]:
    """Somebody told what came of it."""
    return or_(_TOLD, and_(_IS_POST, _LOGGED))


def is_asked(now: datetime) -> ColumnElement[bool]:
    """A shift that ended not too long ago and nobody told of; a duty only when somebody came."""
    return and_(
        *is_session(now),
        Shift.ends_at <= now,
        Shift.ends_at > now - rules.ASKED_BACK,
        ~is_done(),
        or_(~_IS_POST, _CAME),
    )


def is_late(now: datetime) -> ColumnElement[bool]:
    """Its last day is over, by the working calendar as it is now."""
    days = settings.get("record_working_days")
    return Shift.ends_at < clock.day_start(first_due_from(clock.local_day(now), days))


def is_near(now: datetime) -> ColumnElement[bool]:
    """Not late, and no more than two working days are left."""
    last = add_working_days(clock.local_day(now), rules.REMIND_BEFORE)
    days = settings.get("record_working_days")
    after = clock.day_start(first_due_from(last + timedelta(days=1), days))
    return and_(~is_late(now), Shift.ends_at < after)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many shifts are to be told of, and how many of them are late."""

    count: int
    late: int


def waiting_at(station_ids: Collection[int], now: datetime) -> Waiting:
    """Return how much waits at these stations."""
    query = (
        select(func.count(), func.coalesce(func.sum(case((is_late(now), 1), else_=0)), 0))
        .select_from(Shift)
        .join(Shift.offering)
        .where(Shift.station_id.in_(station_ids), is_asked(now))
    )
    return Waiting(*db.session.execute(query).one())


def to_remind(now: datetime, most: int) -> Mapping[int, list[int]]:
    """Return the shifts whose days are nearly over and of which nobody was reminded, by station."""
    known = (
        select(CloseoutReminder.shift_id)
        .where(CloseoutReminder.shift_id == Shift.id)
        .correlate(Shift)
        .exists()
    )
    query = (
        select(Shift.station_id, Shift.id)
        .join(Shift.offering)
        .where(is_asked(now), is_near(now), ~known)
        .order_by(Shift.ends_at, Shift.id)
        .limit(most)
    )
    found: dict[int, list[int]] = {}
    for station_id, shift_id in db.session.execute(query):
        found.setdefault(station_id, []).append(shift_id)
    return found


def reminded(shift_ids: Collection[int]) -> frozenset[int]:
    """Return of which of these shifts somebody was reminded."""
    query = select(CloseoutReminder.shift_id).where(CloseoutReminder.shift_id.in_(shift_ids))
    return frozenset(db.session.scalars(query))


# --- the list ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filter:
    """Whose shifts: those still to be told of (`late`: only these whose days are over), or done."""

    station_ids: Collection[int]
    done: bool = False
    late: bool = False


class Row(NamedTuple):
    """A shift of the list; `outcome` None: nobody told, or the log of the duty does."""

    id: int
    public_id: str
    title: str
    type: str
    open_crowd: bool
    station: str
    starts_at: datetime
    ends_at: datetime
    outcome: str | None
    told_at: datetime | None


def listed(wanted: Filter, number: int, now: datetime) -> Page[Row]:
    """Return a page of the list: the oldest first of what is to be told, the newest of what is."""
    query = (
        select(
            Shift.id, Shift.public_id, Offering.title, Offering.type, Offering.open_crowd,
            Station.name, Shift.starts_at, Shift.ends_at, Closeout.outcome, Closeout.at,
        )
        .join(Shift.offering)
        .join(Station, Station.id == Shift.station_id)
        .outerjoin(Closeout, and_(Closeout.shift_id == Shift.id, is_newest()))
        .where(Shift.station_id.in_(wanted.station_ids))
    )  # fmt: skip
    if wanted.done:
        query = query.where(*is_session(now), Shift.ends_at <= now, is_done())
        query = query.order_by(Shift.ends_at.desc(), Shift.id.desc())
    else:
        query = query.where(is_asked(now), *([is_late(now)] if wanted.late else []))
        query = query.order_by(Shift.ends_at, Shift.id)
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery()))
    rows = db.session.execute(query.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).tuples()
    return Page([Row(*row) for row in rows], number, total or 0)
