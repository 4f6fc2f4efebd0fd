"""What others call by name: the own page of the volunteer, the legal export, erasure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import url_for
from sqlalchemy import delete

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.org.working_days import Deadline
from portal.people import queries as people
from portal.people.models import Volunteer, VolunteerState, VolunteerTerm
from portal.records import notes, steps
from portal.registration import application, moves, queries, rules


def url_volunteer(id: int) -> str:  # noqa: A002  the hook's form
    """Return where a notice about a volunteer leads."""
    return url_for("registration.mine")


def export(person_id: int) -> dict[str, Any]:
    """Return the person's registration, teams and guardians for the legal export."""
    row = people.volunteer_of(person_id)
    guardian = queries.guardian_of(person_id)
    return {
        "volunteer": _exported(row) if row else {"state": None, "volunteer_no": None},
        "teams": [
            {"name": team.name, "state": member.state}
            for team, member in queries.teams_of(person_id)
        ],
        "guardian": {"name": guardian.name, "phone": guardian.phone} if guardian else None,
        "guardian_consents": [
            {"at": _time(one.at), "channel": one.channel, "withdrawn_at": _time(one.withdrawn_at)}
            for one in queries.guardian_consents(person_id)
        ],
    }


def _exported(row: Volunteer) -> dict[str, Any]:
    emergency = queries.emergency_of(row)
    unit = queries.unit(row.unit_id)
    subject = moves.ref(row)
    return {
        "state": row.state,
        "volunteer_no": row.volunteer_no,
        "station": row.station.name,
        "applied_at": _time(row.applied_at),
        "registered_at": _time(row.registered_at),
        "left_at": _time(row.left_at),
        "identity_check": row.identity_check,
        "id_number_last4": row.id_number_last4 or None,
        "emergency_contact": {"name": emergency.name, "phone": emergency.phone}
        if emergency
        else None,
        "civilized_unit": unit.name if unit else None,
        "skills_and_services": [term.code for term in queries.terms_of(row.id)],
        "free_times": rules.free_slots(row.free_times),
        "steps": [
            {"at": _time(step.at), "verb": step.verb, "to": step.to_state}
            for step in steps.of(subject)
        ],
        "notes": [
            {"at": _time(note.at), "kind": note.kind, "text": note.text}
            for note in notes.of(subject)
        ],
    }


def _time(at: datetime | None) -> str | None:
    return clock.local(at).isoformat() if at else None


def erase(person_id: int, *, actor: Actor, now: datetime) -> None:
    """End the volunteering and delete what was said about it; state, number and steps stay."""
    row = people.volunteer_of(person_id)
    if row is None:
        return
    verb = rules.closing_verb(VolunteerState(row.state))
    if verb:
        moves.move(row, verb, actor=actor, now=now)
    if row.state == VolunteerState.LEFT and row.left_at is None:
        row.left_at = now
    application.forget_id_number(row)
    row.emergency_sealed = None
    row.unit_id = None
    row.free_times = 0
    db.session.execute(delete(VolunteerTerm).where(VolunteerTerm.volunteer_id == row.id))
    notes.erase(moves.ref(row))


def deadlines(since: date) -> list[Deadline]:
    """Return by when applications are to be decided: working days after they were made."""
    return [
        Deadline(row, "due_on", clock.local_day(row.applied_at))
        for row in queries.waiting_from(since)
    ]
