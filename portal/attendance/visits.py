"""Visits follow scans: they are derived again after each accepted one, and closed into hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portal.attendance import queries, rules
from portal.attendance.models import Pending, Visit, VisitState
from portal.attendance.rules import Mark, Stay
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.core.ref import Ref
from portal.hours import actions as hours
from portal.hours import queries as ledger
from portal.hours.models import Source
from portal.hours.rules import Span, worth
from portal.org.queries import add_working_days
from portal.people import queries as people
from portal.records import settings, stale
from portal.shifts.queries import Terms
from portal.signups.queries import Live

# Nobody says any more about these; an accepted scan cannot change them.
_FINAL = frozenset({VisitState.CLOSED, VisitState.LAPSED, VisitState.ANNULLED})


def follow(
    shift: Terms, signup: Live, marks: Sequence[Mark], *, actor: Actor, now: datetime
) -> list[Visit]:
    """Bring the person's visits of the shift in line with the accepted scans; return them."""
    stays = rules.derive(marks)
    known = queries.visits_at(shift.id, signup.person_id) if len(marks) > 1 else ()
    rows = {row.pair: row for row in known}
    visits = []
    for stay in stays:
        row = rows.get(stay.pair) or _new(shift, signup, stay)
        if row.state not in _FINAL:
            _apply(row, stay, shift, signup, actor=actor, now=now)
        visits.append(row)
    stale.mark(clock.local_day(shift.starts_at), shift.station_id)
    return visits


def _new(shift: Terms, signup: Live, stay: Stay) -> Visit:
    row = Visit(
        shift_id=shift.id,
        person_id=signup.person_id,
        signup_id=signup.id,
        pair=stay.pair,
        role=signup.role,
        in_at=stay.in_at,
        state=VisitState.OPEN,
        minutes=0,
    )
    db.session.add(row)
    return row


def _apply(
    row: Visit, stay: Stay, shift: Terms, signup: Live, *, actor: Actor, now: datetime
) -> None:
    if stay.out_at is None:
        return
    serves = rules.earns(signup.role, signup.participant)
    registered = serves and people.is_registered(signup.person_id)
    row.out_at = stay.out_at
    row.state, row.pending = rules.standing(stay, earns=serves, registered=registered)
    row.settle_by_on = None
    row.minutes = 0
    if row.pending == Pending.NO_CHECK_OUT:
        days = settings.get("record_working_days")
        row.settle_by_on = add_working_days(clock.local_day(shift.ends_at), days)
    if serves and row.state in {VisitState.PROVISIONAL, VisitState.CLOSED}:
        _value(row, stay.out_at, shift, actor=actor, now=now)


def _value(row: Visit, out_at: datetime, shift: Terms, *, actor: Actor, now: datetime) -> None:
    """Say what the stay is worth, and credit it when it is settled."""
    terms = ledger.terms()
    planned = Span(shift.starts_at, shift.ends_at)
    span, row.minutes = worth(Span(row.in_at, out_at), planned, terms)
    if row.state != VisitState.CLOSED:
        return
    db.session.flush()
    entry = hours.credit(
        hours.Credit(
            person_id=row.person_id,
            shift_id=shift.id,
            station_id=shift.station_id,
            kind_id=shift.kind_id,
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            minutes=row.minutes,
            source=Source.CHECK_IN,
            source_ref=Ref("visit", row.id),
            rule=terms.as_rule(),
        ),
        actor=actor,
        now=now,
    )
    row.minutes = entry.minutes
