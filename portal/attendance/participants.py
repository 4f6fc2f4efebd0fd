"""As what somebody on the roster takes part; the hours follow, also those that were counted already."""

from __future__ import annotations

from datetime import datetime

from portal.attendance import queries, visits
from portal.core.access import Actor
from portal.core.db import db
from portal.shifts import queries as shifts
from portal.signups import participants
from portal.signups import queries as signups
from portal.signups.models import ParticipantKind


def set_kind(signup_id: int, kind: ParticipantKind, *, actor: Actor, now: datetime) -> None:
    """Set it on the roster. Minutes that no longer count are taken back, others are credited.

    Twice is harmless. Raises what `signups.participants.set_kind` raises.
    """
    if not participants.set_kind(signup_id, kind, actor=actor, now=now):
        return
    db.session.flush()
    signup = signups.columns(signup_id)
    rows = [
        row
        for row in queries.visits_at(signups.shift_of(signup_id), signup.person_id)
        if row.out_at is not None
    ]
    if not rows:
        return
    for row in rows:
        visits.reopen(row, actor=actor, now=now)
    shift = shifts.terms(rows[0].shift_id)
    marks = queries.marks(shift.id, signup.person_id)
    visits.follow(shift, signup, marks, actor=actor, now=now)
