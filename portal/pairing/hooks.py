"""What others call by name: the tick's work, the check, the legal export, erasure, links."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import url_for

from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.core.db import write
from portal.pairing import actions_projects, checks, queries
from portal.pairing.models import PairingProject
from portal.records import notes


def due(now: datetime) -> None:
    """Remind who is in charge, once, of a project over its planned day."""
    for project_id in queries.overdue_untold(clock.local_day(now)):
        write(actions_projects.tell_overdue, project_id, actor=SYSTEM, now=now)


def check() -> list[str]:
    """Return one line for each pairing, project and joint activity that is not what it says."""
    return [
        *checks.closed_units(),
        *checks.strange_links(),
        *checks.live_in_ended(),
        *checks.wrong_states(),
    ]


def url_pairing(id: int) -> str:  # noqa: A002  the hook's form
    """Return where everybody reads of pairings; notices lead to the page of one's own side."""
    return url_for("pairing.index")


def export(person_id: int) -> dict[str, Any]:
    """Return what the person wrote into the lists, and what they are in charge of."""
    return {
        "pairing_items": [
            {
                "id": row.public_id,
                "kind": row.kind,
                "title": row.title,
                "details": row.details,
                "at": clock.local(row.created_at).isoformat(),
            }
            for row in queries.written_by(person_id)
        ],
        "pairing_projects": [_exported(row) for row in queries.in_charge_of(person_id)],
    }


def _exported(row: PairingProject) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "title": row.title,
        "state": row.state,
        "planned_on": row.planned_on.isoformat(),
        "done_on": row.done_on.isoformat() if row.done_on else None,
    }


def erase(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Delete the person's own words beside the titles; what was done together stays, by id alone.

    Titles are the station's and the unit's: they name what is done, not who.
    """
    for item in queries.written_by(person_id):
        item.details = ""
    for project in queries.in_charge_of(person_id):
        notes.erase(actions_projects.project_ref(project))
