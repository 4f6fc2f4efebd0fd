"""The lists of records behind the figures: the same clauses, read from the records themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from portal.attendance.models import PENDING_LABELS, Pending, Visit, VisitState
from portal.core import clock, filters
from portal.core.db import db
from portal.core.i18n import lazy_gettext as _l
from portal.core.tables import PAGE_SIZE, Page
from portal.figures import clauses, rollup
from portal.figures.rules import Span
from portal.figures.scope import Scope
from portal.hours.models import SOURCE_LABELS, LedgerEntry, Source
from portal.org.models import Station
from portal.people.models import VOLUNTEER_STATE_LABELS, Person, Volunteer, VolunteerState
from portal.shifts.models import Offering, Shift


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose records of which days."""

    where: Scope
    span: Span
    kind_id: int | None
    now: datetime

    @property
    def days(self) -> tuple[Span]:
        """The span as a list of stretches."""
        return (self.span,)

    def of_kind(self, column: Any) -> tuple[Any, ...]:
        """Return the clause of the kind, when one is asked for."""
        return () if self.kind_id is None else (column == self.kind_id,)


@dataclass(frozen=True, slots=True)
class Line:
    """One record in words; the first cell links to `href` when there is a page to see."""

    cells: tuple[str, ...]
    href: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of records, their number (in `page.total`) and their minutes where they have any."""

    headers: tuple[str, ...]
    page: Page[Line]
    minutes: int | None


@dataclass(frozen=True, slots=True)
class _List:
    headers: tuple[Any, ...]
    query: Callable[[Asked], Select[Any]]
    line: Callable[[Any], Line]
    # The column that adds up to the figure, when it is not the number of rows.
    minutes: str = ""


def listing(key: str, asked: Asked, number: int) -> Listing:
    """Return the asked page of the records behind a figure. KeyError for an unknown one."""
    kind = LISTS[key]
    query = kind.query(asked)
    every = query.order_by(None).subquery()
    sums: list[Any] = [func.count()]
    if kind.minutes:
        sums.append(func.coalesce(func.sum(every.c[kind.minutes]), 0))
    total, *minutes = db.session.execute(select(*sums).select_from(every)).one()
    rows = db.session.execute(query.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE))
    lines: Sequence[Line] = [kind.line(row) for row in rows]
    headers = tuple(str(header) for header in kind.headers)
    return Listing(headers, Page(lines, number, total), minutes[0] if minutes else None)


# --- shifts and visits ---------------------------------------------------------------------------


def _sessions(asked: Asked) -> Select[Any]:
    return (
        select(
            Shift.id,
            Shift.starts_at,
            Shift.ends_at,
            Offering.public_id,
            Offering.title,
            Station.name,
        )
        .join(Offering, Offering.id == Shift.offering_id)
        .join(Station, Station.id == Shift.station_id)
        .where(
            *clauses.is_session(asked.now),
            clauses.within(Shift.starts_at, asked.days),
            clauses.at(Shift.station_id, asked.where.station_ids),
            *asked.of_kind(Offering.kind_id),
        )
        .order_by(Shift.starts_at.desc(), Shift.id.desc())
    )


def _session_line(row: Any) -> Line:
    when = (
        f"{filters.day(clock.local_day(row.starts_at))} {filters.span(row.starts_at, row.ends_at)}"
    )
    return Line((row.title, when, row.name), _activity_url(row.public_id))


def _activity_url(public_id: str) -> str:
    return f"/activities/{public_id}"


def _visits(asked: Asked, *more: Any) -> tuple[Any, ...]:
    return (
        *more,
        clauses.is_attendance(),
        clauses.within(Shift.starts_at, asked.days),
        clauses.at(Shift.station_id, asked.where.station_ids),
        *asked.of_kind(Offering.kind_id),
    )


def _attendances(asked: Asked) -> Select[Any]:
    return (
        select(
            Shift.id,
            Person.id.label("person_id"),
            Person.name.label("person"),
            func.min(Visit.in_at).label("in_at"),
            Offering.public_id,
            Offering.title,
            Station.name,
        )
        .join(Shift, Shift.id == Visit.shift_id)
        .join(Offering, Offering.id == Shift.offering_id)
        .join(Station, Station.id == Shift.station_id)
        .join(Person, Person.id == Visit.person_id)
        .where(*_visits(asked))
        .group_by(Shift.id, Offering.id, Station.id, Person.id)
        .order_by(Shift.starts_at.desc(), Shift.id.desc(), Person.id)
    )


def _attendance_line(row: Any) -> Line:
    person = filters.masked_name(row.person)
    return Line(
        (row.title, person, filters.moment(row.in_at), row.name), _activity_url(row.public_id)
    )


def _provisional(asked: Asked) -> Select[Any]:
    return (
        select(
            Visit.id,
            Visit.minutes,
            Visit.pending,
            Visit.settle_by_on,
            Person.name.label("person"),
            Offering.public_id,
            Offering.title,
            Station.name,
        )
        .join(Shift, Shift.id == Visit.shift_id)
        .join(Offering, Offering.id == Shift.offering_id)
        .join(Station, Station.id == Shift.station_id)
        .join(Person, Person.id == Visit.person_id)
        .where(*_visits(asked, Visit.state == VisitState.PROVISIONAL))
        .order_by(Visit.settle_by_on, Visit.id)
    )


def _provisional_line(row: Any) -> Line:
    why = str(PENDING_LABELS[Pending(row.pending)])
    by = filters.day(row.settle_by_on) if row.settle_by_on else ""
    person = filters.masked_name(row.person)
    return Line(
        (row.title, person, filters.minutes(row.minutes), why, by, row.name),
        _activity_url(row.public_id),
    )


# --- volunteers ----------------------------------------------------------------------------------


def _volunteers(asked: Asked) -> Select[Any]:
    return (
        select(
            Volunteer.id,
            Volunteer.volunteer_no,
            Volunteer.state,
            Volunteer.applied_at,
            Volunteer.registered_at,
            Person.name.label("person"),
            Station.name,
        )
        .join(Person, Person.id == Volunteer.person_id)
        .join(Station, Station.id == Volunteer.station_id)
        .where(clauses.at(Volunteer.station_id, asked.where.station_ids))
    )


def _applications(asked: Asked) -> Select[Any]:
    applied = clauses.within(Volunteer.applied_at, asked.days)
    return _volunteers(asked).where(applied).order_by(Volunteer.applied_at.desc(), Volunteer.id)


def _application_line(row: Any) -> Line:
    state = str(VOLUNTEER_STATE_LABELS[VolunteerState(row.state)])
    return Line((filters.masked_name(row.person), filters.moment(row.applied_at), state, row.name))


def _registered(asked: Asked) -> Select[Any]:
    end = clock.day_start(asked.span.last + timedelta(days=1))
    registered = clauses.is_registered(end)
    return _volunteers(asked).where(registered).order_by(Volunteer.registered_at, Volunteer.id)


def _registered_line(row: Any) -> Line:
    since = filters.day(clock.local_day(row.registered_at))
    return Line((filters.masked_name(row.person), row.volunteer_no or "", since, row.name))


# --- hours ---------------------------------------------------------------------------------------


def _hours(asked: Asked) -> Select[Any]:
    return (
        select(
            LedgerEntry.id,
            LedgerEntry.day,
            LedgerEntry.minutes,
            LedgerEntry.source,
            LedgerEntry.reverses_id,
            Person.name.label("person"),
            Offering.title,
            Offering.public_id,
            Station.name,
        )
        .join(Person, Person.id == LedgerEntry.person_id)
        .join(Station, Station.id == LedgerEntry.station_id)
        .outerjoin(Shift, Shift.id == LedgerEntry.shift_id)
        .outerjoin(Offering, Offering.id == Shift.offering_id)
        .where(
            clauses.on(LedgerEntry.day, asked.days),
            clauses.at(LedgerEntry.station_id, asked.where.station_ids),
            *asked.of_kind(LedgerEntry.kind_id),
        )
        .order_by(LedgerEntry.day.desc(), LedgerEntry.id.desc())
    )


def _hours_line(row: Any) -> Line:
    source = str(SOURCE_LABELS[Source(row.source)])
    how = f"{source} · {_l('冲正')}" if row.reverses_id else source
    day, minutes = filters.day(row.day), filters.minutes(row.minutes)
    href = _activity_url(row.public_id) if row.public_id else ""
    return Line(
        (row.title or "", filters.masked_name(row.person), day, minutes, how, row.name), href
    )


def _active(asked: Asked) -> Select[Any]:
    minutes_of_days = rollup.person_minutes(asked.days, asked.where.station_ids)
    served = minutes_of_days.where(*asked.of_kind(LedgerEntry.kind_id)).having(
        func.sum(LedgerEntry.minutes) > 0
    )
    days = served.subquery()
    minutes = func.sum(days.c.minutes).label("minutes")
    return (
        select(Person.id, Person.name, Volunteer.volunteer_no, minutes)
        .join(days, days.c.person_id == Person.id)
        .outerjoin(Volunteer, Volunteer.person_id == Person.id)
        .group_by(Person.id, Volunteer.id)
        .order_by(Person.id)
    )


def _active_line(row: Any) -> Line:
    name = filters.masked_name(row.name)
    return Line((name, row.volunteer_no or "", filters.minutes(int(row.minutes))))


_PERSON, _STATION, _ACTIVITY = _l("姓名"), _l("所属站点"), _l("活动名称")

LISTS: dict[str, _List] = {
    "sessions": _List((_ACTIVITY, _l("时间"), _STATION), _sessions, _session_line),
    "attendances": _List(
        (_ACTIVITY, _PERSON, _l("签到"), _STATION), _attendances, _attendance_line
    ),
    "applications": _List(
        (_PERSON, _l("申请时间"), _l("现在"), _STATION), _applications, _application_line
    ),
    "registered": _List(
        (_PERSON, _l("志愿者编号"), _l("注册日期"), _STATION), _registered, _registered_line
    ),
    "active": _List((_PERSON, _l("志愿者编号"), _l("时长")), _active, _active_line, "minutes"),
    "hours": _List(
        (_ACTIVITY, _PERSON, _l("日期"), _l("时长"), _l("来源"), _STATION),
        _hours,
        _hours_line,
        "minutes",
    ),
    "provisional": _List(
        (_ACTIVITY, _PERSON, _l("时长"), _l("为什么"), _l("最晚确认"), _STATION),
        _provisional,
        _provisional_line,
        "minutes",
    ),
}
