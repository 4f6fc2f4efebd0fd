"""Showing somebody's telephone number to who keeps the roster: for a reason, and written down."""

from __future__ import annotations

from datetime import datetime

from portal.attendance.phones import Why
from portal.core.access import Actor
from portal.core.db import db
from portal.core.ref import Ref
from portal.people import queries as people
from portal.records import audit, limits, notes
from portal.shifts import queries as shifts
from portal.signups.models import Signup


def reveal(signup_id: int, why: Why, words: str, *, actor: Actor, now: datetime) -> str:
    """Return the number; who saw it and why is written down, words about it can be erased."""
    row = db.session.get_one(Signup, signup_id)
    shift = shifts.terms(row.shift_id)
    limits.count(limits.DESK_LOOK_UP, str(actor.person_id), now=now)
    audit.record(
        "person.reveal", Ref("person", row.person_id), actor=actor, now=now,
        station_id=shift.station_id, what="phone", why=why.value, shift=shift.id,
    )  # fmt: skip
    notes.put(Ref("signup", row.id), "reveal", words, actor=actor, now=now)
    return people.person(row.person_id).phone or ""
