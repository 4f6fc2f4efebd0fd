"""How an approved request stands in the ledger: credited as a make-up, after what it replaces."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal.attendance.actions import take_back
from portal.core import clock
from portal.core.access import Actor, Role
from portal.corrections import queries
from portal.corrections.models import Correction
from portal.hours import actions as hours
from portal.hours import queries as ledger
from portal.hours.models import Source

# Who is reminded of an answer that is late: the nearest of the first who had no hand in it.
ANSWERERS = (Role.STATION_MANAGER, Role.CAMPAIGN_OFFICER)


def enter(row: Correction, *, actor: Actor, now: datetime) -> None:
    """Credit what is claimed; a correction first takes back the entry it is about.

    What somebody typed in is a make-up for ever, also where it puts right a check-in: the ledger
    shows both, and nothing is overwritten.
    """
    if row.entry is not None:
        hours.reverse(row.entry.id, actor=actor, now=now)
        if row.entry.source_kind == "visit":
            take_back(row.entry.source_id)
    if row.minutes:
        hours.credit(_credit(row, actor), actor=actor, now=now)


def _credit(row: Correction, actor: Actor) -> hours.Credit:
    rule: dict[str, Any] = {
        **ledger.terms(clock.local_day(row.starts_at)).as_rule(),
        "asked_by": row.author_id,
        "approved_by": actor.person_id,
    }
    if row.entry_id is not None:
        rule["corrects"] = row.entry_id
    return hours.Credit(
        person_id=row.person_id,
        shift_id=row.shift_id,
        station_id=row.station_id,
        kind_id=row.kind_id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        minutes=row.minutes,
        source=Source.MAKE_UP,
        source_ref=queries.ref(row),
        rule=rule,
    )
