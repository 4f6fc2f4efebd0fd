"""What a claim is held against: gathered from shift, visits, ledger and settings, under the lock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from portal.attendance import queries as attendance
from portal.attendance.models import VisitState
from portal.attendance.rules import earns
from portal.core import clock
from portal.core.ref import Ref
from portal.corrections import queries
from portal.corrections.rules import Bounds, Fault
from portal.hours import queries as ledger
from portal.hours.models import LedgerEntry
from portal.hours.rules import Span, Terms, rounded
from portal.people import queries as people
from portal.records import settings
from portal.shifts import queries as shifts
from portal.shifts.models import ShiftState
from portal.shifts.queries import Terms as ShiftTerms
from portal.signups import queries as signups

_UNSETTLED = (VisitState.OPEN, VisitState.PROVISIONAL)


@dataclass(frozen=True, slots=True)
class Claim:
    """What is claimed for whom: minutes of a span, of a shift or an entry, or of neither.

    For service that nobody planned, `station_id` and `kind_id` say where it was and of what kind.
    """

    person_id: int
    starts_at: datetime
    ends_at: datetime
    minutes: int
    shift_id: int | None = None
    entry_id: int | None = None
    station_id: int = 0
    kind_id: int = 0

    @property
    def span(self) -> Span:
        """From when to when."""
        return Span(self.starts_at, self.ends_at)


def bounds(
    claim: Claim, *, now: datetime, asked_at: datetime, correction_id: int | None = None
) -> Bounds:
    """Return what the claim is held against; of its own request `correction_id` nothing counts."""
    entry = ledger.entry(claim.entry_id) if claim.entry_id else None
    shift_id = entry.shift_id if entry else claim.shift_id
    shift = shifts.terms(shift_id) if shift_id else None
    terms = ledger.terms(clock.local_day(claim.starts_at))
    unplanned = settings.get("make_up_unplanned_minutes")
    found = Bounds(
        now=now,
        asked_at=asked_at,
        ends_at=shift.ends_at if shift else claim.ends_at,
        window_days=settings.get("make_up_days"),
        cap=_length(shift, terms) if shift else unplanned,
        planned=Span(shift.starts_at, shift.ends_at) if shift else None,
        terms=terms,
        standing=frozenset(_standing(claim, entry, shift, correction_id)),
    )
    found = _beside(found, claim, entry)
    if entry is not None:
        stands = Span(entry.starts_at, entry.ends_at)
        return replace(found, stands=stands, before=entry.minutes)
    first, last = _month(clock.local_day(claim.starts_at))
    return replace(
        found,
        month_minutes=queries.made_up(claim.person_id, first, last, correction_id or 0),
        month_cap=settings.get("make_up_month_minutes"),
    )


def _length(shift: ShiftTerms, terms: Terms) -> int:
    return rounded((shift.ends_at - shift.starts_at).total_seconds(), terms)


def _month(day: date) -> tuple[date, date]:
    following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return day.replace(day=1), following - timedelta(days=1)


def _beside(found: Bounds, claim: Claim, entry: LedgerEntry | None) -> Bounds:
    """Put in the person's other records: on the day, and those that overlap."""
    day = clock.local_day(claim.starts_at)
    around = ledger.live_around(claim.person_id, day, claim.starts_at, claim.ends_at)
    others = [row for row in around if entry is None or row.id != entry.id]
    taken = [Span(row.starts_at, row.ends_at) for row in others]
    overlapping = [
        one for one in taken if one.starts_at < claim.ends_at and claim.starts_at < one.ends_at
    ]
    minutes = sum(row.minutes for row in others if row.day == day)
    return replace(found, taken=tuple(overlapping), day_minutes=minutes)


# --- what does not hang on the times -------------------------------------------------------------


def _standing(
    claim: Claim, entry: LedgerEntry | None, shift: ShiftTerms | None, correction_id: int | None
) -> Iterator[Fault]:
    if entry is not None:
        latest = ledger.latest_of_source(Ref(entry.source_kind, entry.source_id))
        if latest is None or latest.id != entry.id:
            yield Fault.GONE
    else:
        if not people.is_registered(claim.person_id):
            yield Fault.NOT_REGISTERED
        if shift is not None:
            yield from _of_shift(claim.person_id, shift)
    if claim.shift_id or claim.entry_id:
        asked = queries.open_of(claim.person_id, shift_id=claim.shift_id, entry_id=claim.entry_id)
        if asked is not None and asked.id != correction_id:
            yield Fault.ASKED


def _of_shift(person_id: int, shift: ShiftTerms) -> Iterator[Fault]:
    """Say why a shift gives the person nothing to make up."""
    if shift.state != ShiftState.PLANNED:
        yield Fault.CALLED_OFF
    own = people.own_ids(person_id)
    day = clock.local_day(shift.starts_at)
    around = ledger.live_around(person_id, day, shift.starts_at, shift.ends_at)
    if any(row.shift_id == shift.id for row in around):
        yield Fault.ON_RECORD
    visits = [row for one in own for row in attendance.visits_at(shift.id, one)]
    if any(row.state in _UNSETTLED for row in visits):
        yield Fault.STILL_OPEN
    signup = next((row for one in own if (row := signups.latest(shift.id, one))), None)
    if signup is not None and not earns(signup.role, signup.participant):
        yield Fault.NOT_SERVING
