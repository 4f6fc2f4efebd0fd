"""Verbs on workbooks: keep what was read until it is looked over, import it in one write, forget it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert

from portal.core import clock, tokens
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.membership import checking, moves, queries
from portal.membership import queries_members as members
from portal.membership.actions import put
from portal.membership.checking import Checked, Fate
from portal.membership.models import MembershipImport
from portal.membership.policy import Kept
from portal.membership.sheets import Line
from portal.org.models_party import PartyBranch
from portal.people.models import Person
from portal.people.models_consents import CONSENT_VERSIONS, Channel, Consent, ConsentKind
from portal.people.models_party import PartyMember


@dataclass(frozen=True, slots=True)
class Imported:
    """How many rows were taken, and how many not."""

    taken: int
    left_out: int


def keep(branch: Kept, lines: Sequence[Line], *, actor: Actor, now: datetime) -> MembershipImport:
    """Keep the rows, sealed, until the secretary has looked at the report."""
    moves.must_keep(branch.row.id, actor)
    row = MembershipImport(
        branch_id=branch.row.id,
        uploaded_by_id=actor.person_id or 0,
        uploaded_at=now,
        rows_sealed=tokens.seal(members.IMPORT_PURPOSE, checking.dumped(lines)),
    )
    db.session.add(row)
    db.session.flush()
    moves.record("membership.check", branch.row.id, actor=actor, now=now, rows=len(lines))
    return row


def drop(upload_id: int, *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Forget a workbook. Twice is harmless."""
    row = locked(MembershipImport, upload_id)
    if row is not None:
        db.session.delete(row)


def take(upload_id: int, branch: Kept, *, actor: Actor, now: datetime) -> Imported:
    """Put every usable row into its branch, on the paper consents that the secretary holds.

    Rows are judged once more: whoever came in since the report is found by now. All or nothing.
    """
    # One import at a time: no constraint says that two new rows are not of one person.
    locked(PartyBranch, queries.oldest_id())
    row = locked(MembershipImport, upload_id)
    if row is None:
        raise Refused(Reason("imported", _("这份名单已经导入过，或者放得太久了。请重新上传。")))
    moves.must_keep(row.branch_id, actor)
    lines = checking.loaded(members.rows_of(row))
    checked = checking.check(lines, branch, clock.local_day(now))
    fresh = [one for one in checked if one.fate == Fate.NEW]
    persons = _persons(fresh, actor=actor, now=now)
    _agree(persons, actor=actor, now=now)
    _join(fresh, persons, actor=actor, now=now)
    moved = [one for one in checked if one.fate == Fate.MOVED]
    for one in moved:
        put(*_place(one), Channel.PAPER, actor=actor, now=now)
    db.session.delete(row)
    taken = len(fresh) + len(moved)
    moves.record("membership.import", branch.row.id, actor=actor, now=now, rows=taken)
    return Imported(taken, len(checked) - taken)


def _place(one: Checked) -> tuple[int, int, date]:
    if one.person_id is None or one.since_on is None:  # pragma: no cover  moved rows have both
        raise LookupError(one.number)
    return one.person_id, one.branch_id, one.since_on


def _persons(rows: Sequence[Checked], *, actor: Actor, now: datetime) -> list[int]:
    """Return the persons of the rows, putting on record whoever is not; as the desk does, in bulk.

    The log has one row for all of them: one for each would name the members.
    """
    fresh = {
        one.number: Person(
            name=one.name, phone=one.phone, created_at=now, created_by_id=actor.person_id
        )
        for one in rows
        if one.person_id is None
    }
    db.session.add_all(fresh.values())
    db.session.flush()
    return [one.person_id or fresh[one.number].id for one in rows]


def _agree(person_ids: Sequence[int], *, actor: Actor, now: datetime) -> None:
    kind = ConsentKind.PARTY
    values = [
        {
            "person_id": person_id,
            "kind": kind,
            "text_version": CONSENT_VERSIONS[kind],
            "given": True,
            "channel": Channel.PAPER,
            "actor_id": actor.person_id,
            "at": now,
        }
        for person_id in person_ids
    ]
    if values:
        db.session.execute(insert(Consent), values)


def _join(
    rows: Sequence[Checked], person_ids: Sequence[int], *, actor: Actor, now: datetime
) -> None:
    values = [
        {
            "person_id": person_id,
            "branch_id": one.branch_id,
            "since_on": one.since_on,
            "channel": Channel.PAPER,
            "recorded_at": now,
            "recorded_by_id": actor.person_id,
        }
        for one, person_id in zip(rows, person_ids, strict=True)
    ]
    if values:
        db.session.execute(insert(PartyMember), values)
