"""Visits follow scans: they are derived again after each one that counts, and closed into hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

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
from portal.hours.models_rules import ShortStays
from portal.hours.rules import Span, is_short, worth
from portal.hours.rules import Terms as CreditTerms
from portal.org.queries import add_working_days
from portal.people import queries as people
from portal.records import settings, stale
from portal.shifts.queries import Terms
from portal.signups.queries import Live

# Nobody says any more about these.
_FINAL = frozenset({VisitState.CLOSED, VisitState.LAPSED, VisitState.ANNULLED})


def follow(
    shift: Terms, signup: Live, marks: Sequence[Mark], *, actor: Actor, now: datetime
) -> list[Visit]:
    """Bring the person's visits of the shift in line with their scans; return them.

    What a late scan changes of a stay that was credited already is taken back and credited anew.
    """
    stays = rules_stays.derive(marks)
    known = queries.rows_at(shift.id, signup.person_id) if len(marks) > 1 else ()
    rows = {row.pair: row for row in known}
    _reopen(rows, stays, actor=actor, now=now)
    visits = []
    terms = ledger.terms(clock.local_day(shift.starts_at))
    case = _Case(shift, signup, terms, is_held=_is_held(stays, shift, terms))
    for stay in stays:
        row = rows.get(stay.pair) or _new(shift, signup, stay)
        if row.state not in _FINAL:
            _apply(row, stay, case, actor=actor, now=now)
        visits.append(row)
    stale.mark(clock.local_day(shift.starts_at), shift.station_id)
    return visits


def reopen(row: Visit, *, actor: Actor, now: datetime) -> None:
    """Let a stay be derived anew, as if nobody had gone yet: what it earned is taken back."""
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


class _Case(NamedTuple):
    """What the stays of somebody at a shift are judged by."""

    shift: Terms
    signup: Live
    terms: CreditTerms
    is_held: bool


def _is_held(stays: Sequence[Stay], shift: Terms, terms: CreditTerms) -> bool:
    """Return whether stays wait because together they are too short, where the rules want it."""
    if terms.short_stays != ShortStays.HOLD:
        return False
    spans = [Span(stay.in_at, stay.out_at) for stay in stays if stay.out_at is not None]
    return is_short(spans, Span(shift.starts_at, shift.ends_at), terms)


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


def _apply(row: Visit, stay: Stay, case: _Case, *, actor: Actor, now: datetime) -> None:
    row.in_at = stay.in_at
    if stay.out_at is None:
        return
    serves = rules.earns(case.signup.role, case.signup.participant)
    registered = serves and people.is_registered(case.signup.person_id)
    row.out_at = stay.out_at
    row.state, row.pending = rules_stays.standing(
        stay, earns=serves, registered=registered, is_held=case.is_held
    )
    row.settle_by_on = None
    row.minutes = 0
    if row.pending in {Pending.NO_CHECK_OUT, Pending.SHORT_STAY}:
        row.settle_by_on = settle_by(case.shift.ends_at)
    if serves and row.state in {VisitState.PROVISIONAL, VisitState.CLOSED}:
        _value(row, Span(stay.in_at, stay.out_at), stay.told, case, actor=actor, now=now)


def settle_by(ends_at: datetime) -> date:
    """Return until when somebody can say what is missing of a shift (product rule 4)."""
    return add_working_days(clock.local_day(ends_at), settings.get("record_working_days"))


def _value(row: Visit, stay: Span, told: str, case: _Case, *, actor: Actor, now: datetime) -> None:
    """Say what the stay is worth, and credit it when it is settled."""
    shift, terms = case.shift, case.terms
    planned = Span(shift.starts_at, shift.ends_at)
    span, minutes = worth(stay, planned, terms)
    row.minutes, sheet = min(minutes, terms.day_cap), evidence(told)
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
            minutes=minutes,
            source=Source.PAPER if sheet else Source.CHECK_IN,
            source_ref=Ref("visit", row.id),
            rule={**terms.as_rule(), "planned": [at.isoformat() for at in planned], **sheet},
        ),
        actor=actor,
        now=now,
    )
    row.minutes = entry.minutes
