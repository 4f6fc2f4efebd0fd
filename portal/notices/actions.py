"""Verbs on notices."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from portal.core.access import Actor
from portal.core.db import db
from portal.core.ref import Ref
from portal.notices.models import Notice
from portal.people.queries import selves
from portal.people.queries_family import to_tell_for
from portal.records import outbox


def tell(
    person_id: int,
    kind: str,
    subject: Ref,
    *,
    now: datetime,
    wait: timedelta | None = None,
    **payload: Any,
) -> None:
    """Tell a person something, after `wait`: a row of the outbox in the running transaction.

    `kind` is one of `texts.NOTICES`; the payload holds ids, numbers and ISO times only. What concerns
    somebody without an account goes to their family as well, who know `for` whom it is.
    """
    told: dict[str, Any] = {"person_id": person_id, "kind": kind, **payload}
    outbox.put("notice", subject, told, now=now, wait=wait)
    for holder_id in sorted(to_tell_for(person_id)):
        copy = {**told, "person_id": holder_id, "for": person_id}
        outbox.put("notice", subject, copy, now=now, wait=wait)


def read_all(person_id: int, *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Mark the person's notices as read."""
    unread = update(Notice).where(Notice.person_id.in_(selves(person_id)), Notice.read_at.is_(None))
    db.session.execute(unread.values(read_at=now))
