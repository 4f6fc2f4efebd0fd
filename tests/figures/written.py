"""Records written straight into their tables, and a plain recount of them without any SQL."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta

from portal.attendance.models import Pending, Visit, VisitState
from portal.core import clock
from portal.core.db import db
from portal.hours.models import LedgerEntry, Source
from portal.people.models import Volunteer, VolunteerState
from portal.records import stale
from portal.shifts.models import Offering, OfferingState, PlaceRole, Shift, ShiftState

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # noon of a Friday, on the district's clock
TODAY = date(2026, 11, 20)


def local(day: date, hour: int = 9, minute: int = 0) -> datetime:
    return clock.at_local(day, time(hour, minute))


def write_shift(activity, starts_at, *, state=ShiftState.PLANNED, mark=True):
    row = Shift(
        offering_id=activity.id,
        station_id=activity.station_id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        state=state,
        updated_at=starts_at,
    )
    db.session.add(row)
    db.session.flush()
    if mark:
        stale.mark(clock.local_day(starts_at), row.station_id)
    db.session.commit()
    return row


def write_visit(shift, person, *, state=VisitState.CLOSED, minutes=0, pair=1, role="volunteer"):
    is_open, provisional = state == VisitState.OPEN, state == VisitState.PROVISIONAL
    row = Visit(
        shift_id=shift.id,
        person_id=person.id,
        pair=pair,
        role=PlaceRole(role),
        in_at=shift.starts_at,
        out_at=None if is_open else shift.ends_at,
        state=state,
        pending=Pending.NO_CHECK_OUT if provisional else None,
        settle_by_on=clock.local_day(shift.ends_at) if provisional else None,
        minutes=minutes,
    )
    db.session.add(row)
    db.session.flush()
    stale.mark(clock.local_day(shift.starts_at), shift.station_id)
    db.session.commit()
    return row


class Ledger:
    """Appends entries to persons' ledgers; the chain of digests is another feature's concern."""

    def __init__(self) -> None:
        self.counts: dict[int, int] = defaultdict(int)
        self.sources = 0

    def credit(self, shift, person, minutes, *, reverses=None):
        self.counts[person.id] += 1
        self.sources += 1
        offering = db.session.get(Offering, shift.offering_id)
        row = LedgerEntry(
            person_id=person.id,
            seq=self.counts[person.id],
            shift_id=shift.id,
            station_id=shift.station_id,
            kind_id=offering.kind_id,
            day=clock.local_day(shift.starts_at),
            starts_at=shift.starts_at,
            ends_at=shift.starts_at + timedelta(minutes=abs(minutes)),
            minutes=minutes,
            source=Source.CHECK_IN,
            source_kind="test",
            source_id=self.sources,
            reverses_id=reverses.id if reverses else None,
            at=NOW,
            digest="0" * 64,
        )
        db.session.add(row)
        db.session.flush()
        stale.mark(row.day, row.station_id)
        db.session.commit()
        return row

    def reverse(self, entry, shift, person):
        return self.credit(shift, person, -entry.minutes, reverses=entry)


def write_volunteer(person, station, applied_at, *, registered_at=None, left_at=None):
    state = VolunteerState.SUBMITTED
    if registered_at:
        state = VolunteerState.LEFT if left_at else VolunteerState.REGISTERED
    row = Volunteer(
        person_id=person.id,
        station_id=station.id,
        state=state,
        volunteer_no=f"4403{person.id:08d}0" if registered_at else None,
        applied_at=applied_at,
        due_on=clock.local_day(applied_at),
        registered_at=registered_at,
        left_at=left_at,
    )
    db.session.add(row)
    db.session.flush()
    for moment in (applied_at, registered_at, left_at):
        if moment:
            stale.mark(clock.local_day(moment), station.id)
    db.session.commit()
    return row


# --- the recount ---------------------------------------------------------------------------------


def recount(station_ids, first, last, now, *, kind_id=None):
    """Count every figure of the stations and days by going through all rows in Python."""
    offerings = {row.id: row for row in db.session.query(Offering)}
    shifts = {row.id: row for row in db.session.query(Shift)}

    def counts(shift):
        fits = kind_id is None or offerings[shift.offering_id].kind_id == kind_id
        return fits and shift.station_id in station_ids and inside(shift.starts_at)

    def inside(moment):
        return moment is not None and first <= clock.local_day(moment) <= last

    sessions = [
        shift
        for shift in shifts.values()
        if counts(shift)
        and shift.state == "planned"
        and shift.starts_at <= now
        and offerings[shift.offering_id].state == OfferingState.PUBLISHED
    ]
    visits = [visit for visit in db.session.query(Visit) if counts(shifts[visit.shift_id])]
    entries = [
        entry
        for entry in db.session.query(LedgerEntry)
        if entry.station_id in station_ids
        and first <= entry.day <= last
        and kind_id in {None, entry.kind_id}
    ]
    by_cell = defaultdict(int)
    for entry in entries:
        by_cell[entry.day, entry.station_id, entry.kind_id, entry.person_id] += entry.minutes
    volunteers = [row for row in db.session.query(Volunteer) if row.station_id in station_ids]
    end = clock.day_start(last + timedelta(days=1))
    return {
        "sessions": len(sessions),
        "attendances": len(
            {(visit.shift_id, visit.person_id) for visit in visits if visit.state != "annulled"}
        ),
        "applications": sum(inside(row.applied_at) for row in volunteers),
        "registered": sum(
            row.registered_at is not None
            and row.registered_at < end
            and (row.left_at is None or row.left_at >= end)
            for row in volunteers
        ),
        "active": len({cell[3] for cell, minutes in by_cell.items() if minutes > 0}),
        "minutes": sum(entry.minutes for entry in entries),
        "provisional_minutes": sum(
            visit.minutes for visit in visits if visit.state == "provisional"
        ),
    }
