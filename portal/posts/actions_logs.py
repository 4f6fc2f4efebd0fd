"""Writing down what a duty came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.posts import queries_logs
from portal.posts.models_logs import DutyCount, DutyLog
from portal.records import audit, notes
from portal.shifts.models import Shift, ShiftState

INCIDENT = "incident"


@dataclass(frozen=True, slots=True)
class Logged:
    """What is written: people helped, how often what was done (by term), words about an incident."""

    helped: int
    counts: Mapping[int, int]
    incident: str = ""


def record(shift_id: int, logged: Logged, *, actor: Actor, now: datetime) -> DutyLog:
    """Write the log of a shift, or a corrected version of it; the same again changes nothing.

    Raises Refused before the duty has begun, and when it was called off.
    """
    shift = locked(Shift, shift_id)
    if shift is None or shift.state != ShiftState.PLANNED:
        raise Refused(Reason("called_off", _("这一班取消了，没有值岗记录。")))
    if now < shift.starts_at:
        raise Refused(Reason("too_early", _("这一班还没开始，值完再来登记。")))
    counts = {term_id: number for term_id, number in logged.counts.items() if number}
    before = queries_logs.latest(shift_id)
    if before and _is_same(before, Logged(logged.helped, counts, logged.incident)):
        return before
    row = DutyLog(
        shift_id=shift_id,
        version=before.version + 1 if before else 1,
        helped=logged.helped,
        actor_id=actor.person_id,
        at=now,
    )
    db.session.add(row)
    db.session.flush()
    db.session.add_all(
        DutyCount(log_id=row.id, term_id=term_id, number=number)
        for term_id, number in counts.items()
    )
    notes.put(ref(row), INCIDENT, logged.incident, actor=actor, now=now)
    audit.record(
        "duty_log.record", ref(row), actor=actor, now=now, station_id=shift.station_id,
        shift=shift_id, version=row.version,
    )  # fmt: skip
    return row


def ref(row: DutyLog) -> Ref:
    """Return what notes and audit rows of a log name."""
    return Ref("duty_log", row.id)


def _is_same(before: DutyLog, logged: Logged) -> bool:
    return (
        before.helped == logged.helped
        and dict(queries_logs.counts(before.id)) == dict(logged.counts)
        and notes.latest(ref(before), INCIDENT) == logged.incident
    )
