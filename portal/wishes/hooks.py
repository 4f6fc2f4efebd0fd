"""What others call by name: the tick's work, checks, the legal export, erasure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from flask import url_for

from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.core.db import write
from portal.org.working_days import Deadline
from portal.records import notes, search, settings
from portal.wishes import (
    actions_closing,
    actions_desk,
    actions_due,
    actions_letter,
    actions_pledges,
    moves,
    queries,
)
from portal.wishes import queries_due as due_now
from portal.wishes import queries_pledges as pledges
from portal.wishes import queries_reach as reach
from portal.wishes import queries_stories as stories
from portal.wishes.models import Wish
from portal.wishes.models_pledges import Pledge

# So long after its end is kept who made a wish without a record of their own.
KEEP_PRIVATE = timedelta(days=180)
AT_ONCE = 200


def due(now: datetime) -> None:
    """Remind, lapse, raise, expire, forget, write the letters, index, credit what waited for its giver."""
    today = clock.local_day(now)
    lapsed = today - timedelta(days=settings.get("pledge_grace_days"))
    soon = today + timedelta(days=settings.get("pledge_reminder_days"))
    raised = now - timedelta(days=settings.get("wish_raise_days"))
    expired = now - timedelta(days=settings.get("wish_expire_days"))
    for pledge_id in pledges.to_lapse(lapsed):
        write(actions_pledges.lapse, pledge_id, actor=SYSTEM, now=now)
    for pledge_id in pledges.to_remind(soon):
        write(actions_pledges.remind, pledge_id, actor=SYSTEM, now=now)
    for wish_id in due_now.to_expire(expired):
        write(actions_due.expire, wish_id, actor=SYSTEM, now=now)
    for wish_id in due_now.to_raise(raised):
        write(actions_due.raise_up, wish_id, actor=SYSTEM, now=now)
    for wish_id in due_now.to_forget(now - KEEP_PRIVATE):
        write(actions_due.forget, wish_id, actor=SYSTEM, now=now)
    for wish_id in due_now.to_verify(today):
        write(actions_due.tell_overdue, wish_id, actor=SYSTEM, now=now)
    for person_id in reach.letter_due(actions_letter.week_of(now)):
        write(actions_letter.send_letter, person_id, actor=SYSTEM, now=now)
    # As after an upgrade that made the search index anew.
    for wish_id in search.missing("wish", queries.ids_on_wall(), AT_ONCE):
        write(actions_desk.index, wish_id)
    for help_id in pledges.to_credit():
        write(actions_closing.credit_late, help_id, actor=SYSTEM, now=now)


def check() -> list[str]:
    """Return one line for each wish that does not agree with its pledges, parts or words."""
    return [*_wrong_counters(), *_wrong_states(), *_wrong_words(), *_uncredited()]


def _wrong_counters() -> Iterator[str]:
    for wish_id, taken, rows in pledges.wrong_counters():
        yield f"wish {wish_id}: taken is {taken}, its pledges are {rows}"
    for wish_id, count, rows in due_now.wrong_parts():
        yield f"wish {wish_id}: has {count} parts, but {rows} rows"


def _wrong_states() -> Iterator[str]:
    for wish_id, state, pledge_id, pledge_state in pledges.wrong_states():
        yield f"wish {wish_id} is {state}, its pledge {pledge_id} is {pledge_state}"


def _wrong_words() -> Iterator[str]:
    for wish_id in due_now.without_last_text():
        yield f"wish {wish_id}: its public words are not those of its newest version"


def _uncredited() -> Iterator[str]:
    for help_id in pledges.credited_without_entry():
        yield f"wish help {help_id}: is marked as credited, but has no ledger entry"


def export(person_id: int) -> dict[str, Any]:
    """Return the person's wishes and pledges for the legal export."""
    return {
        "wishes": [_of_wish(row) for row in queries.of_person(person_id)],
        "pledges": [_of_pledge(row) for row in pledges.of_person(person_id)],
        "wish_letter": reach.wants_letter(person_id),
    }


def _of_wish(row: Wish) -> dict[str, Any]:
    private, told = queries.private_of(row.id), stories.story_of(row.id)
    return {
        "id": row.public_id,
        "number": row.number,
        "state": row.state,
        "kind": row.kind.code,
        "amount": row.amount,
        "urgency": row.urgency,
        "wished_on": row.wished_on.isoformat() if row.wished_on else None,
        "filed_at": clock.local(row.filed_at).isoformat(),
        "station": row.station.name,
        "name": private.name if private else None,
        "phone": private.phone if private else None,
        "address": private.address if private else None,
        "what": private.what if private else None,
        "why": private.why if private else None,
        "public_text": row.public_text or None,
        "satisfaction": row.satisfaction,
        "story": told.text if told else None,
        "notes": _notes(row),
    }


def _notes(row: Wish) -> list[dict[str, Any]]:
    return [
        {"at": clock.local(note.at).isoformat(), "kind": note.kind, "text": note.text}
        for note in notes.of(moves.ref(row))
    ]


def _of_pledge(row: Pledge) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "wish_id": row.wish.public_id,
        "state": row.state,
        "promised_on": row.promised_on.isoformat(),
        "pledged_at": clock.local(row.pledged_at).isoformat(),
        "ended_at": clock.local(row.ended_at).isoformat() if row.ended_at else None,
        "photos": len(stories.photos_of([row.id])),
        "minutes": sum(one.minutes for one in pledges.helps_of(row.id)),
    }


def url_wish(id: int) -> str:  # noqa: A002  the hook's form
    """Return where a notice about a wish leads."""
    return url_for("wishes.show", wish=queries.wish(id).public_id)


def erase(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Delete what tells who wished or helped. See `actions_due.erase`."""
    actions_due.erase(person_id, actor=actor, now=now)


def deadlines(since: date) -> list[Deadline]:
    """Return by when wishes are to be verified: working days after they were filed."""
    return [
        Deadline(row, "verify_by", clock.local_day(row.filed_at))
        for row in queries.to_verify_from(since)
    ]
