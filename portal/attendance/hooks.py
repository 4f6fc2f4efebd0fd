"""What others call by name: the tick's work, the check, the legal export, links."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from flask import url_for

from portal.attendance import actions, checks, queries
from portal.attendance.models import Visit, VisitState
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import write
from portal.hours import queries as ledger
from portal.hours.models import LedgerEntry, Source
from portal.org.working_days import Deadline
from portal.records import settings
from portal.signups import actions as signup_actions
from portal.signups.models import SignupState

# The contract: whoever has not come a day after the end did not come.
ABSENT_AFTER = timedelta(hours=24)


def due(now: datetime) -> None:
    """Close forgotten visits, let unconfirmed ones lapse, and note who did not come."""
    late = timedelta(minutes=settings.get("check_out_late_minutes"))
    for visit_id in queries.left_open(now - late):
        write(actions.close_by_rule, visit_id, actor=SYSTEM, now=now)
    for visit_id in queries.unsettled(clock.local_day(now)):
        write(actions.lapse, visit_id, actor=SYSTEM, now=now)
    for signup_id in queries.absent(now - ABSENT_AFTER):
        write(signup_actions.mark, signup_id, SignupState.NO_SHOW, actor=SYSTEM, now=now)


def check() -> list[str]:
    """Return one line for each visit, credit or sign-up that does not follow from the scans."""
    return checks.check()


def export(person_id: int) -> dict[str, Any]:
    """Return visits and service records for the legal export."""
    visits = queries.visits_of(person_id)
    entries = ledger.entries_of(person_id)
    taken_back = {row.reverses_id for row in entries}
    records = [
        _of_entry(row, is_reversed=row.id in taken_back)
        for row in entries
        if row.reverses_id is None
    ]
    records += [_provisional(row) for row in visits if row.state == VisitState.PROVISIONAL]
    return {"visits": [_of_visit(row) for row in visits], "service_records": records}


def url_visit(visit_id: int) -> str:
    """Return where a visit is shown to its person."""
    return url_for("attendance.my_hours")


def url_credit_rule(rule_id: int) -> str:
    """Return where the versions of the rules are shown."""
    return url_for("attendance.rules_index")


def _of_visit(row: Visit) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "shift_id": row.shift.public_id,
        "role": row.role,
        "in_at": clock.local(row.in_at).isoformat(),
        "out_at": clock.local(row.out_at).isoformat() if row.out_at else None,
        "state": row.state,
        "pending": row.pending,
        "minutes": row.minutes,
    }


def _of_entry(row: LedgerEntry, *, is_reversed: bool) -> dict[str, Any]:
    return {
        "shift_id": row.shift.public_id if row.shift else None,
        "minutes": 0 if is_reversed else row.minutes,
        "source": row.source,
        "state": "reversed" if is_reversed else "credited",
    }


def _provisional(row: Visit) -> dict[str, Any]:
    """Return a record to be: what counts now is nothing, what it is worth stands on the visit."""
    return {
        "shift_id": row.shift.public_id,
        "minutes": 0,
        "source": Source.CHECK_IN,
        "state": "provisional",
    }


def deadlines(since: date) -> list[Deadline]:
    """Return until when visits without a check-out may be confirmed: working days after the end."""
    return [
        Deadline(row, "settle_by_on", clock.local_day(row.shift.ends_at))
        for row in queries.to_settle_by(since)
    ]
