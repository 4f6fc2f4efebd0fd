"""What a merge of two records of one person means for visits and hours.

Visits, scans and the ledger stay with the record that they were written for; from now on they are
looked at, and judged, as those of one person.
"""

from __future__ import annotations

from datetime import datetime

from portal.attendance import actions, queries
from portal.attendance.models import Visit
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.hours import actions as hours
from portal.hours import queries as ledger
from portal.people import queries as people
from portal.records import stale


def join(kept_id: int, merged_id: int, *, actor: Actor, now: datetime) -> None:
    """Let two records hold as one: nothing twice, and what waited for the registration counts."""
    db.session.flush()
    _mark_days(kept_id, merged_id)
    for entry in ledger.live_of(merged_id):
        fitting = hours.judge_again(entry.id, actor=actor, now=now)
        if fitting.source_kind == "visit":
            db.session.get_one(Visit, fitting.source_id).minutes = fitting.minutes
    if people.is_registered(kept_id):
        actions.settle_registered(kept_id, actor=actor, now=now)


def _mark_days(kept_id: int, merged_id: int) -> None:
    """Who was counted as two persons on a day is one now."""
    for visit in queries.visits_of(kept_id):
        if visit.person_id == merged_id:
            stale.mark(clock.local_day(visit.shift.starts_at), visit.shift.station_id)
