"""What others call by name: the tick's work, the check, the legal export, erasure, links."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from flask import url_for

from portal.arrivals import (
    actions_claims,
    actions_paper,
    actions_walk_ins,
    queries_claims,
    queries_walk_ins,
)
from portal.arrivals import queries_paper as paper
from portal.arrivals.models_claims import Claim
from portal.arrivals.models_paper import PaperBatch
from portal.arrivals.models_walk_ins import WalkIn
from portal.arrivals.queries_states import wrong_states
from portal.attendance.models_sheets import PaperSheet
from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.core.db import db, write
from portal.org.working_days import Deadline
from portal.people import queries as people
from portal.records import notes
from portal.shifts import queries as shifts

# What was written by hand on a sheet and never released is of use to nobody after this.
NAMES_KEPT = timedelta(days=60)


def due(now: datetime) -> None:
    """Let claims and walk-ins that nobody confirmed in time count nothing."""
    today = clock.local_day(now)
    for claim_id in queries_claims.overdue(today):
        write(actions_claims.lapse, claim_id, actor=SYSTEM, now=now)
    for walk_in_id in queries_walk_ins.overdue(today):
        write(actions_walk_ins.lapse, walk_in_id, actor=SYSTEM, now=now)
    for batch_id in paper.names_left(now - NAMES_KEPT):
        write(actions_paper.forget_names, batch_id, actor=SYSTEM, now=now)


def check() -> list[str]:
    """Return one line for each thing that is not in the state of its last step."""
    kinds: dict[str, type[PaperBatch | Claim | WalkIn]] = {
        "paper_batch": PaperBatch,
        "claim": Claim,
        "walk_in": WalkIn,
    }
    return [
        f"{kind} {row_id}: is {state}, its last step led to {step or 'nowhere'}"
        for kind, model in kinds.items()
        for row_id, state, step in wrong_states(kind, model)
    ]


def deadlines(since: date) -> list[Deadline]:
    """Return until when claims and walk-ins may be confirmed: working days after the end."""
    claims: list[tuple[Any, datetime]] = [
        (row, row.shift.ends_at) for row in queries_claims.waiting_until(since)
    ]
    ends = claims + [(row, row.shift.ends_at) for row in queries_walk_ins.waiting_until(since)]
    return [Deadline(row, "settle_by_on", clock.local_day(ends_at)) for row, ends_at in ends]


def export(person_id: int) -> dict[str, Any]:
    """Return what the person said at posters, and where they walked in, for the legal export."""
    return {
        "claims": [
            {
                "shift_id": row.shift.public_id,
                "direction": row.direction,
                "at": clock.local(row.at).isoformat(),
                "state": row.state,
            }
            for row in queries_claims.of_person(person_id)
        ],
        "walk_ins": [_of_walk_in(row) for row in _walk_ins(person_id)],
    }


def _walk_ins(person_id: int) -> list[WalkIn]:
    return list(queries_walk_ins.of_person(people.own_ids(person_id)))


def _of_walk_in(row: WalkIn) -> dict[str, Any]:
    return {
        "shift_id": row.shift.public_id,
        "in_at": clock.local(row.in_at).isoformat(),
        "out_at": clock.local(row.out_at).isoformat() if row.out_at else None,
        "state": row.state,
    }


def erase(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Forget names, numbers and words about the person, and by which phone they spoke."""
    own = people.own_ids(person_id)
    for walk_in in queries_walk_ins.of_person(own):
        walk_in.name = walk_in.phone = ""
        notes.erase(actions_walk_ins.ref(walk_in))
    for entry in paper.entries_of_person(own):
        entry.name = entry.phone = ""
    for claim in queries_claims.of_person(person_id):
        claim.device = ""


def url_shift_claims(id: int) -> str:  # noqa: A002  the hook's form
    """Return where the leader confirms the claims of a shift."""
    return url_for("arrivals.led_claims", shift=shifts.shift(id).public_id)


def url_paper_batch(id: int) -> str:  # noqa: A002  the hook's form
    """Return where a batch is typed on."""
    batch = db.session.get_one(PaperBatch, id)
    sheet = db.session.get_one(PaperSheet, batch.sheet_id)
    shift = shifts.shift(sheet.shift_id)
    return url_for("arrivals.paper_sheet", shift=shift.public_id, number=sheet.number)
