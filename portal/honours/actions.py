"""Verbs on honours: give one, withdraw it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.honours import policy, queries, rules
from portal.honours.models import PERSONAL, Honour
from portal.honours.subjects import Subject
from portal.notices.actions import tell
from portal.people import queries as people
from portal.people.locks import lock_person
from portal.records import audit, notes

NOTE, REASON = "note", "reason"


@dataclass(frozen=True, slots=True)
class NewHonour:
    """What was given when and by whom; `note` is erasable."""

    title: str
    level_id: int
    given_on: date
    issuer: str
    document_no: str = ""
    note: str = ""


def give(subject: Subject, said: NewHonour, *, actor: Actor, now: datetime) -> Honour:
    """Write an honour down; the same twice is one. A person is told.

    Raises Refused: `not_theirs` (another station's), `own_record` (nobody honours themselves).
    """
    station_id = subject.station_id
    if station_id is None or not (
        actor.is_system or actor.holds_any(*policy.KEEPERS, at=station_id)
    ):
        raise Refused(Reason("not_theirs", _("这不归您的站点管，请由所属站点或者创建办登记。")))
    if subject.kind in PERSONAL:
        lock_person(subject.id)
        if actor.person_id in {*people.own_ids(subject.id), *queries.family_of(subject.id)}:
            raise Refused(rules.own_record())
    known = queries.same(subject.kind, subject.id, said.title, said.given_on)
    if known is not None:
        return known
    row = Honour(
        subject_kind=subject.kind,
        subject_id=subject.id,
        station_id=station_id,
        title=said.title,
        level_id=said.level_id,
        given_on=said.given_on,
        issuer=said.issuer,
        document_no=said.document_no,
        recorded_by_id=actor.person_id,
        recorded_at=now,
    )
    db.session.add(row)
    db.session.flush()
    notes.put(ref(row), NOTE, said.note, actor=actor, now=now)
    audit.record("honour.give", ref(row), actor=actor, now=now, station_id=station_id)
    if subject.kind in PERSONAL:
        tell(subject.id, "honour_given", ref(row), now=now)
    return row


def withdraw(honour_id: int, reason: str, *, actor: Actor, now: datetime) -> Honour:
    """Take back what was wrong: it stays, marked, with the reason. Twice is harmless."""
    row = cast(Honour, locked(Honour, honour_id))
    if row.withdrawn_at is None:
        row.withdrawn_at, row.withdrawn_by_id = now, actor.person_id
        notes.put(ref(row), REASON, reason, actor=actor, now=now)
        audit.record("honour.withdraw", ref(row), actor=actor, now=now, station_id=row.station_id)
    return row


def ref(row: Honour) -> Ref:
    """Return how notes, notices and the log name it."""
    return Ref("honour", row.id)
