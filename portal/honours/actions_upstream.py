"""Verbs on batches for the national system: make one, download it, say what became of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import cast

from sqlalchemy import insert, update

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.steps import next_state
from portal.honours import queries_upstream as queries
from portal.honours import rules
from portal.honours.models_upstream import BatchState, UpstreamBatch, UpstreamEntry
from portal.honours.queries_upstream import Asked, Line
from portal.people.rules import is_minor
from portal.records import audit, notes, steps

REASON = "reason"


def make(asked: Asked, *, actor: Actor, now: datetime) -> UpstreamBatch:
    """Take all that is new into a batch, with the corrections of what was entered before.

    The ledger is not touched: which entries are in it is said by rows of its own, and a constraint
    keeps an entry out of a second live batch. Raises Refused(`nothing_new`).
    """
    found = queries.ready(asked, rules.MOST_ROWS)
    if not found:
        raise Refused(Reason("nothing_new", _("没有新的记录要上报。")))
    corrections = sum(line.is_correction for line in found)
    row = UpstreamBatch(
        station_id=asked.station_id,
        first_on=asked.first_on,
        last_on=asked.last_on,
        state=BatchState.MADE,
        entries=len(found) - corrections,
        corrections=corrections,
        persons=len({line.person_id for line in found}),
        minutes=sum(line.entry.minutes for line in found),
        made_by_id=actor.person_id,
        made_at=now,
    )
    db.session.add(row)
    db.session.flush()
    db.session.execute(
        insert(UpstreamEntry),
        [{"batch_id": row.id, "entry_id": line.entry.id} for line in found],
    )
    steps.record(ref(row), "", "make", row.state, actor=actor, now=now)
    _audit("upstream.make", row, actor=actor, now=now)
    return row


def note_download(batch_id: int, kind: str, *, actor: Actor, now: datetime) -> list[Line]:
    """Write down who took the names and numbers out, and how many; return the rows.

    That data of minors is among them is logged for each of them (product rule 8).
    """
    row = db.session.get_one(UpstreamBatch, batch_id)
    found = list(queries.lines_of(batch_id))
    _audit("upstream.download", row, actor=actor, now=now, format=kind)
    today = clock.local_day(now)
    minors = {line.person_id for line in found if is_minor(line.birth_on, today)}
    note_minors(minors, "upstream", row.station_id, actor=actor, now=now)
    return found


def note_minors(
    person_ids: Collection[int], what: str, station_id: int, *, actor: Actor, now: datetime
) -> None:
    """Write down that staff saw data of these minors."""
    for person_id in sorted(person_ids):
        audit.record(
            "person.reveal", Ref("person", person_id), actor=actor, now=now,
            station_id=station_id, what=f"minor_{what}",
        )  # fmt: skip


def hand_in(batch_id: int, day: date, *, actor: Actor, now: datetime) -> UpstreamBatch:
    """Say that the file was handed in, and on which day."""
    row = _moved(batch_id, "hand_in", actor=actor, now=now)
    _must_have_been(day, clock.local_day(row.made_at), now)
    row.handed_in_on = day
    return row


def confirm(batch_id: int, day: date, *, actor: Actor, now: datetime) -> UpstreamBatch:
    """Say that the national system has it all, and since which day."""
    row = _moved(batch_id, "confirm", actor=actor, now=now)
    _must_have_been(day, row.handed_in_on or day, now)
    row.confirmed_on = day
    return row


def fail(batch_id: int, reason: str, *, actor: Actor, now: datetime) -> UpstreamBatch:
    """Undo a batch that never got there: its entries are offered again.

    Raises Refused(`corrected_later`) while a later batch corrects what stands in this one.
    """
    if queries.corrected_later(batch_id):
        message = _("后面的批次更正了这一批里的记录，请先作废那一批。")
        raise Refused(Reason("corrected_later", message))
    row = _moved(batch_id, "fail", actor=actor, now=now)
    held = update(UpstreamEntry).where(
        UpstreamEntry.batch_id == batch_id, UpstreamEntry.released_at.is_(None)
    )
    db.session.execute(held.values(released_at=now))
    notes.put(ref(row), REASON, reason, actor=actor, now=now)
    return row


def ref(row: UpstreamBatch) -> Ref:
    """Return how steps, notes and the log name it."""
    return Ref("upstream_batch", row.id)


# --- parts ---------------------------------------------------------------------------------------


def _moved(batch_id: int, verb: str, *, actor: Actor, now: datetime) -> UpstreamBatch:
    row = cast(UpstreamBatch, locked(UpstreamBatch, batch_id))
    before = BatchState(row.state)
    row.state = next_state(rules.STEPS, before, verb)
    steps.record(ref(row), before, verb, row.state, actor=actor, now=now)
    _audit(f"upstream.{verb}", row, actor=actor, now=now)
    return row


def _must_have_been(day: date, since: date, now: datetime) -> None:
    if not since <= day <= clock.local_day(now):
        raise Invalid("day", _("请检查这个日期"))


def _audit(verb: str, row: UpstreamBatch, *, actor: Actor, now: datetime, **details: str) -> None:
    audit.record(
        verb, ref(row), actor=actor, now=now, station_id=row.station_id,
        entries=row.entries, corrections=row.corrections, persons=row.persons, **details,
    )  # fmt: skip
