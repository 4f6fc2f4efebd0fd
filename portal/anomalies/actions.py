"""Verbs on findings: write down what was found, and what somebody found out about it.

No verb here touches an hour, a visit or a person: that is done where these are kept, by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from portal.anomalies import queries, rules
from portal.anomalies.models import (
    OPEN,
    Anomaly,
    AnomalyRecord,
    AnomalyRun,
    AnomalyState,
    RecordKind,
)
from portal.anomalies.rules import Finding
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.steps import next_state
from portal.records import audit, notes, steps


def keep(day: date, findings: Sequence[Finding], *, actor: Actor, now: datetime) -> int:
    """Write down what was found up to a local day; return how much of it is new.

    What was found before is no second finding. While nobody has looked into it, records that came
    since are added; afterwards it stays as it was decided about.
    """
    known = queries.by_keys([found.key for found in findings])
    waiting = [row.id for row in known.values() if row.state == AnomalyState.NEW]
    before = queries.records_of(waiting)
    fresh = 0
    for found in findings:
        row = known.get(found.key)
        if row is None:
            known[found.key] = _put(found, actor=actor, now=now)
            fresh += 1
        elif row.id in before:
            _add(row, found, before[row.id])
    if not queries.was_looked_through(day):
        db.session.add(AnomalyRun(day=day, found=fresh, at=now))
    return fresh


def _put(found: Finding, *, actor: Actor, now: datetime) -> Anomaly:
    row = Anomaly(
        kind=found.kind,
        key=found.key,
        station_id=found.station_id,
        person_id=found.person_id,
        day=found.day,
        facts=dict(found.facts),
        state=AnomalyState.NEW,
        found_at=now,
    )
    db.session.add(row)
    db.session.flush()
    _add(row, found, set())
    _record(row, "", rules.FIND, "", actor=actor, now=now)
    return row


def _add(row: Anomaly, found: Finding, before: set[tuple[str, int]]) -> None:
    records = {(RecordKind.SCAN.value, one) for one in found.checks}
    records |= {(RecordKind.ENTRY.value, one) for one in found.entries}
    new = records - before
    if new:
        row.facts = dict(found.facts)
        db.session.add_all(
            AnomalyRecord(anomaly_id=row.id, kind=kind, record_id=record_id)
            for kind, record_id in sorted(new)
        )


def decide(anomaly_id: int, verb: str, words: str, *, actor: Actor, now: datetime) -> Anomaly:
    """Say what came of looking into it: `fine`, `corrected` or `talk`. Twice is harmless.

    Raises Refused when the finding is about the actor.
    """
    row = _lock(anomaly_id)
    if row.state == rules.DECISIONS[verb] and notes.latest(ref(row), verb) == words:
        return row
    return _move(row, verb, words, actor=actor, now=now)


def reopen(anomaly_id: int, *, actor: Actor, now: datetime) -> Anomaly:
    """Look into it once more; twice is harmless."""
    row = _lock(anomaly_id)
    return row if row.state in OPEN else _move(row, "reopen", "", actor=actor, now=now)


def note_sight(anomaly_id: int, *, actor: Actor, now: datetime) -> None:
    """Write down that somebody saw the names behind it."""
    row = db.session.get_one(Anomaly, anomaly_id)
    audit.record(
        "person.reveal", ref(row), actor=actor, now=now, station_id=row.station_id, what="names"
    )


def ref(row: Anomaly) -> Ref:
    """Return how steps, notes and the log name the row."""
    return Ref("anomaly", row.id)


def _lock(anomaly_id: int) -> Anomaly:
    row = locked(Anomaly, anomaly_id)
    if row is None:  # pragma: no cover  rows are never deleted
        raise LookupError(anomaly_id)
    return row


def _move(row: Anomaly, verb: str, words: str, *, actor: Actor, now: datetime) -> Anomaly:
    if actor.person_id is not None and queries.concerns(row.id, actor.person_id):
        message = _("这一条和您自己有关，要由另一位同事来看。")
        raise Refused(Reason("own_records", message))
    before = AnomalyState(row.state)
    row.state = next_state(rules.STEPS, before, verb)
    is_open = row.state in OPEN
    row.decided_at = None if is_open else now
    row.decided_by_id = None if is_open else actor.person_id
    _record(row, before, verb, words, actor=actor, now=now)
    return row


def _record(
    row: Anomaly, before: str, verb: str, words: str, *, actor: Actor, now: datetime
) -> None:
    subject = ref(row)
    steps.record(subject, before, verb, row.state, actor=actor, now=now)
    notes.put(subject, verb, words, actor=actor, now=now)
    audit.record(f"anomaly.{verb}", subject, actor=actor, now=now, station_id=row.station_id)
