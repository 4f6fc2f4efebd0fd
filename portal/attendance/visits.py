"""Visits follow scans: they are derived again after each accepted one, and closed into hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from portal.attendance import queries, rules, rules_stays
from portal.attendance.models import Pending, Visit, VisitState, Way
from portal.attendance.rules_stays import Mark, Stay, evidence
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
    stays = rules_stays.derive(marks)
    known = queries.rows_at(shift.id, signup.person_id) if len(marks) > 1 else ()
    rows = {row.pair: row for row in known}
    _reopen(rows, stays, actor=actor, now=now)
    visits = []
    for stay in stays:
        row = rows.get(stay.pair) or _new(shift, signup, stay)
        if row.state not in _FINAL:
            _apply(row, stay, shift, signup, actor=actor, now=now)
        visits.append(row)
    stale.mark(clock.local_day(shift.starts_at), shift.station_id)
    return visits


def reopen(row: Visit, *, actor: Actor, now: datetime) -> None:
    """Take back what a visit earned and leave it as if nobody had gone, to be judged anew."""
    entry = ledger.latest_of_source(Ref("visit", row.id))
    if entry is not None and entry.reverses_id is None:
        hours.reverse(entry.id, actor=actor, now=now)
    row.state, row.pending, row.out_at = VisitState.OPEN, None, None
    row.settle_by_on, row.minutes = None, 0


def _reopen(
    rows: Mapping[int, Visit], stays: Sequence[Stay], *, actor: Actor, now: datetime
) -> None:
    """Reopen what is settled and is another stay since something was told beside the scans.

    All of them first: an old entry would else stand in the way of another one's new minutes. A visit
    that has become a part of another one is annulled.
    """
    wanted = {stay.pair: stay for stay in stays}
    for pair, row in rows.items():
        stay = wanted.get(pair)
        if stay is None and row.state != VisitState.ANNULLED:
            out_at = row.out_at or row.in_at
            reopen(row, actor=actor, now=now)
            row.state, row.out_at = VisitState.ANNULLED, out_at
        elif stay is not None and row.state in _FINAL and _is_another(row, stay):
            reopen(row, actor=actor, now=now)


def _is_another(row: Visit, stay: Stay) -> bool:
    given_up = row.state == VisitState.ANNULLED
    found = row.state == VisitState.LAPSED and stay.settled != Way.LAPSED
    return given_up or found or (row.in_at, row.out_at) != (stay.in_at, stay.out_at)


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
    row.in_at = stay.in_at
    if stay.out_at is None:
        return
    serves = rules.earns(signup.role, signup.participant)
    registered = serves and people.is_registered(signup.person_id)
    row.out_at = stay.out_at
    row.state, row.pending = rules_stays.standing(stay, earns=serves, registered=registered)
    row.settle_by_on = None
    row.minutes = 0
    if row.pending == Pending.NO_CHECK_OUT:
        days = settings.get("record_working_days")
        row.settle_by_on = add_working_days(clock.local_day(shift.ends_at), days)
    if serves and row.state in {VisitState.PROVISIONAL, VisitState.CLOSED}:
        _value(row, Span(stay.in_at, stay.out_at), stay.told, shift, actor=actor, now=now)


def _value(row: Visit, stay: Span, told: str, shift: Terms, *, actor: Actor, now: datetime) -> None:
    """Say what the stay is worth, and credit it when it is settled."""
    terms = ledger.terms()
    span, row.minutes = worth(stay, Span(shift.starts_at, shift.ends_at), terms)
    sheet = evidence(told)
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
            source=Source.PAPER if sheet else Source.CHECK_IN,
            source_ref=Ref("visit", row.id),
            rule={**terms.as_rule(), **sheet},
        ),
        actor=actor,
        now=now,
    )
    row.minutes = entry.minutes
