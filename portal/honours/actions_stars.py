"""Verbs on star levels: recognise what was reached, withdraw it."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.honours import queries_stars as queries
from portal.honours import rules
from portal.honours.models_stars import StarRecognition
from portal.hours import queries as ledger
from portal.notices.actions import tell
from portal.people import queries as people
from portal.people.locks import lock_person
from portal.records import audit, steps

REACHED, RECOGNISED, WITHDRAWN = "reached", "recognised", "withdrawn"


def recognise(person_id: int, level: int, *, actor: Actor, now: datetime) -> StarRecognition:
    """Recognise a level that the ledger has the hours for. Twice is harmless.

    Raises Refused: `not_reached`, `own_record`.
    """
    lock_person(person_id)
    if actor.person_id in people.own_ids(person_id):
        raise Refused(rules.own_record())
    known = next((row for row in queries.live_of(person_id) if row.level == level), None)
    if known is not None:
        return known
    minutes, hours = ledger.total(person_id), queries.hours()
    if not 1 <= level <= rules.level(minutes, hours):
        raise Refused(Reason("not_reached", _("现在的服务时长没有达到这个星级。")))
    row = StarRecognition(
        person_id=person_id,
        level=level,
        hours=hours[level - 1],
        minutes=minutes,
        recognised_by_id=actor.person_id,
        recognised_at=now,
    )
    db.session.add(row)
    db.session.flush()
    _record(row, REACHED, "recognise", RECOGNISED, actor=actor, now=now)
    tell(person_id, "star_recognised", ref(row), now=now)
    return row


def withdraw(star_id: int, *, actor: Actor, now: datetime) -> StarRecognition:
    """Take a recognition back, once the hours are gone; it stays, marked. Twice is harmless.

    Raises Refused(`still_reached`).
    """
    row = cast(StarRecognition, locked(StarRecognition, star_id))
    if row.withdrawn_at is not None:
        return row
    if ledger.total(row.person_id) >= row.hours * 60:
        raise Refused(Reason("still_reached", _("服务时长还够这个星级，不用撤销。")))
    row.withdrawn_at, row.withdrawn_by_id = now, actor.person_id
    _record(row, RECOGNISED, "withdraw", WITHDRAWN, actor=actor, now=now)
    return row


def ref(row: StarRecognition) -> Ref:
    """Return how steps, notices and the log name it."""
    return Ref("star", row.id)


def _record(
    row: StarRecognition, before: str, verb: str, after: str, *, actor: Actor, now: datetime
) -> None:
    steps.record(ref(row), before, verb, after, actor=actor, now=now)
    audit.record(
        f"star.{verb}", ref(row), actor=actor, now=now, person=row.person_id, level=row.level
    )
