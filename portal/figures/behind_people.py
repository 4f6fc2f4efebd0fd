"""Volunteers and their hours behind the figures, by the clauses these are computed with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from portal.core import clock, filters
from portal.core.i18n import lazy_gettext as _l
from portal.figures import clauses, rollup
from portal.figures.behind_lines import Asked, Line, activity_url
from portal.hours.models import SOURCE_LABELS, LedgerEntry, Source
from portal.org.models import Station
from portal.people.models import VOLUNTEER_STATE_LABELS, Person, Volunteer, VolunteerState
from portal.shifts.models import Offering, Shift

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


def applications(asked: Asked) -> Select[Any]:
    """Applications, the latest first."""
    applied = clauses.within(Volunteer.applied_at, asked.days)
    return _volunteers(asked).where(applied).order_by(Volunteer.applied_at.desc(), Volunteer.id)


def application_line(row: Any) -> Line:
    """Return one row of them in words."""
    state = str(VOLUNTEER_STATE_LABELS[VolunteerState(row.state)])
    return Line((filters.masked_name(row.person), filters.moment(row.applied_at), state, row.name))


def registered(asked: Asked) -> Select[Any]:
    """Who is registered when the span ends, the longest first."""
    end = clock.day_start(asked.span.last + timedelta(days=1))
    registered = clauses.is_registered(end)
    return _volunteers(asked).where(registered).order_by(Volunteer.registered_at, Volunteer.id)


def registered_line(row: Any) -> Line:
    """Return one row of them in words."""
    since = filters.day(clock.local_day(row.registered_at))
    return Line((filters.masked_name(row.person), row.volunteer_no or "", since, row.name))


# --- hours ---------------------------------------------------------------------------------------


def hours(asked: Asked) -> Select[Any]:
    """Entries of the ledger, the latest first."""
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


def hours_line(row: Any) -> Line:
    """Return one row of them in words."""
    source = str(SOURCE_LABELS[Source(row.source)])
    how = f"{source} · {_l('冲正')}" if row.reverses_id else source
    day, minutes = filters.day(row.day), filters.minutes(row.minutes)
    href = activity_url(row.public_id) if row.public_id else ""
    return Line(
        (row.title or source, filters.masked_name(row.person), day, minutes, how, row.name), href
    )


def active(asked: Asked) -> Select[Any]:
    """Who served, with all their minutes; what was earned under a merged record is theirs too."""
    minutes_of_days = rollup.person_minutes(asked.days, asked.where.station_ids)
    served = minutes_of_days.where(*asked.of_kind(LedgerEntry.kind_id)).having(
        func.sum(LedgerEntry.minutes) > 0
    )
    days = served.subquery()
    minutes = func.sum(days.c.minutes).label("minutes")
    earned_as = aliased(Person)
    return (
        select(Person.id, Person.name, Volunteer.volunteer_no, minutes)
        .join(earned_as, Person.id == func.coalesce(earned_as.merged_into_id, earned_as.id))
        .join(days, days.c.person_id == earned_as.id)
        .outerjoin(Volunteer, Volunteer.person_id == Person.id)
        .group_by(Person.id, Volunteer.id)
        .order_by(Person.id)
    )


def active_line(row: Any) -> Line:
    """Return one row of them in words."""
    name = filters.masked_name(row.name)
    return Line((name, row.volunteer_no or "", filters.minutes(int(row.minutes))))
