"""Verbs on the ledger. It only grows; the person's row is locked before the chain is read."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.ref import Ref
from portal.hours import queries, rules
from portal.hours.models import LedgerEntry, Source
from portal.hours.rules import EntryFields, Judged, Span, Terms
from portal.people.models import Person
from portal.records import audit, stale


@dataclass(frozen=True, slots=True)
class Credit:
    """Minutes to be credited: given by whom, where, in which span, and for what.

    `minutes` is the most that can be credited; `rule` holds the figures it was judged by.
    """

    person_id: int
    shift_id: int | None
    station_id: int
    kind_id: int
    starts_at: datetime
    ends_at: datetime
    minutes: int
    source: Source
    source_ref: Ref
    rule: dict[str, Any] = field(default_factory=dict)


def credit(credit: Credit, *, actor: Actor, now: datetime) -> LedgerEntry:
    """Write the minutes down once: a second credit of the same source returns the first entry.

    The span is cut so that it overlaps no other live record of the person, the minutes so that
    the day stays within its cap. What is left may be 0 minutes; it is written down all the same,
    so that the record shows with its reason.
    """
    _lock(credit.person_id)
    before = queries.latest_of_source(credit.source_ref)
    if before is not None and before.reverses_id is None:
        return before
    judged, others = _judged(credit)
    entry = _append(
        credit,
        judged,
        source_round=before.source_round + 1 if before else 0,
        rule={**credit.rule, **_cuts(judged, others)},
        actor=actor,
        now=now,
    )
    _note("hours.credit", entry, actor=actor, now=now)
    return entry


def reverse(entry_id: int, *, actor: Actor, now: datetime) -> LedgerEntry:
    """Take a credit back by an entry of the same size below nought. Twice is harmless."""
    first = db.session.get_one(LedgerEntry, entry_id)
    _lock(first.person_id)
    latest = queries.latest_of_source(Ref(first.source_kind, first.source_id))
    if latest is None or latest.reverses_id == first.id:
        return latest or first
    if latest.id != first.id:
        raise ValueError("only the newest credit of a source can be reversed")
    entry = _append(
        _credit_of(first, -first.minutes),
        Judged(Span(first.starts_at, first.ends_at), -first.minutes),
        source_round=first.source_round + 1,
        rule={},
        reverses_id=first.id,
        actor=actor,
        now=now,
    )
    _note("hours.reverse", entry, actor=actor, now=now)
    return entry


def judge_again(entry_id: int, *, actor: Actor, now: datetime) -> LedgerEntry:
    """Credit anew what no longer fits beside the person's other records, once two were merged.

    Returns the newest entry of the source; one that still fits stays as it is.
    """
    entry = db.session.get_one(LedgerEntry, entry_id)
    _lock(entry.person_id)
    anew = _credit_of(entry, entry.minutes, entry.rule)
    if not _judged(anew, but_entry_id=entry.id)[0].cut_by:
        return entry
    reverse(entry.id, actor=actor, now=now)
    return credit(anew, actor=actor, now=now)


def _credit_of(entry: LedgerEntry, minutes: int, rule: dict[str, Any] | None = None) -> Credit:
    return Credit(
        person_id=entry.person_id,
        shift_id=entry.shift_id,
        station_id=entry.station_id,
        kind_id=entry.kind_id,
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        minutes=minutes,
        source=Source(entry.source),
        source_ref=Ref(entry.source_kind, entry.source_id),
        rule=rule or {},
    )


def _lock(person_id: int) -> None:
    """Lock the record, and the one it was merged into: their minutes are judged together."""
    row = locked(Person, person_id)
    if row and row.merged_into_id:
        locked(Person, row.merged_into_id)


def _judged(credit: Credit, *, but_entry_id: int = 0) -> tuple[Judged, list[LedgerEntry]]:
    day = clock.local_day(credit.starts_at)
    around = queries.live_around(credit.person_id, day, credit.starts_at, credit.ends_at)
    others = [row for row in around if row.id != but_entry_id]
    judged = rules.judge(
        Span(credit.starts_at, credit.ends_at),
        credit.minutes,
        [Span(row.starts_at, row.ends_at) for row in others],
        sum(row.minutes for row in others if row.day == day),
        # Judged again, a record keeps the figures it was judged by.
        Terms.of_rule(credit.rule) or queries.terms(day),
    )
    return judged, others


def _cuts(judged: Judged, others: list[LedgerEntry]) -> dict[str, Any]:
    """Return what cut the minutes, as it is stored with the entry."""
    if not judged.cut_by:
        return {}
    return {"cut_by": list(judged.cut_by), "beside": sorted(row.id for row in others)}


def _append(  # noqa: PLR0913  the last step of two verbs
    credit: Credit,
    judged: Judged,
    *,
    source_round: int,
    rule: dict[str, Any],
    actor: Actor,
    now: datetime,
    reverses_id: int | None = None,
) -> LedgerEntry:
    last = queries.last_of(credit.person_id)
    fields = EntryFields(
        person_id=credit.person_id,
        seq=last.seq + 1 if last else 1,
        shift_id=credit.shift_id,
        station_id=credit.station_id,
        kind_id=credit.kind_id,
        day=clock.local_day(credit.starts_at),
        starts_at=judged.span.starts_at,
        ends_at=judged.span.ends_at,
        minutes=judged.minutes,
        source=str(credit.source),
        source_kind=credit.source_ref.kind,
        source_id=credit.source_ref.id,
        source_round=source_round,
        reverses_id=reverses_id,
        rule=rule,
        actor_id=actor.person_id,
        at=now,
    )
    chained = rules.digest(last.digest if last else rules.CHAIN_START, fields)
    entry = LedgerEntry(**asdict(fields), digest=chained)
    db.session.add(entry)
    db.session.flush()
    stale.mark(entry.day, entry.station_id)
    return entry


def _note(verb: str, entry: LedgerEntry, *, actor: Actor, now: datetime) -> None:
    audit.record(
        verb,
        Ref("ledger_entry", entry.id),
        actor=actor,
        now=now,
        station_id=entry.station_id,
        person=entry.person_id,
        minutes=entry.minutes,
    )
